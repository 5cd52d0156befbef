import type { ManagedFieldsEntry } from './api/meta-v1.generated.ts';
import { deepEqual } from './equality.ts';
import {
  fieldElement,
  fieldSetOf,
  formatFieldSet,
  parseFieldSet,
  subtractFieldSets,
  unionFieldSets,
} from './field-set.ts';
import type { JsonPatchOperation } from './json-patch.ts';
import type { KubeObject } from './object.ts';

/** Where `kubectl apply` keeps what it applied last. */
export const LAST_APPLIED_ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';

const lastAppliedSet = fieldSetOf([
  fieldElement('metadata'),
  fieldElement('annotations'),
  fieldElement(LAST_APPLIED_ANNOTATION),
]);

/**
 * The JSON patch that makes fields which managers own by plain updates (client-side apply) the property of a server-side
 * applier, so that its next apply may remove them. Undefined if there is nothing to do. The patch names the resourceVersion it
 * was made for: the server answers 409 if somebody was faster. client-go: util/csaupgrade.
 */
export function upgradeManagedFieldsPatch(
  object: KubeObject,
  clientSideManagers: readonly string[],
  serverSideManager: string,
  subresource = '',
): readonly JsonPatchOperation[] | undefined {
  const before = object.metadata.managedFields;
  if (before === undefined || before === null) return undefined;
  let after: readonly ManagedFieldsEntry[] = before;
  for (const manager of clientSideManagers) after = upgradeManager(after, { manager, serverSideManager, subresource });
  if (deepEqual(before, after)) return undefined;
  return [
    { op: 'replace', path: '/metadata/managedFields', value: after },
    { op: 'replace', path: '/metadata/resourceVersion', value: object.metadata.resourceVersion ?? '' },
  ];
}

interface Upgrade {
  readonly manager: string;
  readonly serverSideManager: string;
  readonly subresource: string;
}

function upgradeManager(entries: readonly ManagedFieldsEntry[], upgrade: Upgrade): readonly ManagedFieldsEntry[] {
  const { manager, serverSideManager, subresource } = upgrade;
  const isClientSide = (entry: ManagedFieldsEntry): boolean =>
    entry.manager === manager && entry.operation === 'Update' && (entry.subresource ?? '') === subresource;
  let index = entries.findIndex(
    (entry) =>
      entry.manager === serverSideManager && entry.operation === 'Apply' && (entry.subresource ?? '') === subresource,
  );
  if (index === -1) index = entries.findIndex(isClientSide);
  const target = entries[index];
  if (target === undefined) return entries;
  const source = entries.find((entry) => isClientSide(entry) && entry.apiVersion === target.apiVersion);
  let fields = parseFieldSet(target.fieldsV1);
  if (source !== undefined) fields = unionFieldSets(fields, parseFieldSet(source.fieldsV1));
  const fieldsV1 = formatFieldSet(subtractFieldSets(fields, lastAppliedSet));
  const upgraded: ManagedFieldsEntry = { ...target, manager: serverSideManager, operation: 'Apply', fieldsV1 };
  return entries.map((entry, i) => (i === index ? upgraded : entry)).filter((entry) => !isClientSide(entry));
}
