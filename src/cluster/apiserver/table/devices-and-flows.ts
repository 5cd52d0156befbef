import type { FlowSchema, PriorityLevelConfiguration } from '../../../kube/api/flowcontrol-v1.generated.ts';
import type { ResourceClaim } from '../../../kube/api/resource-v1.generated.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { ageColumn, at, column, type Column, field, nameColumn, NONE } from './columns.ts';

export const flowSchemaColumns: readonly Column[] = [
  nameColumn,
  column('PriorityLevel', field('spec.priorityLevelConfiguration.name')),
  column('MatchingPrecedence', field('spec.matchingPrecedence', 0), 'integer'),
  column('DistinguisherMethod', field('spec.distinguisherMethod.type', NONE)),
  ageColumn,
  column('MissingPL', (object) => {
    const { status } = object as unknown as FlowSchema;
    return status?.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?';
  }),
];

function levelNumber(
  read: (level: PriorityLevelConfiguration) => number | undefined,
): (object: KubeObject) => string | number {
  return (object) => read(object) ?? NONE;
}

export const priorityLevelColumns: readonly Column[] = [
  nameColumn,
  column('Type', field('spec.type')),
  column(
    'NominalConcurrencyShares',
    levelNumber(({ spec }) => spec?.limited?.nominalConcurrencyShares ?? spec?.exempt?.nominalConcurrencyShares ?? 0),
  ),
  column(
    'Queues',
    levelNumber(({ spec }) => spec?.limited?.limitResponse?.queuing?.queues),
  ),
  column(
    'HandSize',
    levelNumber(({ spec }) => spec?.limited?.limitResponse?.queuing?.handSize),
  ),
  column(
    'QueueLengthLimit',
    levelNumber(({ spec }) => spec?.limited?.limitResponse?.queuing?.queueLengthLimit),
  ),
  ageColumn,
];

export const resourceClaimColumns: readonly Column[] = [
  nameColumn,
  column('State', (object) => {
    const { status = {}, metadata } = object as unknown as ResourceClaim;
    const states = [
      ...(metadata.deletionTimestamp === undefined ? [] : ['deleted']),
      ...(status.allocation === undefined ? ['pending'] : ['allocated']),
      ...((status.reservedFor ?? []).length === 0 ? [] : ['reserved']),
    ];
    return (states.length > 1 ? states.filter((state) => state !== 'pending') : states).join(',');
  }),
  ageColumn,
];

export const resourceSliceColumns: readonly Column[] = [
  nameColumn,
  column('Node', field('spec.nodeName', NONE)),
  column('Driver', field('spec.driver')),
  column('Pool', field('spec.pool.name')),
  ageColumn,
];

export const serviceCidrColumns: readonly Column[] = [
  nameColumn,
  column('CIDRs', (object) => ((at(object, ['spec', 'cidrs']) ?? []) as readonly string[]).join(',')),
  ageColumn,
];

export const storageCapacityColumns: readonly Column[] = [
  nameColumn,
  column('StorageClassName', field('storageClassName')),
  column('Capacity', field('capacity', '<unset>')),
];

export const volumeAttributesClassColumns: readonly Column[] = [
  nameColumn,
  column('DriverName', field('driverName')),
  ageColumn,
];
