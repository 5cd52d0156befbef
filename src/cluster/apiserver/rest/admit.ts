import { isObject } from '../../../base/json.ts';
import { apiVersionOf, type GroupVersionKind, type KubeObject, type ResourceType } from '../../../kube/object.ts';
import type { Draft } from '../../registry/strategy.ts';
import type { AdmissionRequest, MutationRounds } from '../admission/plugin.ts';
import { bucketOf } from '../served-resources.ts';
import { type Core, objectsOf, type Operation, readObject } from './core.ts';
import { metaOf } from './object-meta.ts';

/** What an operation is about to do. */
interface Change {
  readonly verb: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly draft?: Draft;
  readonly old?: KubeObject | undefined;
  /** Of a subresource whose objects are of another kind. */
  readonly kind?: GroupVersionKind;
}

/** An operation as admission sees it. */
export function admissionRequest(core: Core, operation: Operation, change: Change): AdmissionRequest {
  return new OperationToAdmit(core, operation, change, new Rounds(false));
}

class Rounds implements MutationRounds {
  readonly again: boolean;
  needed = false;
  #notes: Map<string, unknown> | undefined;

  constructor(again: boolean, notes?: Map<string, unknown>) {
    this.again = again;
    this.#notes = notes;
  }

  get notes(): Map<string, unknown> {
    this.#notes ??= new Map();
    return this.#notes;
  }
}

/** There is one for each write, and most of it is not asked for: that is made when it is. */
class OperationToAdmit implements AdmissionRequest {
  readonly operation: Change['verb'];
  readonly type: ResourceType;
  readonly kind: GroupVersionKind;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly draft: Draft | undefined;
  readonly old: KubeObject | undefined;
  readonly user: AdmissionRequest['user'];
  readonly dryRun: boolean;
  readonly now: number;
  readonly rounds: Rounds;
  readonly #core: Core;
  readonly #operation: Operation;
  readonly #change: Change;

  constructor(core: Core, operation: Operation, change: Change, rounds: Rounds) {
    const { draft, old, verb, kind } = change;
    const { type } = operation.served;
    const meta = draft === undefined ? undefined : metaOf(draft);
    this.#core = core;
    this.#operation = operation;
    this.#change = change;
    this.operation = verb;
    this.type = type;
    this.kind = kind ?? type;
    this.subresource = operation.subresource;
    this.namespace = operation.namespace;
    this.name = operation.name === '' ? (meta?.name ?? meta?.generateName ?? '') : operation.name;
    this.draft = draft;
    this.old = old;
    this.user = operation.user;
    this.dryRun = operation.dryRun;
    this.now = core.clock.now();
    this.rounds = rounds;
  }

  get random(): AdmissionRequest['random'] {
    return this.#core.random;
  }

  get get(): AdmissionRequest['get'] {
    const { store } = this.#core;
    return (type, namespace, name) => readObject(store, type, namespace, name);
  }

  get list(): AdmissionRequest['list'] {
    const { store } = this.#core;
    return (type, namespace) => objectsOf(store.list(bucketOf(type), namespace));
  }

  get warn(): AdmissionRequest['warn'] {
    return this.#operation.warn;
  }

  get audit(): AdmissionRequest['audit'] {
    return this.#operation.audit;
  }

  get options(): object {
    return this.#operation.options();
  }

  get applyDefaults(): AdmissionRequest['applyDefaults'] {
    return (object) => this.#operation.served.strategy.applyDefaults(object);
  }

  get convert(): AdmissionRequest['convert'] {
    return (object, version) => convertedTo(this.#core, this.#operation, object, version);
  }

  get resourceFor(): AdmissionRequest['resourceFor'] {
    return (kind) => this.#core.served.ofKind(kind)?.type;
  }

  get versions(): AdmissionRequest['versions'] {
    return () => versionsOf(this.#core, this.#operation);
  }

  get cel(): AdmissionRequest['cel'] {
    const { cel, outside } = this.#core;
    return () => cel.get(outside);
  }

  get outside(): AdmissionRequest['outside'] {
    return this.#core.outside;
  }

  get webhooks(): AdmissionRequest['webhooks'] {
    return this.#core.webhooks;
  }

  get mutated(): AdmissionRequest['mutated'] {
    return this.#core.mutated;
  }

  secondRound(): AdmissionRequest {
    return new OperationToAdmit(this.#core, this.#operation, this.#change, new Rounds(true, this.rounds.notes));
  }
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
