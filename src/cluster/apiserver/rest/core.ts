import type { Clock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import type { Random } from '../../../base/random.ts';
import type { KubeObject, ResourceType } from '../../../kube/object.ts';
import type { StrategyContext } from '../../registry/strategy.ts';
import type { CelSource } from '../cel/cel-source.ts';
import type { Outside } from '../outside.ts';
import type { Store, StoreEntry } from '../../store/store.ts';
import type { AdmissionChain } from '../admission/chain.ts';
import type { MutationListener, WebhookClient } from '../webhooks/webhook-client.ts';
import type { UserInfo } from '../request.ts';
import { bucketOf, type Served, type ServedResources } from '../served-resources.ts';

/** What the handlers of requests share. */
export interface Core {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly served: ServedResources;
  readonly admission: AdmissionChain;
  readonly hooks: Hooks;
  readonly outside: Outside;
  readonly cel: CelSource;
  /** How many watches are open of those who are no part of the cluster. */
  readonly watches: { open: number };
  /** Asks webhooks, of admission and of conversion. */
  readonly webhooks: () => WebhookClient;
  /** Is told of each change that a webhook makes. */
  readonly mutated: MutationListener;
}

/** What else happens with a write. */
export interface Hooks {
  /** Before an object is deleted or marked. */
  beforeDelete(core: Core, operation: Operation): void;
  /** After an object of the operation's resource was stored or removed. */
  afterCommit(core: Core, operation: Operation): void;
}

/** One request while it is worked on. */
export interface Operation {
  readonly served: Served;
  /** '' for cluster-scoped resources. */
  readonly namespace: string;
  /** '' when the server is to give one. */
  readonly name: string;
  /** '' for the object itself. */
  readonly subresource: string;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: 'Ignore' | 'Warn' | 'Strict';
  readonly warn: (message: string) => void;
  /** A note for the audit log. */
  readonly audit: (key: string, value: string) => void;
  /** The options of the request, as webhooks see them. */
  readonly options: () => object;
}

/** The object of an operation as it is stored. */
export function stored({ store, outside }: Core, { served, namespace, name }: Operation): StoreEntry | undefined {
  const entry = store.get(served.bucket, namespace, name);
  if (entry === undefined || served.convert === undefined) return entry;
  const [value = entry.value] = served.convert([entry.value], outside);
  return { ...entry, value };
}

/** Reads for strategies and admission: of committed state. */
export function readObject(
  store: Store,
  type: ResourceType,
  namespace: string | undefined,
  name: string,
): KubeObject | undefined {
  return store.get(bucketOf(type), type.namespaced ? (namespace ?? '') : '', name)?.value;
}

const NOTHING: readonly KubeObject[] = [];
const values = new WeakMap<readonly StoreEntry[], readonly KubeObject[]>();

/** The objects of a list of entries; computed once for each list. */
export function objectsOf(entries: readonly StoreEntry[]): readonly KubeObject[] {
  if (entries.length === 0) return NOTHING;
  let objects = values.get(entries);
  if (objects === undefined) {
    objects = entries.map((entry) => entry.value);
    values.set(entries, objects);
  }
  return objects;
}

/** What strategies see of the server. */
export function strategyContext(
  core: Core,
  operation: Operation,
  subresource = operation.subresource,
): StrategyContext {
  return new OperationContext(core, operation, subresource);
}

class OperationContext implements StrategyContext {
  readonly now: number;
  readonly subresource: string;
  readonly #core: Core;
  readonly #operation: Operation;

  constructor(core: Core, operation: Operation, subresource: string) {
    this.now = core.clock.now();
    this.subresource = subresource;
    this.#core = core;
    this.#operation = operation;
  }

  get random(): StrategyContext['random'] {
    return this.#core.random;
  }

  get user(): StrategyContext['user'] {
    return this.#operation.user;
  }

  // What is made when it is asked for may be taken out of the context.

  get list(): StrategyContext['list'] {
    const { store } = this.#core;
    return (type) => objectsOf(store.list(bucketOf(type)));
  }

  get get(): StrategyContext['get'] {
    const { store } = this.#core;
    return (type, namespace, name) => readObject(store, type, namespace, name);
  }

  get outside(): StrategyContext['outside'] {
    return this.#core.outside;
  }

  get warn(): StrategyContext['warn'] {
    return this.#operation.warn;
  }
}
