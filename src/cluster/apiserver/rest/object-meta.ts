import { isObject } from '../../../base/json.ts';
import type { OwnerReference } from '../../../kube/api/meta-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import { isPathSegmentName, isQualifiedName, nameIsDnsLabel } from '../../../kube/names.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { checkAnnotations, checkLabels } from '../../registry/checks/labels.ts';
import { checkImmutable, isDecremented } from '../../registry/checks/values.ts';
import { Faults } from '../../registry/faults.ts';
import type { Draft } from '../../registry/strategy.ts';
import { badRequest } from '../../registry/status.ts';

/** Finalizers that the garbage collector acts on. */
export const FOREGROUND_FINALIZER = 'foregroundDeletion';
export const ORPHAN_FINALIZER = 'orphan';

type Meta = KubeObject['metadata'];

/** The metadata of a draft, with the types that the decoder has checked. */
export function metaOf(draft: Draft): Meta {
  return draft.metadata;
}

/** Sets or, for undefined, removes a field of the metadata. Only what is there is removed: `delete` makes objects slow. */
export function setMeta<Key extends keyof Meta>(draft: Draft, key: Key, value: Meta[Key]): void {
  if (value !== undefined) draft.metadata[key] = value;
  else if (key in draft.metadata) delete draft.metadata[key];
}

/**
 * Puts the namespace of the request into the object. apiserver: pkg/registry/rest/meta.go
 *
 * @throws StatusError 400 for another one
 */
export function ensureNamespace(draft: Draft, namespace: string): void {
  const own = metaOf(draft).namespace ?? '';
  if (own === namespace) return;
  if (own !== '' && namespace !== '') {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  setMeta(draft, 'namespace', namespace === '' ? undefined : namespace);
}

/** Each owner once; says so when there were more. apiserver: pkg/endpoints/handlers/rest.go */
export function dedupOwnerReferences(draft: Draft, warn: (message: string) => void): void {
  const owners = metaOf(draft).ownerReferences;
  if (owners === undefined || owners.length < 2) return;
  const kept: OwnerReference[] = [];
  for (const owner of owners) if (!kept.some((other) => deepEqual(other, owner))) kept.push(owner);
  if (kept.length === owners.length) return;
  const duplicates = owners.filter((owner, i) => owners.findIndex((other) => deepEqual(other, owner)) !== i);
  const uids = [...new Set(duplicates.map((owner) => owner.uid))].join(', ');
  warn(
    `.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${uids}`,
  );
  setMeta(draft, 'ownerReferences', kept);
}

/**
 * The faults of new metadata. apimachinery: pkg/api/validation/objectmeta.go
 *
 * @param validateName of the kind
 */
export function checkNewMeta(
  draft: Draft,
  namespaced: boolean,
  validateName: (name: string, isPrefix: boolean) => readonly string[],
): Faults {
  const faults = new Faults();
  const { name = '', generateName = '' } = metaOf(draft);
  if (generateName !== '') {
    faults.invalidEach('metadata.generateName', generateName, validateName(generateName, true));
  }
  if (name === '') faults.required('metadata.name', 'name or generateName is required');
  else faults.invalidEach('metadata.name', name, validateName(name, false));
  checkNamespaceField(draft, namespaced, faults);
  checkLabels(metaOf(draft).labels, 'metadata.labels', faults);
  checkRest(draft, faults);
  return faults;
}

/** The faults of changed metadata: what is new in it, and what must stay. */
export function checkMetaUpdate(draft: Draft, old: KubeObject): Faults {
  const faults = new Faults();
  const [meta, before] = [metaOf(draft), old.metadata];
  const { name = '' } = meta;
  if (name !== before.name) faults.invalidEach('metadata.name', name, isPathSegmentName(name));
  if (before.deletionTimestamp !== undefined) {
    const extra = (meta.finalizers ?? []).filter((each) => before.finalizers?.includes(each) !== true);
    if (extra.length > 0) {
      const list = `[]string{${extra
        .toSorted()
        .map((each) => JSON.stringify(each))
        .join(', ')}}`;
      faults.forbidden(
        'metadata.finalizers',
        `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`,
      );
    }
  }
  if (isDecremented(meta.generation, before.generation)) {
    faults.invalid('metadata.generation', meta.generation ?? 0, 'must not be decremented');
  }
  checkImmutable(meta.name, before.name, 'metadata.name', faults);
  checkImmutable(meta.namespace, before.namespace, 'metadata.namespace', faults);
  checkImmutable(meta.uid, before.uid, 'metadata.uid', faults);
  checkImmutable(meta.deletionTimestamp, before.deletionTimestamp, 'metadata.deletionTimestamp', faults);
  checkImmutable(
    meta.deletionGracePeriodSeconds,
    before.deletionGracePeriodSeconds,
    'metadata.deletionGracePeriodSeconds',
    faults,
  );
  if (!deepEqual(meta.labels, before.labels)) checkLabels(meta.labels, 'metadata.labels', faults);
  checkRest(draft, faults, before);
  return faults;
}

function checkNamespaceField(draft: Draft, namespaced: boolean, faults: Faults): void {
  const { namespace = '' } = metaOf(draft);
  if (!namespaced) {
    if (namespace !== '') faults.forbidden('metadata.namespace', 'not allowed on this type');
  } else if (namespace === '') faults.required('metadata.namespace');
  else faults.invalidEach('metadata.namespace', namespace, nameIsDnsLabel(namespace));
}

/** Annotations, owners and finalizers; those that are as before need no look. */
function checkRest(draft: Draft, faults: Faults, before?: Meta): void {
  const { annotations, ownerReferences, finalizers } = metaOf(draft);
  if (!deepEqual(annotations, before?.annotations)) checkAnnotations(annotations, 'metadata.annotations', faults);
  if (!deepEqual(ownerReferences, before?.ownerReferences)) checkOwners(ownerReferences ?? [], faults);
  if (!deepEqual(finalizers, before?.finalizers)) checkFinalizers(finalizers ?? [], faults);
}

function checkOwners(owners: readonly OwnerReference[], faults: Faults): void {
  const path = 'metadata.ownerReferences';
  let controller = '';
  for (const owner of owners) {
    if ((owner.apiVersion ?? '') === '') faults.invalid(`${path}.apiVersion`, '', 'version must not be empty');
    for (const field of ['kind', 'name', 'uid'] as const) {
      if ((owner[field] ?? '') === '') faults.invalid(`${path}.${field}`, '', 'must not be empty');
    }
    if (owner.apiVersion === 'v1' && owner.kind === 'Event') {
      faults.invalid(path, owner, '/v1, Kind=Event is disallowed from being an owner');
    }
    if (owner.controller !== true) continue;
    const text = `${owner.kind}/${owner.name}`;
    if (controller === '') controller = text;
    else {
      const detail = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${text}`;
      faults.invalid(path, owners, detail);
    }
  }
}

function checkFinalizers(finalizers: readonly string[], faults: Faults): void {
  const path = 'metadata.finalizers';
  for (const finalizer of finalizers) faults.invalidEach(path, finalizer, isQualifiedName(finalizer));
  if (finalizers.includes(FOREGROUND_FINALIZER) && finalizers.includes(ORPHAN_FINALIZER)) {
    faults.invalid(path, finalizers, `finalizer ${ORPHAN_FINALIZER} and ${FOREGROUND_FINALIZER} cannot be both set`);
  }
}

/** Finalizers that hold an object back: those of the metadata, and those that namespaces have in their spec. */
export function pendingFinalizers(object: KubeObject | Draft): readonly string[] {
  const own = (object.metadata as Meta).finalizers ?? [];
  if (object.kind !== 'Namespace' || object.apiVersion !== 'v1') return own;
  const { spec } = object as Draft;
  const more = isObject(spec) && Array.isArray(spec['finalizers']) ? (spec['finalizers'] as string[]) : [];
  return more.length === 0 ? own : [...own, ...more];
}
