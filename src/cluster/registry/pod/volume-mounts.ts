import type { Container, Volume, VolumeDevice, VolumeMount } from '../../../kube/api/core-v1.generated.ts';
import { checkLocalPath, hasBacksteps } from '../checks/paths.ts';
import type { Faults } from '../faults.ts';
import { isBlank, type Loose } from '../wire.ts';

/** The sound volumes of a pod by name. */
export type VolumesByName = ReadonlyMap<string, Loose<Volume>>;

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None'];
const RECURSIVE_READ_ONLY = ['Disabled', 'Enabled', 'IfPossible'];

/** Refuses mounts without a volume or at a path that is taken. kubernetes: ValidateVolumeMounts */
export function checkVolumeMounts(
  container: Loose<Container>,
  volumes: VolumesByName,
  path: string,
  faults: Faults,
): void {
  const { volumeMounts: mounts = [], volumeDevices: devices = [] } = container;
  const taken = new Set<string>();
  mounts.forEach((mount, i) => {
    const at = `${path}[${i}]`;
    const { name = '', mountPath = '' } = mount;
    if (name === '') faults.required(`${at}.name`);
    if (!volumes.has(name)) faults.notFound(`${at}.name`, name);
    if (mountPath === '') faults.required(`${at}.mountPath`);
    if (taken.has(mountPath)) faults.invalid(`${at}.mountPath`, mountPath, 'must be unique');
    taken.add(mountPath);
    if (devices.some((device) => device.name === name)) {
      faults.invalid(`${at}.name`, name, 'must not already exist in volumeDevices');
    }
    if (devices.some((device) => device.devicePath === mountPath)) {
      faults.invalid(`${at}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices');
    }
    checkSubPaths(mount, at, path, faults);
    checkPropagation(mount, container, path, faults);
    checkRecursiveReadOnly(mount, `${path}.recursiveReadOnly`, faults);
  });
}

function checkSubPaths(mount: Loose<VolumeMount>, at: string, path: string, faults: Faults): void {
  // Kubernetes names the list here, not the mount.
  if (!isBlank(mount.subPath)) checkLocalPath(mount.subPath, `${path}.subPath`, faults);
  if (isBlank(mount.subPathExpr)) return;
  if (!isBlank(mount.subPath)) {
    faults.invalid(`${at}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive');
  }
  checkLocalPath(mount.subPathExpr, `${path}.subPathExpr`, faults);
}

function checkPropagation(mount: Loose<VolumeMount>, container: Loose<Container>, path: string, faults: Faults): void {
  const propagation = mount.mountPropagation;
  if (propagation === undefined) return;
  const at = `${path}.mountPropagation`;
  if (!PROPAGATIONS.includes(propagation)) faults.notSupported(at, propagation, PROPAGATIONS);
  if (propagation === 'Bidirectional' && container.securityContext?.privileged !== true) {
    faults.forbidden(at, 'Bidirectional mount propagation is available only to privileged containers');
  }
}

function checkRecursiveReadOnly(mount: Loose<VolumeMount>, path: string, faults: Faults): void {
  const mode = mount.recursiveReadOnly;
  if (mode === undefined || mode === 'Disabled') return;
  if (!RECURSIVE_READ_ONLY.includes(mode)) {
    faults.notSupported(path, mode, RECURSIVE_READ_ONLY);
    return;
  }
  if (mount.readOnly !== true) faults.forbidden(path, 'may only be specified when readOnly is true');
  if (mount.mountPropagation !== undefined && mount.mountPropagation !== 'None') {
    faults.forbidden(path, 'may only be specified when mountPropagation is None or not specified');
  }
}

/** Refuses devices that are no claim, or whose name or path is taken. kubernetes: ValidateVolumeDevices */
export function checkVolumeDevices(
  devices: readonly Loose<VolumeDevice>[],
  mounts: readonly Loose<VolumeMount>[],
  volumes: VolumesByName,
  path: string,
  faults: Faults,
): void {
  const names = new Set<string>();
  const paths = new Set<string>();
  devices.forEach(({ name = '', devicePath = '' }, i) => {
    const at = `${path}[${i}]`;
    const volume = volumes.get(name);
    if (name === '') faults.required(`${at}.name`);
    if (names.has(name)) faults.invalid(`${at}.name`, name, 'must be unique');
    if (volume === undefined) faults.notFound(`${at}.name`, name);
    else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined) {
      const text = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode';
      faults.invalid(`${at}.name`, name, text);
    }
    if (devicePath === '') faults.required(`${at}.devicePath`);
    if (paths.has(devicePath)) faults.invalid(`${at}.devicePath`, devicePath, 'must be unique');
    if (hasBacksteps(devicePath)) faults.invalid(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')");
    else paths.add(devicePath);
    if (mounts.some((mount) => mount.name === name)) {
      faults.invalid(`${at}.name`, name, 'must not already exist in volumeMounts');
    }
    if (mounts.some((mount) => mount.mountPath === devicePath)) {
      faults.invalid(`${at}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts');
    }
    if (name !== '') names.add(name);
  });
}
