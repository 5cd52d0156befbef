import { isObject } from '../../../base/json.ts';
import type { MetricSpec, MetricStatus } from '../../../kube/api/autoscaling-v2.generated.ts';
import type { LabelSelector } from '../../../kube/api/meta-v1.generated.ts';
import type { KubeObject } from '../../../kube/object.ts';
import {
  ageColumn,
  at,
  column,
  type Column,
  field,
  humanDuration,
  nameColumn,
  NONE,
  textOf,
  UNKNOWN,
  UNSET,
  wide,
} from './columns.ts';
import { selectorText } from './selectors.ts';

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

function subjects(kind: string): (object: KubeObject) => string {
  return (object) =>
    ((at(object, ['subjects']) ?? []) as readonly Subject[])
      .filter((subject) => subject.kind === kind)
      .map(({ namespace, name }) => (kind === 'ServiceAccount' ? `${namespace ?? ''}/${name}` : name))
      .join(', ');
}

export const createdAtColumns: readonly Column[] = [
  nameColumn,
  column('Created At', (object) => object.metadata.creationTimestamp ?? UNKNOWN, 'date'),
];

export const roleBindingColumns: readonly Column[] = [
  nameColumn,
  column('Role', (object) => `${textOf(at(object, ['roleRef', 'kind']))}/${textOf(at(object, ['roleRef', 'name']))}`),
  ageColumn,
  wide('Users', subjects('User')),
  wide('Groups', subjects('Group')),
  wide('ServiceAccounts', subjects('ServiceAccount')),
];

function intOrString(path: readonly string[]): (object: KubeObject) => string {
  return (object) => {
    const value = at(object, path);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : 'N/A';
  };
}

export const disruptionBudgetColumns: readonly Column[] = [
  nameColumn,
  column('Min Available', intOrString(['spec', 'minAvailable'])),
  column('Max Unavailable', intOrString(['spec', 'maxUnavailable'])),
  column('Allowed Disruptions', field('status.disruptionsAllowed', 0), 'integer'),
  ageColumn,
];

export const priorityClassColumns: readonly Column[] = [
  nameColumn,
  column('Value', field('value', 0), 'integer'),
  column('Global-Default', field('globalDefault', false), 'boolean'),
  ageColumn,
  column('PreemptionPolicy', field('preemptionPolicy')),
];

export const storageClassColumns: readonly Column[] = [
  column('Name', (object) => {
    const isDefault = object.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';
    return `${object.metadata.name ?? ''}${isDefault ? ' (default)' : ''}`;
  }),
  column('Provisioner', field('provisioner')),
  column('ReclaimPolicy', field('reclaimPolicy', 'Delete')),
  column('VolumeBindingMode', field('volumeBindingMode', 'Immediate')),
  column('AllowVolumeExpansion', field('allowVolumeExpansion', false)),
  ageColumn,
];

interface Amount {
  readonly averageUtilization?: number | undefined;
  readonly averageValue?: string | number | undefined;
  readonly value?: string | number | undefined;
}

/** `CURRENT/TARGET`, of the kind of amount that the target is. */
function metricText(spec: MetricSpec, current: MetricStatus | undefined): string {
  const resource = spec.resource ?? spec.containerResource;
  if (resource !== undefined) {
    const now: Amount | undefined = (current?.resource ?? current?.containerResource)?.current;
    return `${resource.name}: ${resourceText(resource.target, now)}`;
  }
  const other = spec.pods ?? spec.object ?? spec.external;
  const target: Amount | undefined = other?.target;
  const now: Amount | undefined = (current?.pods ?? current?.object ?? current?.external)?.current;
  if (target?.averageValue === undefined) return `${now?.value ?? UNKNOWN}/${target?.value ?? UNKNOWN}`;
  const text = `${now?.averageValue ?? UNKNOWN}/${target.averageValue}`;
  return spec.pods === undefined ? `${text} (avg)` : text;
}

function resourceText(target: Amount, now: Amount | undefined): string {
  if (target.averageValue !== undefined) return `${now?.averageValue ?? UNKNOWN}/${target.averageValue}`;
  const percent = (amount: Amount | undefined, otherwise: string): string =>
    amount?.averageUtilization === undefined ? otherwise : `${amount.averageUtilization}%`;
  return `${percent(now, UNKNOWN)}/${percent(target, '<auto>')}`;
}

export const autoscalerColumns: readonly Column[] = [
  nameColumn,
  column('Reference', (object) => {
    const reference = at(object, ['spec', 'scaleTargetRef']) as { kind: string; name: string } | undefined;
    return `${reference?.kind ?? ''}/${reference?.name ?? ''}`;
  }),
  column('Targets', (object) => {
    const specs = (at(object, ['spec', 'metrics']) ?? []) as readonly MetricSpec[];
    const current = (at(object, ['status', 'currentMetrics']) ?? []) as readonly MetricStatus[];
    if (specs.length === 0) return NONE;
    const shown = specs.slice(0, 2).map((spec, index) => metricText(spec, current[index]));
    return specs.length > 2 ? `${shown.join(', ')} + ${specs.length - 2} more...` : shown.join(', ');
  }),
  column('MinPods', field('spec.minReplicas', UNSET)),
  column('MaxPods', field('spec.maxReplicas', 0), 'integer'),
  column('Replicas', field('status.currentReplicas', 0), 'integer'),
  ageColumn,
];

function lengthAt(object: KubeObject, path: readonly string[]): number {
  const list = at(object, path);
  return Array.isArray(list) ? list.length : 0;
}

export const leaseColumns: readonly Column[] = [nameColumn, column('Holder', field('spec.holderIdentity')), ageColumn];

export const controllerRevisionColumns: readonly Column[] = [
  nameColumn,
  column('Controller', (object) => {
    const owner = object.metadata.ownerReferences?.find((each) => each.controller === true);
    if (owner === undefined) return NONE;
    const slash = owner.apiVersion.indexOf('/');
    const group = slash === -1 ? '' : `.${owner.apiVersion.slice(0, slash)}`;
    return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
  }),
  column('Revision', field('revision', 0), 'integer'),
  ageColumn,
];

export const webhookColumns: readonly Column[] = [
  nameColumn,
  column('Webhooks', (object) => lengthAt(object, ['webhooks']), 'integer'),
  ageColumn,
];

export const signingRequestColumns: readonly Column[] = [
  nameColumn,
  ageColumn,
  column('SignerName', field('spec.signerName', NONE)),
  column('Requestor', field('spec.username')),
  column('RequestedDuration', (object) => {
    const seconds = at(object, ['spec', 'expirationSeconds']);
    return typeof seconds === 'number' ? humanDuration(seconds * 1000) : NONE;
  }),
  column('Condition', requestCondition),
];

function requestCondition(object: KubeObject): string {
  const conditions = (at(object, ['status', 'conditions']) ?? []) as readonly { type: string }[];
  const has = (wanted: string): boolean => conditions.some(({ type }) => type === wanted);
  const parts = [has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'];
  if (has('Failed')) parts.push('Failed');
  if (textOf(at(object, ['status', 'certificate'])) !== '') parts.push('Issued');
  return parts.join(',');
}

export const volumeAttachmentColumns: readonly Column[] = [
  nameColumn,
  column('Attacher', field('spec.attacher')),
  column('PV', field('spec.source.persistentVolumeName')),
  column('Node', field('spec.nodeName')),
  column('Attached', field('status.attached', false), 'boolean'),
  ageColumn,
];

export const csiNodeColumns: readonly Column[] = [
  nameColumn,
  column('Drivers', (object) => lengthAt(object, ['spec', 'drivers']), 'integer'),
  ageColumn,
];

export const csiDriverColumns: readonly Column[] = [
  nameColumn,
  column('AttachRequired', field('spec.attachRequired', true), 'boolean'),
  column('PodInfoOnMount', field('spec.podInfoOnMount', false), 'boolean'),
  column('StorageCapacity', field('spec.storageCapacity', false), 'boolean'),
  column('TokenRequests', (object) => {
    const requests = at(object, ['spec', 'tokenRequests']) as readonly { audience: string }[] | undefined;
    return requests === undefined ? UNSET : requests.map(({ audience }) => audience).join(',');
  }),
  column('RequiresRepublish', field('spec.requiresRepublish', false), 'boolean'),
  column('Modes', (object) => {
    const modes = (at(object, ['spec', 'volumeLifecycleModes']) ?? []) as readonly string[];
    return modes.length === 0 ? NONE : modes.join(',');
  }),
  ageColumn,
];

export const admissionPolicyColumns: readonly Column[] = [
  nameColumn,
  column('Validations', (object) => lengthAt(object, ['spec', 'validations']), 'integer'),
  column('ParamKind', (object) => {
    const kind = at(object, ['spec', 'paramKind']) as { apiVersion: string; kind: string } | undefined;
    return kind === undefined ? UNSET : `${kind.apiVersion}/${kind.kind}`;
  }),
  ageColumn,
];

export const admissionPolicyBindingColumns: readonly Column[] = [
  nameColumn,
  column('PolicyName', field('spec.policyName')),
  column('ParamRef', (object) => {
    const reference = at(object, ['spec', 'paramRef']) as
      | { name?: string; namespace?: string; selector?: LabelSelector }
      | undefined;
    const { name = '', namespace = '', selector } = reference ?? {};
    if (name !== '') return `${namespace === '' ? '*' : namespace}/${name}`;
    return selector === undefined ? UNSET : selectorText(selector);
  }),
  ageColumn,
];

/** kube-aggregator: pkg/registry/apiservice/etcd/etcd.go */
export const apiServiceColumns: readonly Column[] = [
  nameColumn,
  column('Service', (object) => {
    const service = at(object, ['spec', 'service']);
    return isObject(service) ? `${String(service['namespace'])}/${String(service['name'])}` : 'Local';
  }),
  column('Available', (object) => {
    const conditions = at(object, ['status', 'conditions']);
    const found = (Array.isArray(conditions) ? conditions : []).find(
      (each) => isObject(each) && each['type'] === 'Available',
    );
    if (!isObject(found)) return 'Unknown';
    return found['status'] === 'True' ? 'True' : `${String(found['status'])} (${String(found['reason'])})`;
  }),
  ageColumn,
];
