import type { DeleteOptions } from '../../../client/kube-client.ts';
import { copyMetadata } from '../../../kube/deferred-managed-fields.ts';
import type { KubeObject } from '../../../kube/object.ts';
import type { Draft, Strategy } from '../../registry/strategy.ts';
import { conflict } from '../../registry/status.ts';
import type { StoreEntry } from '../../store/store.ts';
import { admissionRequest } from './admit.ts';
import { commitDelete, commitPut } from './commit.ts';
import type { Core, Operation } from './core.ts';
import { FOREGROUND_FINALIZER, ORPHAN_FINALIZER, pendingFinalizers } from './object-meta.ts';
import { formatTime } from '../../machinery/time.ts';
import { requireStored } from './update.ts';

/** What a deletion came to. */
export interface Deletion {
  /** The object is gone, not only marked. */
  readonly gone: boolean;
  /** Its last state, or the state that waits for finalizers or the end of the grace period. */
  readonly object: KubeObject;
}

type Metadata = KubeObject['metadata'];

/**
 * Deletes an object, or marks it as being deleted while finalizers or a grace period hold it.
 * apiserver: pkg/registry/generic/registry/store.go (Delete), pkg/registry/rest/delete.go
 *
 * @throws StatusError
 */
export function deleteObject(core: Core, operation: Operation, options: DeleteOptions = {}): Deletion {
  const found = requireStored(core, operation);
  checkPreconditions(operation, found, options);
  admitDeletion(core, operation, found.value);
  core.hooks.beforeDelete(core, operation);
  const entry = requireStored(core, operation);
  const old = entry.value;
  const grace = gracefulDeletion(core, operation.served.strategy, old, options);
  if (grace === 'pending') return { gone: false, object: old };
  const metadata = Object.assign(copyMetadata(old.metadata), grace);
  const finalizers = collectorFinalizers(operation.served.strategy, old.metadata, options);
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  else delete metadata.finalizers;
  const marked: KubeObject = { ...old, metadata };
  const held = pendingFinalizers(marked).length > 0;
  if (grace !== undefined && (grace.deletionGracePeriodSeconds > 0 || held)) {
    return { gone: false, object: put(core, operation, entry, marked) };
  }
  if (grace === undefined && held) {
    return { gone: false, object: put(core, operation, entry, markAsDeleting(core, marked)) };
  }
  return { gone: true, object: commitDelete(core, operation, marked, entry.modRevision) };
}

/** @throws StatusError of the plugin or webhook that refuses */
export function admitDeletion(core: Core, operation: Operation, old: KubeObject): void {
  const request = admissionRequest(core, operation, { verb: 'DELETE', old });
  core.admission.admit(request);
  core.admission.validate(request);
}

function put(core: Core, operation: Operation, entry: StoreEntry, marked: KubeObject): KubeObject {
  const old = entry.value;
  if (sameMark(marked.metadata, old.metadata)) return old;
  return commitPut(core, operation, withStatus(marked) as Draft, entry.modRevision);
}

function sameMark(a: Metadata, b: Metadata): boolean {
  return (
    a.deletionTimestamp === b.deletionTimestamp &&
    a.deletionGracePeriodSeconds === b.deletionGracePeriodSeconds &&
    (a.finalizers ?? []).join(',') === (b.finalizers ?? []).join(',')
  );
}

/** A namespace shows at once that it is being deleted. */
function withStatus(object: KubeObject): KubeObject {
  if (object.kind !== 'Namespace' || object.apiVersion !== 'v1') return object;
  return { ...object, status: { ...(object['status'] as object | undefined), phase: 'Terminating' } };
}

function checkPreconditions(
  { served, name }: Operation,
  { value }: StoreEntry,
  { preconditions }: DeleteOptions,
): void {
  if (preconditions === undefined) return;
  const { group, kind } = served.type;
  const subject = { group, resource: kind };
  const { uid = '', resourceVersion = '' } = value.metadata;
  if (preconditions.uid !== undefined && preconditions.uid !== uid) {
    const reason = `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
    throw conflict(subject, name, reason);
  }
  if (preconditions.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    const reason = `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`;
    throw conflict(subject, name, reason);
  }
}

interface Grace {
  readonly deletionTimestamp: string;
  readonly deletionGracePeriodSeconds: number;
  readonly generation?: number;
}

/**
 * The marks of a graceful deletion; undefined where there is none or it is over; `pending` when one runs that this request
 * does not shorten.
 */
function gracefulDeletion(
  core: Core,
  strategy: Strategy,
  object: KubeObject,
  options: DeleteOptions,
): Grace | 'pending' | undefined {
  if (strategy.gracePeriod === undefined) return undefined;
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, generation = 0 } = object.metadata;
  const wish = options.gracePeriodSeconds;
  const requested = wish !== undefined && wish < 0 ? 1 : wish;
  const now = core.clock.now();
  if (deletionTimestamp === undefined) {
    const seconds = strategy.gracePeriod(object, requested);
    return {
      deletionTimestamp: formatTime(now + seconds * 1000),
      deletionGracePeriodSeconds: seconds,
      ...(generation > 0 ? { generation: generation + 1 } : {}),
    };
  }
  if (deletionGracePeriodSeconds === 0) return undefined;
  if (requested === undefined || requested >= deletionGracePeriodSeconds) return 'pending';
  const end = Date.parse(deletionTimestamp) + (requested - deletionGracePeriodSeconds) * 1000;
  if (end >= now) return { deletionTimestamp: formatTime(end), deletionGracePeriodSeconds: requested };
  return { deletionTimestamp: formatTime(now), deletionGracePeriodSeconds: requested === 0 ? 0 : 1 };
}

function markAsDeleting(core: Core, object: KubeObject): KubeObject {
  const { deletionTimestamp, generation = 0 } = object.metadata;
  const now = core.clock.now();
  const metadata = copyMetadata(object.metadata);
  metadata.deletionGracePeriodSeconds = 0;
  if (deletionTimestamp === undefined && generation > 0) metadata.generation = generation + 1;
  if (deletionTimestamp === undefined || Date.parse(deletionTimestamp) > now)
    metadata.deletionTimestamp = formatTime(now);
  return { ...object, metadata };
}

/** The finalizers as the propagation policy wants them. */
function collectorFinalizers(strategy: Strategy, metadata: Metadata, options: DeleteOptions): readonly string[] {
  const own = metadata.finalizers ?? [];
  const others = own.filter((each) => each !== FOREGROUND_FINALIZER && each !== ORPHAN_FINALIZER);
  const policy = options.propagationPolicy ?? policyOfFinalizers(own) ?? strategy.defaultPropagation;
  if (policy === 'Orphan') return [...others, ORPHAN_FINALIZER];
  if (policy === 'Foreground') return [...others, FOREGROUND_FINALIZER];
  return others;
}

function policyOfFinalizers(finalizers: readonly string[]): 'Orphan' | 'Foreground' | undefined {
  const first = finalizers.find((each) => each === ORPHAN_FINALIZER || each === FOREGROUND_FINALIZER);
  return first === undefined ? undefined : first === ORPHAN_FINALIZER ? 'Orphan' : 'Foreground';
}
