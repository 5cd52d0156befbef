import { PintleError } from '../base/errors.ts';
import { resourceId, type Resource } from './resource.ts';

/** Names of objects, `Kind/name` or `Kind/namespace/name`, that must be ready before this one is written. */
const DEPENDS_ON = 'pintle.dev/depends-on';
/** An integer: objects of a higher wave are written when those of the lower ones are ready. Default 0. */
const WAVE = 'pintle.dev/wave';

/** One step of an operation: its objects do not depend on each other. */
export interface Wave {
  readonly resources: readonly Resource[];
}

/**
 * Parts the objects of a release into waves by their annotations, in their order within each wave; without annotations all
 * are one wave.
 *
 * @throws PintleError `manifest-invalid` for waves that are no integers, dependencies that are not in the release, and cycles
 */
export function planWaves(resources: readonly Resource[]): Wave[] {
  const isOrdered = (each: Resource): boolean => {
    const annotations = each.object.metadata.annotations;
    return annotations?.[DEPENDS_ON] !== undefined || annotations?.[WAVE] !== undefined;
  };
  if (!resources.some(isOrdered)) return [{ resources }];
  const levels = levelsOf(resources);
  const numbers = [...new Set(levels.values())].sort((a, b) => a - b);
  return numbers.map((number) => ({
    resources: resources.filter((each) => levels.get(resourceId(each)) === number),
  }));
}

/** How many objects stand before each one in the longest chain that leads to it. */
function levelsOf(resources: readonly Resource[]): Map<string, number> {
  const waves = new Map(resources.map((each) => [resourceId(each), waveOf(each)]));
  const numbers = [...new Set(waves.values())].sort((a, b) => a - b);
  const levels = new Map<string, number>();
  const visiting: string[] = [];
  const byId = new Map(resources.map((each) => [resourceId(each), each]));
  let floor = 0;
  const visit = (id: string): number => {
    const known = levels.get(id);
    if (known !== undefined) return known;
    const resource = byId.get(id);
    if (resource === undefined) return 0;
    if (visiting.includes(id)) throw cycle([...visiting.slice(visiting.indexOf(id)), id], byId);
    visiting.push(id);
    let level = floor;
    for (const dependency of dependenciesOf(resource, resources)) {
      if ((waves.get(dependency) ?? 0) > (waves.get(id) ?? 0)) {
        throw invalid(resource, `${DEPENDS_ON} names an object of a later wave`);
      }
      level = Math.max(level, visit(dependency) + 1);
    }
    visiting.pop();
    levels.set(id, level);
    return level;
  };
  for (const number of numbers) {
    for (const [id, wave] of waves) if (wave === number) visit(id);
    floor = Math.max(-1, ...levels.values()) + 1;
  }
  return levels;
}

function waveOf(resource: Resource): number {
  const text = resource.object.metadata.annotations?.[WAVE]?.trim();
  if (text === undefined || text === '') return 0;
  if (!/^[-+]?\d{1,9}$/.test(text)) throw invalid(resource, `${WAVE} is "${text}", not an integer`);
  return Number(text);
}

function dependenciesOf(resource: Resource, resources: readonly Resource[]): string[] {
  const text = resource.object.metadata.annotations?.[DEPENDS_ON] ?? '';
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((name) => resourceId(findNamed(resource, name, resources)));
}

function findNamed(resource: Resource, name: string, resources: readonly Resource[]): Resource {
  const parts = name.split('/');
  const [kind, second, third] = parts;
  const namespace = third === undefined ? undefined : second;
  const wanted = third ?? second;
  const found = resources.find(
    ({ type, key }) =>
      type.kind.toLowerCase() === kind?.toLowerCase() &&
      key.name === wanted &&
      (namespace === undefined || key.namespace === namespace),
  );
  if (found === undefined || parts.length > 3) {
    throw invalid(resource, `${DEPENDS_ON} names ${name}, which is not in the release (write Kind/name)`);
  }
  return found;
}

function invalid(resource: Resource, text: string): PintleError {
  return new PintleError('manifest-invalid', `${resource.type.kind} "${resource.key.name}": ${text}`);
}

function cycle(ids: readonly string[], byId: ReadonlyMap<string, Resource>): PintleError {
  const names = ids.map((id) => `${byId.get(id)?.type.kind ?? ''}/${byId.get(id)?.key.name ?? ''}`);
  return new PintleError('manifest-invalid', `objects depend on each other in a circle: ${names.join(' → ')}`);
}
