import type { Pod, Service } from '../../kube/api/core-v1.generated.ts';
import { equalityMatcher, type LabelMatcher, matchesNothing } from '../../kube/labels.ts';
import { namespaceOf } from './keys.ts';

const matchers = new WeakMap<Service, LabelMatcher>();

/** True when endpoints of the Service are kept by its selector; others have them written by somebody else, or none. */
export function hasSelector({ spec }: Service): boolean {
  return Object.keys(spec?.selector ?? {}).length > 0 && spec?.type !== 'ExternalName';
}

/** Tells by their labels which pods of its namespace a Service selects; none without a selector. */
export function serviceMatcher(service: Service): LabelMatcher {
  let matcher = matchers.get(service);
  if (matcher === undefined) {
    matcher = hasSelector(service) ? equalityMatcher(service.spec?.selector) : matchesNothing;
    matchers.set(service, matcher);
  }
  return matcher;
}

/** Those of the pods that a Service selects; they may be of any namespace. */
export function selectedPods<P extends Pod>(service: Service, pods: readonly P[]): P[] {
  const matcher = serviceMatcher(service);
  const namespace = namespaceOf(service);
  return pods.filter((pod) => namespaceOf(pod) === namespace && matcher.matches(pod.metadata.labels));
}
