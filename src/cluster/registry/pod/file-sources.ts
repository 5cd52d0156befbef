import type {
  ClusterTrustBundleProjection,
  ConfigMapVolumeSource,
  DownwardAPIVolumeFile,
  DownwardAPIVolumeSource,
  KeyToPath,
  ProjectedVolumeSource,
  SecretVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from '../../../kube/api/core-v1.generated.ts';
import { checkLabelSelector } from '../checks/labels.ts';
import { checkFileMode, checkLocalFile } from '../checks/paths.ts';
import type { Faults } from '../faults.ts';
import { isBlank, type Loose } from '../wire.ts';
import { checkFieldRef, checkResourceFieldRef } from './env.ts';

const VOLUME_FIELDS = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];
const TEN_MINUTES = 600;

/** A Secret or a ConfigMap as files. */
export function checkSecretVolume(source: Loose<SecretVolumeSource>, path: string, faults: Faults): void {
  if (isBlank(source.secretName)) faults.required(`${path}.secretName`);
  checkFiles(source, path, faults);
}

/** See {@link checkSecretVolume}. */
export function checkConfigMapVolume(source: Loose<ConfigMapVolumeSource>, path: string, faults: Faults): void {
  if (isBlank(source.name)) faults.required(`${path}.name`);
  checkFiles(source, path, faults);
}

function checkFiles(
  source: { readonly defaultMode?: number | undefined; readonly items?: readonly Loose<KeyToPath>[] | undefined },
  path: string,
  faults: Faults,
): void {
  checkFileMode(source.defaultMode, `${path}.defaultMode`, faults);
  source.items?.forEach((item, i) => checkKeyToPath(item, `${path}.items[${i}]`, faults));
}

function checkKeyToPath(item: Loose<KeyToPath>, path: string, faults: Faults): void {
  if (isBlank(item.key)) faults.required(`${path}.key`);
  if (isBlank(item.path)) faults.required(`${path}.path`);
  checkLocalFile(item.path ?? '', `${path}.path`, faults);
  checkFileMode(item.mode, `${path}.mode`, faults);
}

/** Facts of the pod as files. */
export function checkDownwardVolume(source: Loose<DownwardAPIVolumeSource>, path: string, faults: Faults): void {
  checkFileMode(source.defaultMode, `${path}.defaultMode`, faults);
  for (const file of source.items ?? []) checkDownwardFile(file, path, faults);
}

function checkDownwardFile(file: Loose<DownwardAPIVolumeFile>, path: string, faults: Faults): void {
  if (isBlank(file.path)) faults.required(`${path}.path`);
  checkLocalFile(file.path ?? '', `${path}.path`, faults);
  if (file.fieldRef !== undefined) {
    checkFieldRef(file.fieldRef, VOLUME_FIELDS, `${path}.fieldRef`, faults);
    if (file.resourceFieldRef !== undefined) {
      faults.invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously');
    }
  } else if (file.resourceFieldRef !== undefined) {
    checkResourceFieldRef(file.resourceFieldRef, `${path}.resourceFieldRef`, faults, true);
  } else faults.required(path, 'one of fieldRef and resourceFieldRef is required');
  checkFileMode(file.mode, `${path}.mode`, faults);
}

/** Several sources in one folder. kubernetes: validateProjectedVolumeSource */
export function checkProjectedVolume(source: Loose<ProjectedVolumeSource>, path: string, faults: Faults): void {
  checkFileMode(source.defaultMode, `${path}.defaultMode`, faults);
  const taken = new Set<string>();
  source.sources?.forEach((projection, i) => {
    const count = checkProjection(projection, taken, `${path}.sources[${i}]`, path, faults);
    if (count > 1) faults.forbidden(`${path}.sources[${i}]`, 'may not specify more than 1 volume type per source');
  });
}

function checkProjection(
  projection: Loose<VolumeProjection>,
  taken: Set<string>,
  path: string,
  volumePath: string,
  faults: Faults,
): number {
  const take = (file: string | undefined, shown: string): void => {
    if (isBlank(file)) return;
    if (taken.has(file)) faults.invalid(volumePath, shown, 'conflicting duplicate paths');
    taken.add(file);
  };
  let count = 0;
  for (const field of ['secret', 'configMap'] as const) {
    const source = projection[field];
    if (source === undefined) continue;
    count += 1;
    if (isBlank(source.name)) faults.required(`${path}.${field}.name`);
    source.items?.forEach((item, i) => {
      checkKeyToPath(item, `${path}.${field}.items[${i}]`, faults);
      take(item.path, source.name ?? '');
    });
  }
  const { downwardAPI, serviceAccountToken, clusterTrustBundle } = projection;
  if (downwardAPI !== undefined) {
    count += 1;
    for (const file of downwardAPI.items ?? []) {
      checkDownwardFile(file, `${path}.downwardAPI`, faults);
      take(file.path, file.path ?? '');
    }
  }
  if (serviceAccountToken !== undefined) {
    count += 1;
    checkToken(serviceAccountToken, `${path}.serviceAccountToken`, volumePath, faults);
  }
  if (clusterTrustBundle !== undefined) {
    count += 1;
    checkTrustBundle(clusterTrustBundle, `${path}.clusterTrustBundle`, faults);
    take(clusterTrustBundle.path, clusterTrustBundle.path ?? '');
  }
  return count;
}

function checkToken(
  token: Loose<ServiceAccountTokenProjection>,
  path: string,
  volumePath: string,
  faults: Faults,
): void {
  const seconds = token.expirationSeconds ?? 0;
  const at = `${path}.expirationSeconds`;
  if (seconds < TEN_MINUTES) faults.invalid(at, seconds, 'may not specify a duration less than 10 minutes');
  if (seconds > 2 ** 32) faults.invalid(at, seconds, 'may not specify a duration larger than 2^32 seconds');
  if (isBlank(token.path)) faults.required(`${volumePath}.path`);
  else checkLocalFile(token.path, `${volumePath}.path`, faults);
}

function checkTrustBundle(bundle: Loose<ClusterTrustBundleProjection>, path: string, faults: Faults): void {
  const { name, signerName } = bundle;
  if (name !== undefined && signerName !== undefined) {
    faults.invalid(path, bundle, 'only one of name and signerName may be used');
  } else if (name !== undefined) {
    if (name === '') faults.required(`${path}.name`, 'must be a valid object name');
    if (bundle.labelSelector !== undefined) {
      faults.invalid(`${path}.labelSelector`, bundle.labelSelector, 'labelSelector must be unset if name is specified');
    }
  } else if (signerName !== undefined) {
    if (signerName === '') faults.required(`${path}.signerName`, 'must be a valid signer name');
    checkLabelSelector(bundle.labelSelector, `${path}.labelSelector`, faults);
  } else faults.required(path, 'either name or signerName must be specified');
  if (isBlank(bundle.path)) faults.required(`${path}.path`);
  checkLocalFile(bundle.path ?? '', `${path}.path`, faults);
}
