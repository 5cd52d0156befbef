import type { PodSpec } from '../../../kube/api/core-v1.generated.ts';
import { checkLocalPath } from '../checks/paths.ts';
import type { Faults } from '../faults.ts';
import type { Loose } from '../wire.ts';

type Annotations = Readonly<Record<string, string | undefined>>;

/** Marks the copy that a kubelet makes of a static pod. */
export const MIRROR_POD = 'kubernetes.io/config.mirror';
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';

/** Refuses annotations that mean something for pods and are wrong. kubernetes: ValidatePodSpecificAnnotations */
export function checkPodAnnotations(
  annotations: Annotations | undefined,
  spec: Loose<PodSpec>,
  path: string,
  faults: Faults,
): void {
  if (annotations === undefined) return;
  for (const key of Object.keys(annotations)) {
    const value = annotations[key] ?? '';
    if (key === MIRROR_POD) {
      if (spec.nodeName === undefined) {
        faults.invalid(`${path}[${key}]`, value, 'must set spec.nodeName if mirror pod annotation is set');
      }
    } else if (key === DELETION_COST) {
      if (!isInt32(value)) faults.invalid(`${path}[${key}]`, value, 'must be a 32bit integer');
    } else if (key === SECCOMP_POD || key.startsWith(SECCOMP_CONTAINER)) {
      checkSeccomp(value, `${path}.${key}`, faults);
    } else if (key.startsWith(APP_ARMOR)) checkAppArmor(key, value, spec, `${path}[${key}]`, faults);
  }
}

function isInt32(text: string): boolean {
  if (!/^(?:0|-?[1-9]\d*)$/.test(text)) return false;
  const number = Number(text);
  return number >= -2_147_483_648 && number <= 2_147_483_647;
}

function checkSeccomp(profile: string, path: string, faults: Faults): void {
  if (profile === 'runtime/default' || profile === 'docker/default' || profile === 'unconfined') return;
  if (profile.startsWith('localhost/')) checkLocalPath(profile.slice('localhost/'.length), path, faults);
  else faults.invalid(path, profile, 'must be a valid seccomp profile');
}

function checkAppArmor(key: string, profile: string, spec: Loose<PodSpec>, path: string, faults: Faults): void {
  const name = key.slice(APP_ARMOR.length);
  const lists = [spec.initContainers, spec.containers, spec.ephemeralContainers];
  if (!lists.some((list) => list?.some((container) => container.name === name) === true)) {
    faults.invalid(path, name, 'container not found');
  }
  if (profile === '' || profile === 'runtime/default' || profile === 'unconfined') return;
  if (!profile.startsWith('localhost/')) {
    faults.invalid(path, profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`);
  }
}

/** Refuses changes of annotations that a pod keeps for life. kubernetes: ValidatePodSpecificAnnotationUpdates */
export function checkAnnotationChanges(
  annotations: Annotations = {},
  old: Annotations = {},
  path: string,
  faults: Faults,
): void {
  for (const key of Object.keys(old)) {
    if (Object.hasOwn(annotations, key) && annotations[key] === old[key]) continue;
    if (key.startsWith(APP_ARMOR)) faults.forbidden(`${path}[${key}]`, 'may not remove or update AppArmor annotations');
    if (key === MIRROR_POD) faults.forbidden(`${path}[${key}]`, 'may not remove or update mirror pod annotation');
  }
  for (const key of Object.keys(annotations)) {
    if (Object.hasOwn(old, key)) continue;
    if (key.startsWith(APP_ARMOR)) faults.forbidden(`${path}[${key}]`, 'may not add AppArmor annotations');
    if (key === MIRROR_POD) faults.forbidden(`${path}[${key}]`, 'may not add mirror pod annotation');
  }
}
