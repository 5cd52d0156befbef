import { PintleError } from '../base/errors.ts';
import type { SourceLocation } from '../base/source.ts';
import { nameOf, resourceId, type Resource } from './resource.ts';

/** Names of objects, `Kind/name` or `Kind/namespace/name`, that must be ready before this one is written. */
const DEPENDS_ON = 'pintle.dev/depends-on';
/** An integer: objects of a higher wave are written when those of the lower ones are ready. Default 0. */
const WAVE = 'pintle.dev/wave';

/** What follows the name of a template where a location is in what it gave. */
export const RENDERED = ' as rendered';

/** One object that is written, or deleted, and what comes before it. */
export interface GraphNode {
  readonly resource: Resource;
  /** What it waits for: objects of its own wave or of earlier ones. */
  readonly after: readonly Resource[];
}

/** Objects that are worked on together; all of them are ready before the next wave begins. */
export interface Wave {
  readonly number: number;
  /** In the order of the manifest. */
  readonly nodes: readonly GraphNode[];
}

/** True when an object says by an annotation when it is to be written. */
export function isOrdered(resources: readonly Resource[]): boolean {
  return resources.some(({ object }) => {
    const { annotations } = object.metadata;
    return annotations?.[DEPENDS_ON] !== undefined || annotations?.[WAVE] !== undefined;
  });
}

/**
 * The order in which the objects of a release are written, by their annotations. Without annotations all are one wave in which
 * nothing waits for anything.
 *
 * @throws PintleError `manifest-invalid` for waves that are no integers, dependencies that are not in the release or come later,
 * and circles, with the place of the annotation
 */
export function planOrder(resources: readonly Resource[]): Wave[] {
  if (!isOrdered(resources)) return [{ number: 0, nodes: resources.map((resource) => ({ resource, after: [] })) }];
  const numbers = new Map(resources.map((each) => [resourceId(each), waveOf(each)]));
  const nodes = resources.map((resource) => ({ resource, after: dependenciesOf(resource, resources) }));
  for (const { resource, after } of nodes) {
    const own = numbers.get(resourceId(resource)) ?? 0;
    const late = after.find((each) => (numbers.get(resourceId(each)) ?? 0) > own);
    if (late === undefined) continue;
    const other = numbers.get(resourceId(late)) ?? 0;
    throw invalid(resource, DEPENDS_ON, `names ${nameOf(late)}, which is in the later wave ${other}`);
  }
  refuseCircles(nodes);
  return byWave(nodes, numbers);
}

/**
 * The order in which objects are deleted: {@link planOrder} backwards. Faulty annotations, which a release that another program
 * installed may have, count for nothing.
 *
 * @param resources in the order in which they are deleted when nothing else is said
 */
export function planRemoval(resources: readonly Resource[]): Wave[] {
  if (!isOrdered(resources)) return [{ number: 0, nodes: resources.map((resource) => ({ resource, after: [] })) }];
  const numbers = new Map(resources.map((each) => [resourceId(each), readWave(each) ?? 0]));
  const isEarlier = (one: Resource, other: Resource): boolean =>
    (numbers.get(resourceId(one)) ?? 0) <= (numbers.get(resourceId(other)) ?? 0);
  const dependents = new Map<string, Resource[]>();
  for (const resource of resources) {
    for (const name of namesIn(resource)) {
      const found = findNamed(resource, name, resources);
      if (found === undefined || !isEarlier(found, resource)) continue;
      dependents.set(resourceId(found), [...(dependents.get(resourceId(found)) ?? []), resource]);
    }
  }
  const nodes = resources.map((resource) => ({ resource, after: dependents.get(resourceId(resource)) ?? [] }));
  const inCircles = circlesOf(nodes);
  const straight = nodes.map((node) => (inCircles.has(resourceId(node.resource)) ? { ...node, after: [] } : node));
  return byWave(straight, numbers).reverse();
}

/**
 * The order for people to read, a line a wave and a line for each object that waits for others; nothing when objects are written
 * as they come.
 */
export function describeOrder(waves: readonly Wave[]): string[] {
  const isPlain = waves.length <= 1 && waves.every(({ nodes }) => nodes.every(({ after }) => after.length === 0));
  if (isPlain) return [];
  return waves.flatMap(({ number, nodes }) => {
    const free = nodes.filter(({ after }) => after.length === 0).map(({ resource }) => nameOf(resource));
    return [
      `wave ${number}: ${free.join(', ')}`,
      ...nodes
        .filter(({ after }) => after.length > 0)
        .map(({ resource, after }) => `  ${nameOf(resource)} after ${after.map(nameOf).join(', ')}`),
    ];
  });
}

function byWave(nodes: readonly GraphNode[], numbers: ReadonlyMap<string, number>): Wave[] {
  const waves = new Map<number, GraphNode[]>();
  for (const node of nodes) {
    const number = numbers.get(resourceId(node.resource)) ?? 0;
    const wave = waves.get(number);
    if (wave === undefined) waves.set(number, [node]);
    else wave.push(node);
  }
  return [...waves].sort(([a], [b]) => a - b).map(([number, list]) => ({ number, nodes: list }));
}

function refuseCircles(nodes: readonly GraphNode[]): void {
  const state = new Map<string, 'open' | 'closed'>();
  const byId = new Map(nodes.map((node) => [resourceId(node.resource), node]));
  const path: Resource[] = [];
  const visit = (node: GraphNode): void => {
    const id = resourceId(node.resource);
    if (state.get(id) === 'closed') return;
    if (state.get(id) === 'open') {
      const start = path.findIndex((each) => resourceId(each) === id);
      throw circle([...path.slice(start), node.resource]);
    }
    state.set(id, 'open');
    path.push(node.resource);
    for (const each of node.after) {
      const next = byId.get(resourceId(each));
      if (next !== undefined) visit(next);
    }
    path.pop();
    state.set(id, 'closed');
  };
  for (const node of nodes) visit(node);
}

/** Those that can never have their turn: circles, and what waits for them. */
function circlesOf(nodes: readonly GraphNode[]): ReadonlySet<string> {
  const left = new Map(nodes.map((node) => [resourceId(node.resource), node]));
  for (let before = -1; before !== left.size; ) {
    before = left.size;
    for (const [id, { after }] of left) if (!after.some((each) => left.has(resourceId(each)))) left.delete(id);
  }
  return new Set(left.keys());
}

function readWave(resource: Resource): number | undefined {
  const text = resource.object.metadata.annotations?.[WAVE]?.trim() ?? '';
  if (text === '') return 0;
  return /^[-+]?\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function waveOf(resource: Resource): number {
  const number = readWave(resource);
  if (number !== undefined) return number;
  throw invalid(resource, WAVE, `is "${resource.object.metadata.annotations?.[WAVE] ?? ''}", not an integer`);
}

function namesIn({ object }: Resource): string[] {
  const text = object.metadata.annotations?.[DEPENDS_ON] ?? '';
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function dependenciesOf(resource: Resource, resources: readonly Resource[]): Resource[] {
  const found = new Map<string, Resource>();
  for (const name of namesIn(resource)) {
    const one = findNamed(resource, name, resources);
    if (one === undefined) {
      throw invalid(resource, DEPENDS_ON, `names ${name}, which is not in the release (write Kind/name)`);
    }
    found.set(resourceId(one), one);
  }
  return [...found.values()];
}

/** The object of a name; of several that one in the namespace of who names it. */
function findNamed(by: Resource, name: string, resources: readonly Resource[]): Resource | undefined {
  const parts = name.split('/');
  if (parts.length > 3) return undefined;
  const [kind, second, third] = parts;
  const namespace = third === undefined ? undefined : second;
  const fitting = resources.filter(
    ({ type, key }) =>
      type.kind.toLowerCase() === kind?.toLowerCase() &&
      key.name === (third ?? second) &&
      (namespace === undefined || key.namespace === namespace),
  );
  return fitting.find(({ key }) => key.namespace === by.key.namespace) ?? fitting[0];
}

function invalid(resource: Resource, annotation: string, text: string): PintleError {
  return new PintleError(
    'manifest-invalid',
    `${resource.type.kind} "${resource.key.name}": ${annotation} ${text}`,
    placed(resource, annotation),
  );
}

function circle(path: readonly Resource[]): PintleError {
  const [first] = path;
  return new PintleError(
    'manifest-invalid',
    `objects depend on each other in a circle: ${path.map(nameOf).join(' → ')}`,
    {
      ...(first === undefined ? {} : placed(first, DEPENDS_ON)),
      trace: path.slice(0, -1).map((each, i) => ({
        text: `${nameOf(each)} depends on ${nameOf(path[i + 1] ?? each)}`,
        ...placed(each, DEPENDS_ON),
      })),
      hint: `take one of them out of its ${DEPENDS_ON}`,
    },
  );
}

/** Where an annotation stands, in the text that the object was read from. */
function placed({ source }: Resource, annotation: string): { readonly location?: SourceLocation } {
  if (source === undefined) return {};
  const file = `${source.file}${RENDERED}`;
  const lines = source.text.split('\n');
  const index = lines.findIndex((line) => line.includes(annotation));
  if (index === -1) return { location: { file } };
  const column = (lines[index]?.indexOf(annotation) ?? 0) + 1;
  return { location: { file, line: index + 1, column, source: source.text } };
}
