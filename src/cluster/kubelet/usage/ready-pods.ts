import type { Pod, Service } from '../../../kube/api/core-v1.generated.ts';

/** The pods that a Service selects; none when it has no selector. */
export function selectedPods({ metadata, spec }: Service, pods: readonly Pod[]): readonly Pod[] {
  const selector = Object.entries(spec?.selector ?? {});
  if (selector.length === 0) return [];
  return pods.filter(
    (pod) =>
      pod.metadata.namespace === metadata.namespace &&
      selector.every(([key, value]) => pod.metadata.labels?.[key] === value),
  );
}

/** True when requests come to a pod. */
export function takesRequests({ status }: Pod): boolean {
  return (status?.conditions ?? []).some((each) => each.type === 'Ready' && each.status === 'True');
}
