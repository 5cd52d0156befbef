import type { PersistentVolumeClaimTemplate, Volume } from '../../../kube/api/core-v1.generated.ts';
import { nameIsDnsSubdomain } from '../../../kube/names.ts';
import { checkAnnotations, checkLabels } from '../checks/labels.ts';
import { checkDnsLabel } from '../checks/names.ts';
import { checkLocalPath } from '../checks/paths.ts';
import { quantityOf } from '../checks/resources.ts';
import { Faults } from '../faults.ts';
import { isBlank, type Loose } from '../wire.ts';
import { checkClaimSpec } from './claim-spec.ts';
import { checkPullPolicy } from './containers.ts';
import { checkConfigMapVolume, checkDownwardVolume, checkProjectedVolume, checkSecretVolume } from './file-sources.ts';
import {
  checkAzureDisk,
  checkCsiDriverName,
  checkFibreChannel,
  checkFlexVolume,
  checkFlocker,
  checkHostPath,
  checkIscsi,
  checkNfs,
  checkPartition,
  checkQuobyte,
  checkRequired,
  checkStorageOs,
} from './storage-sources.ts';
import type { VolumesByName } from './volume-mounts.ts';

/** What a volume's checks need to know of its pod. */
interface PodNaming {
  /** Empty for the pods of a template. */
  readonly podName: string;
  readonly isPod: boolean;
}

type Sources = Omit<Volume, 'name'>;
type Check<Source> = (source: Loose<Source>, path: string, faults: Faults, pod: PodNaming) => void;
type Checks = { readonly [Field in keyof Sources]-?: Check<NonNullable<Sources[Field]>> };

/** The check of each source, in the order in which Kubernetes looks for them. */
const CHECKS: Checks = {
  emptyDir: ({ sizeLimit }, path, faults) => {
    if (sizeLimit !== undefined && quantityOf(sizeLimit).nano < 0n) {
      faults.forbidden(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity');
    }
  },
  hostPath: checkHostPath,
  gitRepo: (source, path, faults) => {
    checkRequired(source, ['repository'], path, faults);
    checkLocalPath(source.directory ?? '', `${path}.directory`, faults);
  },
  gcePersistentDisk: (source, path, faults) => {
    checkRequired(source, ['pdName'], path, faults);
    checkPartition(source.partition, path, faults);
  },
  awsElasticBlockStore: (source, path, faults) => {
    checkRequired(source, ['volumeID'], path, faults);
    checkPartition(source.partition, path, faults);
  },
  secret: checkSecretVolume,
  nfs: checkNfs,
  iscsi: checkIscsi,
  glusterfs: (source, path, faults) => checkRequired(source, ['endpoints', 'path'], path, faults),
  flocker: checkFlocker,
  persistentVolumeClaim: (source, path, faults) => checkRequired(source, ['claimName'], path, faults),
  rbd: (source, path, faults) => checkRequired(source, ['monitors', 'image'], path, faults),
  cinder: (source, path, faults) => {
    checkRequired(source, ['volumeID'], path, faults);
    if (source.secretRef !== undefined) checkRequired(source.secretRef, ['name'], `${path}.secretRef`, faults);
  },
  cephfs: (source, path, faults) => checkRequired(source, ['monitors'], path, faults),
  quobyte: checkQuobyte,
  downwardAPI: checkDownwardVolume,
  fc: checkFibreChannel,
  flexVolume: checkFlexVolume,
  configMap: checkConfigMapVolume,
  azureFile: (source, path, faults) => checkRequired(source, ['secretName', 'shareName'], path, faults),
  vsphereVolume: (source, path, faults) => checkRequired(source, ['volumePath'], path, faults),
  photonPersistentDisk: (source, path, faults) => checkRequired(source, ['pdID'], path, faults),
  portworxVolume: (source, path, faults) => checkRequired(source, ['volumeID'], path, faults),
  azureDisk: checkAzureDisk,
  storageos: checkStorageOs,
  projected: checkProjectedVolume,
  scaleIO: (source, path, faults) => checkRequired(source, ['gateway', 'system', 'volumeName'], path, faults),
  csi: (source, path, faults) => {
    checkCsiDriverName(source.driver, `${path}.driver`, faults);
    const secret = source.nodePublishSecretRef;
    if (secret === undefined) return;
    if (isBlank(secret.name)) faults.required(`${path}.nodePublishSecretRef.name`);
    else faults.invalidEach(`${path}.name`, secret.name, nameIsDnsSubdomain(secret.name));
  },
  ephemeral: (source, path, faults) => {
    const at = `${path}.volumeClaimTemplate`;
    if (source.volumeClaimTemplate === undefined) faults.required(at);
    else checkClaimTemplate(source.volumeClaimTemplate, at, faults);
  },
  image: (source, path, faults, { isPod }) => {
    if (isPod && isBlank(source.reference)) faults.required(`${path}.reference`);
    checkPullPolicy(source.pullPolicy, `${path}.pullPolicy`, faults);
  },
};

const ORDER = Object.keys(CHECKS) as (keyof Sources)[];

/** Refuses wrong volumes; gives those that containers can mount. kubernetes: ValidateVolumes */
export function checkVolumes(
  volumes: readonly Loose<Volume>[],
  pod: PodNaming,
  path: string,
  faults: Faults,
): VolumesByName {
  const sound = new Map<string, Loose<Volume>>();
  const created = new Set<string>();
  if (pod.podName !== '') {
    for (const { name = '', ephemeral } of volumes) if (ephemeral !== undefined) created.add(`${pod.podName}-${name}`);
  }
  volumes.forEach((volume, i) => {
    const at = `${path}[${i}]`;
    const { name = '' } = volume;
    const found = new Faults();
    checkSource(volume, pod, at, found);
    if (name === '') found.required(`${at}.name`);
    else checkDnsLabel(name, `${at}.name`, found);
    if (sound.has(name)) found.duplicate(`${at}.name`, name);
    if (found.count === 0) sound.set(name, volume);
    else faults.addAll(found.list);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim !== undefined && created.has(claim)) {
      const text = 'must not reference a PVC that gets created for an ephemeral volume';
      faults.invalid(`${at}.persistentVolumeClaim.claimName`, claim, text);
    }
  });
  return sound;
}

function checkSource(volume: Loose<Volume>, pod: PodNaming, path: string, faults: Faults): void {
  let count = 0;
  for (const field of ORDER) {
    const source = volume[field];
    if (source === undefined) continue;
    count += 1;
    if (count > 1) faults.forbidden(`${path}.${field}`, 'may not specify more than 1 volume type');
    else (CHECKS[field] as Check<object>)(source, `${path}.${field}`, faults, pod);
  }
  if (count === 0) faults.required(path, 'must specify a volume type');
  const { name = '', iscsi, ephemeral } = volume;
  if (iscsi?.initiatorName !== undefined && `${name}:${iscsi.targetPortal ?? ''}`.length > 64) {
    const text =
      'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';
    faults.invalid(`${path}.name`, name, text);
  }
  if (ephemeral !== undefined && pod.podName !== '' && name !== '') {
    const claim = `${pod.podName}-${name}`;
    const messages = nameIsDnsSubdomain(claim).map((text) => `PVC name ${JSON.stringify(claim)}: ${text}`);
    faults.invalidEach(`${path}.name`, name, messages);
  }
}

function checkClaimTemplate(template: Loose<PersistentVolumeClaimTemplate>, path: string, faults: Faults): void {
  const metadata = template.metadata ?? {};
  checkAnnotations(metadata.annotations, `${path}.metadata.annotations`, faults);
  checkLabels(metadata.labels, `${path}.metadata.labels`, faults);
  for (const field of Object.keys(metadata)) {
    if (field !== 'annotations' && field !== 'labels') faults.forbidden(`${path}.metadata.${field}`, 'cannot be set');
  }
  checkClaimSpec(template.spec ?? {}, `${path}.spec`, faults);
}
