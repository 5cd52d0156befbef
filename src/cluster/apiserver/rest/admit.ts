import type { KubeObject } from '../../../kube/object.ts';
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
  },
): AdmissionRequest {
  const { store } = core;
  const { draft, old, verb } = change;
  const meta = draft === undefined ? undefined : metaOf(draft);
  return {
    operation: verb,
    type: operation.served.type,
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
  };
}
