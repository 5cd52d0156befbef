import type { PersistentVolume, PersistentVolumeSpec } from '../../../kube/api/core-v1.generated.ts';
import { semanticEqual } from '../../../kube/equality.ts';
import { nameIsDnsSubdomain } from '../../../kube/names.ts';
import { checkNoBacksteps } from '../checks/paths.ts';
import { checkPositiveQuantity, roundResources } from '../checks/resources.ts';
import { checkImmutable, checkOneOf, IMMUTABLE } from '../checks/values.ts';
import { formatTime } from '../../machinery/time.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { checkNodeSelector } from '../pod/affinity.ts';
import { checkAccessModes, VOLUME_MODES } from '../pod/claim-spec.ts';
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
} from '../pod/storage-sources.ts';
import { applyNetworkVolumeDefaults } from '../pod/volume-defaults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import { isBlank, isRootPath, type Edit, type Loose } from '../wire.ts';

const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain'];

type Spec = Loose<PersistentVolumeSpec>;

/** kubernetes: pkg/registry/core/persistentvolume/strategy.go */
export function persistentVolumeStrategy(): Strategy {
  return defineStrategy<PersistentVolume>({
    type: resourceType('v1', 'PersistentVolume', 'persistentvolumes', {
      clusterScoped: true,
      shortNames: ['pv'],
      subresources: ['status'],
    }),
    defaults,
    prepareForCreate: (volume, { now }) => {
      const lastPhaseTransitionTime = formatTime(now);
      volume.status = { phase: 'Pending', lastPhaseTransitionTime };
    },
    prepareForUpdate: (volume, old, { subresource, now }) => {
      if (subresource !== 'status' || volume.status === undefined || volume.status.phase === old.status?.phase) return;
      volume.status.lastPhaseTransitionTime = formatTime(now);
    },
    validate: ({ spec = {} }, faults) => checkVolumeSpec(spec, faults),
    validateUpdate,
  });
}

function defaults(volume: Edit<PersistentVolume>): void {
  const spec = (volume.spec ??= {});
  (volume.status ??= {}).phase ||= 'Pending';
  spec.persistentVolumeReclaimPolicy ||= 'Retain';
  spec.volumeMode ??= 'Filesystem';
  roundResources(spec.capacity);
  if (spec.hostPath !== undefined) spec.hostPath.type ??= '';
  applyNetworkVolumeDefaults(spec);
}

type Check = (source: object, path: string, faults: Faults) => void;

/** The check of each source, in the order in which Kubernetes looks for them. */
const SOURCES: readonly (readonly [keyof PersistentVolumeSpec, Check])[] = [
  ['hostPath', checkHostPath],
  ['gcePersistentDisk', partitioned('pdName')],
  ['awsElasticBlockStore', partitioned('volumeID')],
  ['glusterfs', requiring('endpoints', 'path')],
  ['flocker', checkFlocker],
  ['nfs', checkNfs],
  ['rbd', requiring('monitors', 'image')],
  ['quobyte', checkQuobyte],
  ['cephfs', requiring('monitors')],
  ['iscsi', checkIscsi],
  ['cinder', requiring('volumeID')],
  ['fc', checkFibreChannel],
  ['flexVolume', checkFlexVolume],
  ['azureFile', requiring('secretName', 'shareName')],
  ['vsphereVolume', requiring('volumePath')],
  ['photonPersistentDisk', requiring('pdID')],
  ['portworxVolume', requiring('volumeID')],
  ['azureDisk', checkAzureDisk],
  ['scaleIO', requiring('gateway', 'system', 'volumeName')],
  ['local', checkLocal],
  ['storageos', checkStorageOs],
  ['csi', checkCsi],
];

function requiring(...fields: readonly string[]): Check {
  return (source, path, faults) => checkRequired(source as Record<string, unknown>, fields, path, faults);
}

function partitioned(field: string): Check {
  return (source, path, faults) => {
    checkRequired(source as Record<string, unknown>, [field], path, faults);
    checkPartition((source as { partition?: number }).partition, path, faults);
  };
}

function checkLocal({ path: folder }: { readonly path?: string | undefined }, path: string, faults: Faults): void {
  if (isBlank(folder)) faults.required(`${path}.path`);
  else checkNoBacksteps(folder, `${path}.path`, faults);
}

function checkCsi(source: NonNullable<Spec['csi']>, path: string, faults: Faults): void {
  checkCsiDriverName(source.driver, `${path}.driver`, faults);
  if (isBlank(source.volumeHandle)) faults.required(`${path}.volumeHandle`);
  for (const field of [
    'controllerPublishSecretRef',
    'controllerExpandSecretRef',
    'nodePublishSecretRef',
    'nodeExpandSecretRef',
  ] as const) {
    const secret = source[field];
    if (secret === undefined) continue;
    checkRequired(secret, ['name', 'namespace'], `${path}.${field}`, faults);
  }
}

function checkVolumeSpec(spec: Spec, faults: Faults): void {
  const modes = spec.accessModes ?? [];
  if (modes.length === 0) faults.required('spec.accessModes');
  checkAccessModes(modes, 'spec.accessModes', faults);
  const capacity = spec.capacity ?? {};
  const names = Object.keys(capacity);
  if (names.length === 0) faults.required('spec.capacity');
  if (!Object.hasOwn(capacity, 'storage') || names.length > 1) {
    faults.notSupported('spec.capacity', spec.capacity ?? null, ['storage']);
  }
  for (const name of names) checkPositiveQuantity(capacity[name], `spec.capacity[${name}]`, faults);
  const policy = spec.persistentVolumeReclaimPolicy;
  checkOneOf(policy, RECLAIM_POLICIES, 'spec.persistentVolumeReclaimPolicy', faults);
  checkAffinity(spec, faults);
  checkSources(spec, faults);
  if (policy === 'Recycle' && spec.hostPath?.path !== undefined && isRootPath(spec.hostPath.path)) {
    const text = "may not be 'recycle' for a hostPath mount of '/'";
    faults.forbidden('spec.persistentVolumeReclaimPolicy', text);
  }
  const storageClass = spec.storageClassName ?? '';
  if (storageClass !== '') faults.invalidEach('spec.storageClassName', storageClass, nameIsDnsSubdomain(storageClass));
  checkOneOf(spec.volumeMode, VOLUME_MODES, 'spec.volumeMode', faults);
  const attributes = spec.volumeAttributesClassName;
  if (attributes === undefined) return;
  const at = 'spec.volumeAttributesClassName';
  if (attributes === '') faults.required(at, 'an empty string is disallowed');
  else faults.invalidEach(at, attributes, nameIsDnsSubdomain(attributes));
  if (spec.csi === undefined) faults.required('spec.csi', 'has to be specified when using volumeAttributesClassName');
}

function checkAffinity(spec: Spec, faults: Faults): void {
  if (spec.nodeAffinity === undefined) return;
  const { required } = spec.nodeAffinity;
  if (required === undefined) faults.required('spec.nodeAffinity.required', 'must specify required node constraints');
  else checkNodeSelector(required, 'spec.nodeAffinity.required', faults);
}

function checkSources(spec: Spec, faults: Faults): void {
  let count = 0;
  for (const [field, check] of SOURCES) {
    const source = spec[field];
    if (typeof source !== 'object') continue;
    count += 1;
    if (count > 1) {
      faults.forbidden(`spec.${field}`, 'may not specify more than 1 volume type');
      continue;
    }
    check(source, `spec.${field}`, faults);
    if (field === 'local' && spec.nodeAffinity === undefined) {
      faults.required('spec.nodeAffinity', 'Local volume requires node affinity');
    }
  }
  if (count === 0) faults.required('spec', 'must specify a volume type');
}

function validateUpdate(volume: Loose<PersistentVolume>, old: Loose<PersistentVolume>, faults: Faults): void {
  const spec = volume.spec ?? {};
  const before = old.spec ?? {};
  const changed = SOURCES.find(([field]) => !semanticEqual(sourceOf(spec, field), sourceOf(before, field)));
  if (changed !== undefined && !isSecretAdded(spec, before, changed[0])) {
    faults.forbidden(
      'spec.persistentvolumesource',
      `spec.persistentvolumesource is immutable after creation\n${changed[0]}`,
    );
  }
  checkImmutable(spec.volumeMode, before.volumeMode, 'volumeMode', faults);
  if (before.nodeAffinity !== undefined && !semanticEqual(spec.nodeAffinity, before.nodeAffinity)) {
    faults.invalid(
      'nodeAffinity',
      spec.nodeAffinity ?? null,
      `${IMMUTABLE}, except for updating from beta label to GA`,
    );
  }
  if (before.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined) {
    faults.forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden');
  }
}

function sourceOf(spec: Spec, field: keyof PersistentVolumeSpec): unknown {
  return spec[field];
}

/** A CSI volume may get the secret that growing it needs. */
function isSecretAdded(spec: Spec, before: Spec, field: string): boolean {
  if (field !== 'csi' || spec.csi === undefined || before.csi?.controllerExpandSecretRef !== undefined) return false;
  return semanticEqual({ ...spec.csi, controllerExpandSecretRef: undefined }, before.csi);
}
