import { groupResource, type ResourceType } from '../../../kube/object.ts';
import { RESOURCES } from '../../../kube/resources.ts';

const KNOWN: ReadonlyMap<string, ResourceType> = new Map(
  Object.values(RESOURCES).map((type) => [groupResource(type), type]),
);

/** Resources whose objects own nothing and are owned by nobody. */
const IGNORED: ReadonlySet<string> = new Set(['events', 'events.events.k8s.io']);

/**
 * The resources that garbage collection concerns, each once: in the version that other parts watch anyway, else in the first
 * that is served.
 */
export function collectedResources(served: readonly ResourceType[]): Map<string, ResourceType> {
  const out = new Map<string, ResourceType>();
  for (const type of served) {
    const key = groupResource(type);
    if (out.has(key) || IGNORED.has(key)) continue;
    if (!['list', 'watch', 'delete'].every((verb) => type.verbs.includes(verb))) continue;
    const known = KNOWN.get(key);
    const sameVersion = known !== undefined && served.some((other) => isSame(other, known));
    out.set(key, sameVersion ? known : type);
  }
  return out;
}

function isSame(a: ResourceType, b: ResourceType): boolean {
  return a.group === b.group && a.version === b.version && a.resource === b.resource;
}
