import type { Container, PodSpec } from '../../../../kube/api/core-v1.generated.ts';
import { compareStrings } from '../../../../base/json.ts';

/** A pod, or the template of one. */
export interface CheckedPod {
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
}

/** What a check has against a pod. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

/** One rule of a level. */
export interface SecurityCheck {
  readonly id: string;
  readonly level: 'baseline' | 'restricted';
  /** The rule since minor versions of Kubernetes 1, the oldest first. */
  readonly versions: readonly { readonly since: number; readonly check: PodCheck }[];
  /** The baseline rule that it stands for. */
  readonly overrides?: string;
}

export type PodCheck = (pod: CheckedPod) => Violation | undefined;

/** A container of any kind, as far as the checks look at it. */
export type CheckedContainer = Pick<
  Container,
  'image' | 'lifecycle' | 'livenessProbe' | 'name' | 'ports' | 'readinessProbe' | 'securityContext' | 'startupProbe'
>;

/** Init containers, containers, ephemeral ones. */
export function containersOf(spec: PodSpec): readonly CheckedContainer[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
}

/** `"a", "b"` */
export function quoted(items: Iterable<string>): string {
  return [...items].map((item) => `"${item}"`).join(', ');
}

/** Without repetitions, in the order of bytes. */
export function sortedSet(items: Iterable<string>): readonly string[] {
  return [...new Set(items)].sort(compareStrings);
}

/** The word for one, or with an s. */
export function plural(word: string, count: number): string {
  return count === 1 ? word : `${word}s`;
}

/** `container "a"`, `containers "a", "b"` */
export function containerNames(names: readonly string[]): string {
  return `${plural('container', names.length)} ${quoted(names)}`;
}

/** The pod and the containers that say something bad: `pod and container "a"`; '' for nobody. */
export function settersOf(podIsBad: boolean, names: readonly string[]): string {
  const setters = podIsBad ? ['pod'] : [];
  if (names.length > 0) setters.push(containerNames(names));
  return setters.join(' and ');
}

/** Names of the containers for which something holds. */
export function namesWhere(spec: PodSpec, test: (container: CheckedContainer) => boolean): readonly string[] {
  return containersOf(spec)
    .filter(test)
    .map(({ name }) => name);
}
