import type { Container, Pod, ResourceRequirements } from '../../../kube/api/core-v1.generated.ts';
import { semanticEqual } from '../../../kube/equality.ts';
import { compareQuantities } from '../../../kube/quantity.ts';
import { quantityOf } from '../checks/resources.ts';
import type { Faults } from '../faults.ts';
import { clone, type Edit, type Loose, type ResourceList } from '../wire.ts';
import { MIRROR_POD } from './annotations.ts';
import { qosClass } from './qos.ts';

/** A resize changes resources and resize policies of containers, and nothing else. */
export function keepAllButResources(pod: Edit<Pod>, old: Loose<Pod>): void {
  const wanted = pod.spec;
  pod.status = clone(old.status) as Edit<Pod>['status'];
  const spec = clone(old.spec ?? {}) as NonNullable<Edit<Pod>['spec']>;
  pod.spec = spec;
  for (const field of ['containers', 'initContainers'] as const) {
    const given = wanted?.[field] ?? [];
    for (const container of spec[field] ?? []) {
      const change = given.find((one) => one.name === container.name);
      if (change === undefined) continue;
      if (change.resources !== undefined) container.resources = change.resources;
      if (change.resizePolicy !== undefined) container.resizePolicy = change.resizePolicy;
    }
  }
}

/** Refuses resizes that nodes cannot do. kubernetes: ValidatePodResize */
export function checkResize(pod: Loose<Pod>, old: Loose<Pod>, faults: Faults): void {
  const spec = pod.spec ?? {};
  const before = old.spec ?? {};
  if (old.metadata?.annotations?.[MIRROR_POD] !== undefined) {
    faults.forbidden('[]', 'static pods cannot be resized');
    return;
  }
  if (before.os?.name === 'windows') {
    faults.forbidden('[]', 'windows pods cannot be resized');
    return;
  }
  if (qosClass(before) !== qosClass(spec)) {
    faults.invalid('spec', pod.status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing');
  }
  before.containers?.forEach((container, i) => {
    checkContainerResize(spec.containers?.[i] ?? {}, container, `spec.containers[${i}].resources`, faults);
    if (!sameButCompute(spec.containers?.[i]?.resources, container.resources)) {
      faults.forbidden('spec', 'only cpu and memory resources are mutable');
    }
  });
  before.initContainers?.forEach((container, i) => {
    const change = spec.initContainers?.[i] ?? {};
    if (container.restartPolicy === 'Always') {
      checkContainerResize(change, container, `spec.initContainers[${i}].resources`, faults);
      if (!sameButCompute(change.resources, container.resources)) {
        faults.forbidden('spec', 'only cpu and memory resources for sidecar containers are mutable');
      }
    } else if (!semanticEqual(change, container)) {
      faults.forbidden('spec', 'resources for non-sidecar init containers are immutable');
    }
  });
}

function checkContainerResize(container: Loose<Container>, old: Loose<Container>, path: string, faults: Faults): void {
  const { requests, limits } = container.resources ?? {};
  if (isAnyRemoved(requests, old.resources?.requests)) {
    faults.forbidden(`${path}.requests`, 'resource requests cannot be removed');
  }
  if (isAnyRemoved(limits, old.resources?.limits)) {
    faults.forbidden(`${path}.limits`, 'resource limits cannot be removed');
  }
  const policy = container.resizePolicy?.find((one) => one.resourceName === 'memory')?.restartPolicy ?? 'NotRequired';
  const limit = limits?.['memory'];
  const before = old.resources?.limits?.['memory'];
  if (policy !== 'NotRequired' || limit === undefined) return;
  const at = `${path}.limits[memory]`;
  if (before === undefined) {
    faults.forbidden(at, 'memory limits cannot be added unless resizePolicy is RestartContainer');
  } else if (compareQuantities(quantityOf(limit), quantityOf(before)) < 0) {
    faults.forbidden(at, 'memory limits cannot be decreased unless resizePolicy is RestartContainer');
  }
}

function isAnyRemoved(list: ResourceList = {}, old: ResourceList = {}): boolean {
  return Object.keys(old).some((name) => !Object.hasOwn(list, name));
}

function sameButCompute(
  resources: Loose<ResourceRequirements> | undefined,
  old: Loose<ResourceRequirements> | undefined,
): boolean {
  return semanticEqual(withoutCompute(resources), withoutCompute(old));
}

function withoutCompute({ requests, limits, ...rest }: Loose<ResourceRequirements> = {}): object {
  const drop = ({ cpu: _cpu, memory: _memory, ...others }: ResourceList = {}): ResourceList => others;
  return { ...rest, requests: drop(requests), limits: drop(limits) };
}
