import { isObject } from '../../../base/json.ts';
import { apiVersionOf, type GroupVersionKind, type KubeObject, type ResourceType } from '../../../kube/object.ts';
import type { Draft } from '../../registry/strategy.ts';
import type { AdmissionRequest } from '../admission/plugin.ts';
import { bucketOf } from '../served-resources.ts';
import { type Core, objectsOf, type Operation, readObject } from './core.ts';
import { metaOf } from './object-meta.ts';

/** An operation as admission sees it. */
export function admissionRequest(
  core: Core,
  operation: Operation,
  change: {
    readonly verb: 'CREATE' | 'UPDATE' | 'DELETE';
    readonly draft?: Draft;
    readonly old?: KubeObject | undefined;
    /** Of a subresource whose objects are of another kind. */
    readonly kind?: GroupVersionKind;
  },
): AdmissionRequest {
  const { store } = core;
  const { draft, old, verb } = change;
  const meta = draft === undefined ? undefined : metaOf(draft);
  return {
    operation: verb,
    type: operation.served.type,
    kind: change.kind ?? operation.served.type,
    subresource: operation.subresource,
    namespace: operation.namespace,
    name: operation.name === '' ? (meta?.name ?? meta?.generateName ?? '') : operation.name,
    draft,
    old,
    user: operation.user,
    dryRun: operation.dryRun,
    now: core.clock.now(),
    random: core.random,
    get: (type, namespace, name) => readObject(store, type, namespace, name),
    list: (type, namespace) => objectsOf(store.list(bucketOf(type), namespace)),
    warn: (message) => operation.warn(message),
    audit: (key, value) => operation.audit(key, value),
    options: operation.options,
    applyDefaults: (object) => operation.served.strategy.applyDefaults(object),
    convert: (object, version) => convertedTo(core, operation, object, version),
    resourceFor: (kind) => core.served.ofKind(kind)?.type,
    versions: () => versionsOf(core, operation),
    cel: () => core.cel.get(core.outside),
    outside: core.outside,
    webhooks: core.webhooks,
    mutated: core.mutated,
    rounds: { again: false, needed: false, notes: new Map() },
  };
}

/**
 * Lets admission look at an object that is created through a subresource, such as an Eviction.
 *
 * @throws StatusError of whatever refuses it
 */
export function admitSubresource(core: Core, operation: Operation, body: unknown, kind: GroupVersionKind): void {
  const metadata = isObject(body) && isObject(body['metadata']) ? body['metadata'] : {};
  const { name, namespace } = operation;
  const draft: Draft = {
    ...(isObject(body) ? body : {}),
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata: { name, namespace, ...metadata },
  };
  const request = admissionRequest(core, operation, { verb: 'CREATE', draft, kind });
  core.admission.admit(request);
  core.admission.validate(request);
}

function versionsOf({ served }: Core, operation: Operation): readonly ResourceType[] {
  const { type, bucket } = operation.served;
  const others = served.versionsOf(bucket).map((each) => each.type);
  return [type, ...others.filter((each) => each.version !== type.version)];
}

function convertedTo(
  { served, outside }: Core,
  { served: own }: Operation,
  object: KubeObject,
  version: string,
): KubeObject {
  const target =
    version === own.type.version ? own : served.versionsOf(own.bucket).find(({ type }) => type.version === version);
  if (target === undefined || object.apiVersion === apiVersionOf(target.type)) return object;
  const source = served.versionsOf(own.bucket).find(({ type }) => apiVersionOf(type) === object.apiVersion);
  const base = source?.strategy.storedAs?.toStored(object) ?? object;
  return target.convert?.([base], outside)[0] ?? base;
}
