import type { Container, Pod, PodSpec, Toleration } from '../../../kube/api/core-v1.generated.ts';
import { semanticEqual } from '../../../kube/equality.ts';
import { isInRange } from '../../../kube/names.ts';
import type { Faults } from '../faults.ts';
import { isBlank, type Loose } from '../wire.ts';
import { checkNodeAffinityChange, checkNodeSelectorChange } from './gated-update.ts';
import { checkImageSpaces } from './containers.ts';

const MAX_INT32 = 2_147_483_647;

const CHANGEABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

/** Refuses changes of a pod's spec, but for the few that are allowed. kubernetes: ValidatePodUpdate */
export function checkPodUpdate(pod: Loose<Pod>, oldPod: Loose<Pod>, faults: Faults): void {
  const spec = pod.spec ?? {};
  const old = oldPod.spec ?? {};
  if (!checkContainerUpdates(spec.containers, old.containers, 'spec.containers', faults)) return;
  if (!checkContainerUpdates(spec.initContainers, old.initContainers, 'spec.initContainers', faults)) return;
  if (!checkDeadlineUpdate(spec, old, faults)) return;
  checkTolerationUpdate(spec.tolerations ?? [], old.tolerations ?? [], faults);
  checkGateUpdate(spec, old, faults);
  if (semanticEqual(spec, old)) return;
  let munged: Loose<PodSpec> = {
    ...spec,
    containers: withOldImages(spec.containers, old.containers),
    initContainers: withOldImages(spec.initContainers, old.initContainers),
    activeDeadlineSeconds: old.activeDeadlineSeconds,
    schedulingGates: old.schedulingGates,
    tolerations: old.tolerations,
  };
  if ((old.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1) {
    munged = { ...munged, terminationGracePeriodSeconds: old.terminationGracePeriodSeconds };
  }
  if ((old.schedulingGates ?? []).length > 0) munged = allowGatedChanges(munged, old, faults);
  if (!semanticEqual(munged, old)) {
    faults.forbidden('spec', `pod updates may not change fields other than ${CHANGEABLE}\n${specDiff(old, munged)}`);
  }
}

function checkContainerUpdates(
  containers: readonly Loose<Container>[] = [],
  old: readonly Loose<Container>[] = [],
  path: string,
  faults: Faults,
): boolean {
  if (containers.length !== old.length) {
    faults.forbidden(path, 'pod updates may not add or remove containers');
    return false;
  }
  containers.forEach((container, i) => {
    if (isBlank(container.image)) faults.required(`${path}[${i}].image`);
    checkImageSpaces(container, `${path}[${i}]`, faults);
  });
  return true;
}

function checkDeadlineUpdate(spec: Loose<PodSpec>, old: Loose<PodSpec>, faults: Faults): boolean {
  const at = 'spec.activeDeadlineSeconds';
  const { activeDeadlineSeconds: deadline } = spec;
  const before = old.activeDeadlineSeconds;
  if (deadline === undefined) {
    if (before !== undefined) faults.invalid(at, null, 'must not update from a positive integer to nil value');
    return true;
  }
  const range = isInRange(deadline, 0, MAX_INT32);
  if (range.length > 0) {
    faults.invalidEach(at, deadline, range);
    return false;
  }
  if (before !== undefined && before < deadline) {
    faults.invalid(at, deadline, 'must be less than or equal to previous value');
    return false;
  }
  return true;
}

function checkTolerationUpdate(
  tolerations: readonly Loose<Toleration>[],
  old: readonly Loose<Toleration>[],
  faults: Faults,
): void {
  const isKept = (before: Loose<Toleration>): boolean =>
    tolerations.some(({ tolerationSeconds, ...rest }) =>
      semanticEqual({ ...before, tolerationSeconds }, { ...rest, tolerationSeconds }),
    );
  if (!old.every(isKept)) {
    faults.forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds');
  }
}

function checkGateUpdate(spec: Loose<PodSpec>, old: Loose<PodSpec>, faults: Faults): void {
  const before = new Set((old.schedulingGates ?? []).map((gate) => gate.name));
  spec.schedulingGates?.forEach(({ name = '' }, i) => {
    if (before.has(name)) return;
    const text = `only deletion is allowed, but found new scheduling gate '${name}'`;
    faults.forbidden(`spec.schedulingGates[${i}].name`, text);
  });
}

function withOldImages(
  containers: readonly Loose<Container>[] | undefined,
  old: readonly Loose<Container>[] = [],
): readonly Loose<Container>[] | undefined {
  return containers?.map((container, i) => ({ ...container, image: old[i]?.image }));
}

function allowGatedChanges(spec: Loose<PodSpec>, old: Loose<PodSpec>, faults: Faults): Loose<PodSpec> {
  let munged = spec;
  if (!semanticEqual(spec.nodeSelector, old.nodeSelector)) {
    checkNodeSelectorChange(spec.nodeSelector, old.nodeSelector, 'spec.nodeSelector', faults);
    munged = { ...munged, nodeSelector: old.nodeSelector };
  }
  const affinity = spec.affinity?.nodeAffinity;
  const before = old.affinity?.nodeAffinity;
  if (!semanticEqual(affinity, before)) {
    checkNodeAffinityChange(affinity, before, 'spec.affinity.nodeAffinity', faults);
    munged = { ...munged, affinity: { ...spec.affinity, nodeAffinity: before } };
  }
  return munged;
}

/** Which fields differ, and how; Kubernetes prints a diff of its Go structs here. */
function specDiff(old: Loose<PodSpec>, spec: Loose<PodSpec>): string {
  const lines: string[] = [];
  const fields = new Set([...Object.keys(old), ...Object.keys(spec)]) as Set<keyof PodSpec>;
  for (const field of [...fields].sort()) {
    if (semanticEqual(old[field], spec[field])) continue;
    if (old[field] !== undefined) lines.push(`- ${field}: ${JSON.stringify(old[field])}`);
    if (spec[field] !== undefined) lines.push(`+ ${field}: ${JSON.stringify(spec[field])}`);
  }
  return lines.join('\n');
}
