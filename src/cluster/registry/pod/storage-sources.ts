import type {
  AzureDiskVolumeSource,
  FCVolumeSource,
  FlexVolumeSource,
  FlockerVolumeSource,
  HostPathVolumeSource,
  ISCSIPersistentVolumeSource,
  NFSVolumeSource,
  QuobyteVolumeSource,
  StorageOSPersistentVolumeSource,
} from '../../../kube/api/core-v1.generated.ts';
import { inclusiveRangeError, isDns1123Subdomain } from '../../../kube/names.ts';
import { checkDnsLabel } from '../checks/names.ts';
import { checkNoBacksteps } from '../checks/paths.ts';
import { checkOneOf } from '../checks/values.ts';
import type { Faults } from '../faults.ts';
import { isBlank, isEmpty, type Loose } from '../wire.ts';

/*
 * Sources of volumes that pods and PersistentVolumes have in common. kubernetes: pkg/apis/core/validation/validation.go
 */

const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

/** Refuses empty fields that must not be. */
export function checkRequired<T extends object>(
  source: T,
  fields: readonly (keyof T & string)[],
  path: string,
  faults: Faults,
): void {
  for (const field of fields) {
    const value: unknown = source[field];
    if (value === undefined || (typeof value !== 'number' && isEmpty(value as object | string))) {
      faults.required(`${path}.${field}`);
    }
  }
}

/** Refuses partitions that no disk has. */
export function checkPartition(partition: number | undefined, path: string, faults: Faults): void {
  if (partition !== undefined && (partition < 0 || partition > 255)) {
    faults.invalid(`${path}.partition`, partition, inclusiveRangeError(1, 255));
  }
}

export function checkHostPath(source: Loose<HostPathVolumeSource>, path: string, faults: Faults): void {
  if (isBlank(source.path)) {
    faults.required(`${path}.path`);
    return;
  }
  checkNoBacksteps(source.path, `${path}.path`, faults);
  checkOneOf(source.type, HOST_PATH_TYPES, `${path}.type`, faults);
}

export function checkNfs(source: Loose<NFSVolumeSource>, path: string, faults: Faults): void {
  checkRequired(source, ['server', 'path'], path, faults);
  const share = source.path ?? '';
  if (!share.startsWith('/')) faults.invalid(`${path}.path`, share, 'must be an absolute path');
}

export function checkIscsi(source: Loose<ISCSIPersistentVolumeSource>, path: string, faults: Faults): void {
  checkRequired(source, ['targetPortal'], path, faults);
  if (isBlank(source.iqn)) faults.required(`${path}.iqn`);
  else checkInitiator(source.iqn, `${path}.iqn`, faults);
  const lun = source.lun ?? 0;
  if (lun < 0 || lun > 255) faults.invalid(`${path}.lun`, lun, inclusiveRangeError(0, 255));
  if ((source.chapAuthDiscovery === true || source.chapAuthSession === true) && source.secretRef === undefined) {
    faults.required(`${path}.secretRef`);
  }
  if (source.initiatorName !== undefined) checkInitiator(source.initiatorName, `${path}.initiatorname`, faults);
}

function checkInitiator(name: string, path: string, faults: Faults): void {
  if (!/^(?:iqn|eui|naa)/.test(name)) {
    faults.invalid(path, name, 'must be valid format starting with iqn, eui, or naa');
  } else if (
    !/iqn\.\d{4}-\d{2}\.([a-zA-Z0-9\-.]+)(:[^,;*&$|\s]+)$/.test(name) &&
    !/^eui.[a-zA-Z0-9]{16}$/.test(name) &&
    !/^naa.[a-zA-Z0-9]{32}$/.test(name)
  ) {
    faults.invalid(path, name, 'must be valid format');
  }
}

export function checkFibreChannel(source: Loose<FCVolumeSource>, path: string, faults: Faults): void {
  const { targetWWNs = [], wwids = [], lun } = source;
  const at = `${path}.targetWWNs`;
  if (targetWWNs.length === 0 && wwids.length === 0) {
    faults.required(at, 'must specify either targetWWNs or wwids, but not both');
  }
  if (targetWWNs.length > 0 && wwids.length > 0) {
    faults.invalid(at, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously');
  }
  if (targetWWNs.length === 0) return;
  if (lun === undefined) faults.required(`${path}.lun`, 'lun is required if targetWWNs is specified');
  else if (lun < 0 || lun > 255) faults.invalid(`${path}.lun`, lun, inclusiveRangeError(0, 255));
}

export function checkFlocker(source: Loose<FlockerVolumeSource>, path: string, faults: Faults): void {
  const { datasetName = '', datasetUUID = '' } = source;
  if (datasetName === '' && datasetUUID === '') {
    faults.required(path, 'one of datasetName and datasetUUID is required');
  }
  if (datasetName !== '' && datasetUUID !== '') {
    faults.invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously');
  }
  if (datasetName.includes('/')) faults.invalid(`${path}.datasetName`, datasetName, "must not contain '/'");
}

export function checkQuobyte(source: Loose<QuobyteVolumeSource>, path: string, faults: Faults): void {
  const { registry = '', tenant = '' } = source;
  const text = 'must be a host:port pair or multiple pairs separated by commas';
  if (registry === '') faults.required(`${path}.registry`, text);
  else if (tenant.length >= 65) {
    faults.required(`${path}.tenant`, 'must be a UUID and may not exceed a length of 64 characters');
  } else {
    for (const pair of registry.split(',')) {
      if (!/^(?:[^:[\]]*|\[[^\]]*\]):[^:]*$/.test(pair)) faults.invalid(`${path}.registry`, registry, text);
    }
  }
  checkRequired(source, ['volume'], path, faults);
}

export function checkFlexVolume(source: Loose<FlexVolumeSource>, path: string, faults: Faults): void {
  checkRequired(source, ['driver'], path, faults);
  for (const key of Object.keys(source.options ?? {})) {
    const domain = `.${(key.split('/', 1)[0] ?? '').toLowerCase()}`;
    if (domain.endsWith('.kubernetes.io') || domain.endsWith('.k8s.io')) {
      faults.invalid(`${path}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved');
    }
  }
}

export function checkAzureDisk(source: Loose<AzureDiskVolumeSource>, path: string, faults: Faults): void {
  checkRequired(source, ['diskName', 'diskURI'], path, faults);
  checkOneOf(source.cachingMode, ['None', 'ReadOnly', 'ReadWrite'], `${path}.cachingMode`, faults);
  const { kind, diskURI = '' } = source;
  checkOneOf(kind, ['Dedicated', 'Managed', 'Shared'], `${path}.kind`, faults);
  if (kind === 'Managed' && !diskURI.startsWith('/subscriptions/')) {
    faults.notSupported(`${path}.diskURI`, diskURI, [
      '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}',
    ]);
  }
  if (kind !== undefined && kind !== 'Managed' && !diskURI.startsWith('https://')) {
    faults.notSupported(`${path}.diskURI`, diskURI, [
      'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd',
    ]);
  }
}

export function checkStorageOs(source: Loose<StorageOSPersistentVolumeSource>, path: string, faults: Faults): void {
  if (isBlank(source.volumeName)) faults.required(`${path}.volumeName`);
  else checkDnsLabel(source.volumeName, `${path}.volumeName`, faults);
  if (!isBlank(source.volumeNamespace)) checkDnsLabel(source.volumeNamespace, `${path}.volumeNamespace`, faults);
  if (source.secretRef !== undefined) checkRequired(source.secretRef, ['name'], `${path}.secretRef`, faults);
}

/** Refuses names that no CSI driver has. */
export function checkCsiDriverName(name: string | undefined, path: string, faults: Faults): void {
  const value = name ?? '';
  if (value === '') faults.required(path);
  if (value.length > 63) faults.tooLong(path, 63);
  faults.invalidEach(path, value, isDns1123Subdomain(value.toLowerCase()));
}
