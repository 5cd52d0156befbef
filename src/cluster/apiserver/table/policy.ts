import { isObject } from '../../../base/json.ts';
import type { MetricSpec, MetricStatus } from '../../../kube/api/autoscaling-v2.generated.ts';
import type { KubeObject } from '../../../kube/object.ts';
import {
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

function targetText(
  target:
    | {
        averageUtilization?: number | undefined;
        averageValue?: string | number | undefined;
        value?: string | number | undefined;
      }
    | undefined,
): string {
  if (target?.averageUtilization !== undefined) return `${target.averageUtilization}%`;
  return String(target?.averageValue ?? target?.value ?? UNKNOWN);
}

function metricText(spec: MetricSpec, current: MetricStatus | undefined): string {
  const resource = spec.resource ?? spec.containerResource;
  if (resource !== undefined) {
    const now = current?.resource?.current ?? current?.containerResource?.current;
    return `${resource.name}: ${now === undefined ? UNKNOWN : targetText(now)}/${targetText(resource.target)}`;
  }
  const other = spec.pods ?? spec.object ?? spec.external;
  const now = (current?.pods ?? current?.object ?? current?.external)?.current;
  return `${now === undefined ? UNKNOWN : targetText(now)}/${targetText(other?.target)}`;
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
  column('Webhooks', (object) => ((at(object, ['webhooks']) ?? []) as readonly unknown[]).length, 'integer'),
  ageColumn,
];

export const signingRequestColumns: readonly Column[] = [
  nameColumn,
  ageColumn,
  column('SignerName', field('spec.signerName', NONE)),
  column('Requestor', field('spec.username')),
  column('RequestedDuration', (object) => {
    const seconds = at(object, ['spec', 'expirationSeconds']);
    return typeof seconds === 'number' ? `${seconds}s` : NONE;
  }),
  column('Condition', (object) => {
    const conditions = (at(object, ['status', 'conditions']) ?? []) as readonly { type: string }[];
    const names = conditions.map(({ type }) => type);
    const issued = typeof at(object, ['status', 'certificate']) === 'string' ? ['Issued'] : [];
    return names.length === 0 && issued.length === 0 ? 'Pending' : [...names, ...issued].join(',');
  }),
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
