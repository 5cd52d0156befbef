import type { Node, PersistentVolume } from '../../../kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../../kube/object.ts';
import {
  age,
  ageColumn,
  at,
  column,
  type Column,
  field,
  nameColumn,
  NONE,
  textOf,
  UNKNOWN,
  UNSET,
  wide,
} from './columns.ts';

const ROLE = 'node-role.kubernetes.io/';

function nodeStatus(object: KubeObject): string {
  const { spec, status } = object as unknown as Node;
  const ready = status?.conditions?.find((condition) => condition.type === 'Ready');
  const word = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return spec?.unschedulable === true ? `${word},SchedulingDisabled` : word;
}

function nodeRoles(object: KubeObject): string {
  const roles = Object.entries(object.metadata.labels ?? {})
    .map(([key, value]) => {
      if (key.startsWith(ROLE)) return key.slice(ROLE.length);
      return key === 'kubernetes.io/role' ? value : '';
    })
    .filter((role) => role !== '');
  return roles.length === 0 ? NONE : [...new Set(roles)].sort().join(',');
}

function nodeAddress(type: string): (object: KubeObject) => string {
  return (object) => (object as unknown as Node).status?.addresses?.find((each) => each.type === type)?.address ?? NONE;
}

export const nodeColumns: readonly Column[] = [
  nameColumn,
  column('Status', nodeStatus),
  column('Roles', nodeRoles),
  ageColumn,
  column('Version', field('status.nodeInfo.kubeletVersion')),
  wide('Internal-IP', nodeAddress('InternalIP')),
  wide('External-IP', nodeAddress('ExternalIP')),
  wide('OS-Image', field('status.nodeInfo.osImage', UNKNOWN)),
  wide('Kernel-Version', field('status.nodeInfo.kernelVersion', UNKNOWN)),
  wide('Container-Runtime', field('status.nodeInfo.containerRuntimeVersion', UNKNOWN)),
];

function seen(object: KubeObject, now: number, which: 'first' | 'last'): string {
  const first = at(object, ['firstTimestamp']) ?? at(object, ['eventTime']);
  const last = at(object, ['series', 'lastObservedTime']) ?? at(object, ['lastTimestamp']) ?? first;
  return age(which === 'first' ? first : last, now);
}

function eventCount(object: KubeObject): number {
  const count = at(object, ['series', 'count']) ?? at(object, ['count']);
  return typeof count === 'number' && count > 0 ? count : 1;
}

export const eventColumns: readonly Column[] = [
  column('Last Seen', (object, { now }) => seen(object, now, 'last')),
  column('Type', field('type')),
  column('Reason', field('reason')),
  column('Object', (object) => {
    const kind = textOf(at(object, ['involvedObject', 'kind'])).toLowerCase();
    const name = textOf(at(object, ['involvedObject', 'name']));
    return name === '' ? kind : `${kind}/${name}`;
  }),
  wide('Subobject', field('involvedObject.fieldPath')),
  wide('Source', (object) => {
    const component = textOf(at(object, ['source', 'component']) ?? at(object, ['reportingComponent']));
    const host = textOf(at(object, ['source', 'host']) ?? at(object, ['reportingInstance']));
    return [component, host].filter((part) => part !== '').join(', ');
  }),
  column('Message', (object) => textOf(at(object, ['message'])).trim()),
  wide('First Seen', (object, { now }) => seen(object, now, 'first')),
  wide('Count', eventCount, 'integer'),
  wide('Name', (object) => object.metadata.name ?? ''),
];

export const namespaceColumns: readonly Column[] = [nameColumn, column('Status', field('status.phase')), ageColumn];

function size(...paths: readonly string[]): (object: KubeObject) => number {
  return (object) =>
    paths.reduce((total, path) => {
      const value = at(object, [path]);
      return total + (typeof value === 'object' && value !== null ? Object.keys(value).length : 0);
    }, 0);
}

export const secretColumns: readonly Column[] = [
  nameColumn,
  column('Type', field('type')),
  column('Data', size('data'), 'integer'),
  ageColumn,
];

export const configMapColumns: readonly Column[] = [
  nameColumn,
  column('Data', size('data', 'binaryData'), 'integer'),
  ageColumn,
];

export const serviceAccountColumns: readonly Column[] = [
  nameColumn,
  column('Secrets', size('secrets'), 'integer'),
  ageColumn,
];

const MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

/** In an order of its own, each once. kubernetes: pkg/apis/core/helper/helpers.go GetAccessModesAsString */
function accessModes(path: readonly string[]): (object: KubeObject) => string {
  return (object) => {
    const modes = at(object, path);
    if (!Array.isArray(modes)) return '';
    return Object.keys(MODES)
      .filter((mode) => modes.includes(mode))
      .map((mode) => MODES[mode])
      .join(',');
  };
}

export const persistentVolumeColumns: readonly Column[] = [
  nameColumn,
  column('Capacity', field('spec.capacity.storage')),
  column('Access Modes', accessModes(['spec', 'accessModes'])),
  column('Reclaim Policy', field('spec.persistentVolumeReclaimPolicy')),
  column('Status', (object) =>
    object.metadata.deletionTimestamp === undefined ? field('status.phase')(object, { now: 0 }) : 'Terminating',
  ),
  column('Claim', (object) => {
    const claim = (object as unknown as PersistentVolume).spec?.claimRef;
    return claim === undefined ? '' : `${claim.namespace ?? ''}/${claim.name ?? ''}`;
  }),
  column('StorageClass', field('spec.storageClassName')),
  column('VolumeAttributesClass', field('spec.volumeAttributesClassName', UNSET)),
  column('Reason', field('status.reason')),
  ageColumn,
  wide('VolumeMode', field('spec.volumeMode', UNSET)),
];

/** A cell that is empty while a claim has no volume. */
function bound(cell: Column['cell']): Column['cell'] {
  return (object, context) => (textOf(at(object, ['spec', 'volumeName'])) === '' ? '' : cell(object, context));
}

export const persistentVolumeClaimColumns: readonly Column[] = [
  nameColumn,
  column('Status', (object) =>
    object.metadata.deletionTimestamp === undefined ? field('status.phase')(object, { now: 0 }) : 'Terminating',
  ),
  column('Volume', field('spec.volumeName')),
  column('Capacity', bound(field('status.capacity.storage'))),
  column('Access Modes', bound(accessModes(['status', 'accessModes']))),
  column('StorageClass', field('spec.storageClassName')),
  column('VolumeAttributesClass', field('spec.volumeAttributesClassName', UNSET)),
  ageColumn,
  wide('VolumeMode', field('spec.volumeMode', UNSET)),
];

function pairs(hard: unknown, used: unknown, pick: (name: string) => boolean): string {
  if (typeof hard !== 'object' || hard === null) return '';
  const amounts = (used ?? {}) as Readonly<Record<string, unknown>>;
  return Object.entries(hard)
    .filter(([name]) => pick(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, limit]) => `${name}: ${textOf(amounts[name], '0')}/${textOf(limit)}`)
    .join(', ');
}

export const resourceQuotaColumns: readonly Column[] = [
  nameColumn,
  column('Request', (object) =>
    pairs(at(object, ['status', 'hard']), at(object, ['status', 'used']), (name) => !name.startsWith('limits.')),
  ),
  column('Limit', (object) =>
    pairs(at(object, ['status', 'hard']), at(object, ['status', 'used']), (name) => name.startsWith('limits.')),
  ),
  ageColumn,
];
