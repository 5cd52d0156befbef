import type { KubeObject } from '../../../kube/object.ts';
import { StatusError } from '../../../kube/status-error.ts';
import type { FieldError } from '../../registry/field-error.ts';
import { alreadyExists, generateNameConflict, invalid } from '../../registry/status.ts';
import type { Draft } from '../../registry/strategy.ts';
import { admissionRequest } from './admit.ts';
import { commitPut } from './commit.ts';
import { type Core, type Operation, strategyContext } from './core.ts';
import { recordUpdate } from './field-managers.ts';
import { generateName, newUid } from './identity.ts';
import { checkNewMeta, dedupOwnerReferences, ensureNamespace, metaOf, setMeta } from './object-meta.ts';
import { formatTime } from '../../machinery/time.ts';

const NAME_ATTEMPTS = 8;
const NOT_ON_CREATE = [
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
] as const;

/**
 * Creates an object from a decoded body, which it takes over: defaults, admission, what the server sets, validation, admission
 * again, commit. apiserver: pkg/registry/generic/registry/store.go (create), pkg/endpoints/handlers/create.go
 *
 * @param applied true when a server-side apply has recorded its field manager already
 * @throws StatusError
 */
export function createObject(core: Core, operation: Operation, draft: Draft, applied = false): KubeObject {
  const { served } = operation;
  const { strategy, type } = served;
  for (const field of NOT_ON_CREATE) setMeta(draft, field, undefined);
  ensureNamespace(draft, operation.namespace);
  dedupOwnerReferences(draft, operation.warn);
  strategy.applyDefaults(draft);
  if (!applied) recordUpdate(draft, undefined, operation, core.clock.now());
  core.admission.admit(admissionRequest(core, operation, { verb: 'CREATE', draft }));

  setMeta(draft, 'creationTimestamp', formatTime(core.clock.now()));
  setMeta(draft, 'uid', newUid(core.random));
  giveName(core, operation, draft);
  const context = strategyContext(core, operation);
  strategy.prepareForCreate(draft, context);
  setMeta(draft, 'generation', (strategy.hasGeneration ?? strategy.hasStatus) ? 1 : undefined);
  // Validity decides first; addresses and ports are given out to what is valid so far.
  const faults: FieldError[] = [
    ...checkNewMeta(draft, type.namespaced, (...name) => strategy.validateName(...name)).list,
  ];
  faults.push(...(strategy.allocate?.(draft, undefined, context) ?? []), ...strategy.validateCreate(draft, context));
  if (faults.length > 0) throw invalid(type, metaOf(draft).name ?? '', faults);
  core.admission.validate(admissionRequest(core, operation, { verb: 'CREATE', draft }));
  refuseExisting(core, operation, draft);
  return commitPut(core, operation, draft, 0);
}

function giveName(core: Core, { served, namespace }: Operation, draft: Draft): void {
  const { name = '', generateName: base = '' } = metaOf(draft);
  if (name !== '' || base === '') return;
  for (let attempt = 1; ; attempt += 1) {
    const candidate = generateName(base, core.random);
    setMeta(draft, 'name', candidate);
    if (core.store.get(served.bucket, namespace, candidate) === undefined) return;
    if (attempt === NAME_ATTEMPTS) throw generateNameConflict(served.type, candidate, 1);
  }
}

function refuseExisting(core: Core, { served, namespace }: Operation, draft: Draft): void {
  const { name = '', resourceVersion = '' } = metaOf(draft);
  const existing = core.store.get(served.bucket, namespace, name);
  if (existing !== undefined) {
    const error = alreadyExists(served.type, name);
    if (existing.value.metadata.deletionTimestamp === undefined) throw error;
    throw new StatusError({ ...error.status, message: `object is being deleted: ${error.message}` });
  }
  if (resourceVersion !== '' && resourceVersion !== '0') {
    throw new StatusError({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'resourceVersion should not be set on objects to be created',
      code: 500,
    });
  }
}
