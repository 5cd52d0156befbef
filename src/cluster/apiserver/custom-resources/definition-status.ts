import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionStatus,
} from '../../../kube/api/apiextensions-v1.generated.ts';

type Conditions = readonly CustomResourceDefinitionCondition[];

/** True once a definition's resources are served. */
export function isEstablished({ status }: CustomResourceDefinition): boolean {
  return status?.conditions?.some((each) => each.type === 'Established' && each.status === 'True') ?? false;
}

/**
 * The status of a definition: names that nobody else has are accepted, and then it is established.
 * apiextensions: pkg/controller/status/naming_controller.go, pkg/controller/establish
 *
 * @param others the other definitions
 * @param now for conditions that change
 */
export function definitionStatus(
  definition: CustomResourceDefinition,
  others: readonly CustomResourceDefinition[],
  now: string,
): CustomResourceDefinitionStatus {
  const { spec, metadata } = definition;
  const old = definition.status;
  const wanted = acceptable(spec?.names);
  const conflict = spec === undefined ? undefined : findConflict(spec.group, wanted, others);
  const stored = (spec?.versions ?? []).filter((version) => version.storage).map((version) => version.name);
  const before: Conditions = old?.conditions ?? [];
  let conditions = before;
  const set = (type: string, value: boolean, reason: string, message: string): void => {
    conditions = withCondition(conditions, { type, status: value ? 'True' : 'False', reason, message }, now);
  };
  if (conflict === undefined) set('NamesAccepted', true, 'NoConflicts', 'no conflicts found');
  else set('NamesAccepted', false, conflict.reason, conflict.message);
  if (before.some((each) => each.type === 'Established' && each.status === 'True')) {
    // Once served, always served.
  } else if (conflict === undefined) {
    set('Established', true, 'InitialNamesAccepted', 'the initial names have been accepted');
  } else set('Established', false, 'NotAccepted', 'not all names are accepted');
  if (metadata?.deletionTimestamp !== undefined) {
    set('Terminating', true, 'InstanceDeletionInProgress', 'CustomResource deletion is in progress');
  }
  return {
    acceptedNames: conflict === undefined ? wanted : (old?.acceptedNames ?? { kind: '', plural: '' }),
    conditions,
    storedVersions: [...new Set([...(old?.storedVersions ?? []), ...stored])],
  };
}

function acceptable(names: CustomResourceDefinitionNames | undefined): CustomResourceDefinitionNames {
  const { kind = '', plural = '' } = names ?? {};
  return {
    ...names,
    kind,
    plural,
    listKind: names?.listKind ?? `${kind}List`,
    singular: names?.singular ?? kind.toLowerCase(),
  };
}

function findConflict(
  group: string,
  wanted: CustomResourceDefinitionNames,
  others: readonly CustomResourceDefinition[],
): { readonly reason: string; readonly message: string } | undefined {
  const taken = others
    .filter((other) => other.spec?.group === group)
    .map((other) => other.status?.acceptedNames)
    .filter((names) => names !== undefined);
  const resources = new Set(taken.flatMap((names) => [names.plural, names.singular, ...(names.shortNames ?? [])]));
  const kinds = new Set(taken.flatMap((names) => [names.kind, names.listKind]));
  const inUse = (name: string): string => `${JSON.stringify(name)} is already in use`;
  if (resources.has(wanted.plural)) return { reason: 'PluralConflict', message: inUse(wanted.plural) };
  const { singular = '', listKind = '', kind } = wanted;
  if (resources.has(singular)) return { reason: 'SingularConflict', message: inUse(singular) };
  const short = (wanted.shortNames ?? []).find((name) => resources.has(name));
  if (short !== undefined) return { reason: 'ShortNamesConflict', message: inUse(short) };
  if (kinds.has(kind)) return { reason: 'KindConflict', message: inUse(kind) };
  return kinds.has(listKind) ? { reason: 'ListKindConflict', message: inUse(listKind) } : undefined;
}

function withCondition(
  conditions: Conditions,
  next: Omit<CustomResourceDefinitionCondition, 'lastTransitionTime'>,
  now: string,
): Conditions {
  const old = conditions.find((each) => each.type === next.type);
  const lastTransitionTime = old?.status === next.status ? (old.lastTransitionTime ?? now) : now;
  const condition = { lastTransitionTime, ...next };
  if (old === undefined) return [...conditions, condition];
  return conditions.map((each) => (each === old ? condition : each));
}
