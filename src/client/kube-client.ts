import type { GroupVersionKind, KubeList, KubeObject, ObjectKey, ResourceType } from '../kube/object.ts';

/** How strictly the server reads bodies: unknown and duplicate fields are dropped, warned of or refused. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** What becomes of dependents when their owner is deleted. */
export type PropagationPolicy = 'Background' | 'Foreground' | 'Orphan';

export interface ListOptions {
  /** Undefined or '': all namespaces. */
  readonly namespace?: string | undefined;
  /** As kubectl writes it: `app=web,tier in (a,b),!canary`. */
  readonly labelSelector?: string | undefined;
  /** `metadata.name=x,status.phase!=Running`. */
  readonly fieldSelector?: string | undefined;
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
  readonly resourceVersion?: string | undefined;
  /** Only the metadata is wanted; the rest may come or not. */
  readonly metadataOnly?: boolean | undefined;
}

export interface WriteOptions {
  readonly dryRun?: boolean | undefined;
  /** Who writes, for managedFields. */
  readonly fieldManager?: string | undefined;
  readonly fieldValidation?: FieldValidation | undefined;
  /** `status`, `scale`, `binding`, … */
  readonly subresource?: string | undefined;
}

/** The four patches of the API; `apply` bodies are whole objects. */
export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

export interface PatchOptions extends WriteOptions {
  /** For `apply`: take over fields of other managers. */
  readonly force?: boolean | undefined;
}

export interface DeleteOptions {
  readonly dryRun?: boolean | undefined;
  /** Seconds. */
  readonly gracePeriodSeconds?: number | undefined;
  readonly propagationPolicy?: PropagationPolicy | undefined;
  readonly preconditions?:
    | { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined }
    | undefined;
}

export interface WatchOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Events after this version; undefined: first an ADDED for each object there is, then a BOOKMARK, then what happens. */
  readonly resourceVersion?: string | undefined;
}

export type WatchEvent<T = KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  /** After the initial events: all objects that existed have been told. */
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

/** Receives a watch's events, in order, each once. */
export interface WatchObserver<T = KubeObject> {
  event(event: WatchEvent<T>): void;
  /** Once, when the server or the network ended the watch; not after {@link Watch.stop}. A StatusError 410 means: list again. */
  closed?(error: Error | undefined): void;
}

export interface Watch {
  stop(): void;
}

export interface LogOptions {
  readonly container?: string | undefined;
  /** The previous instance of the container. */
  readonly previous?: boolean | undefined;
  readonly tailLines?: number | undefined;
  /** Each line begins with the instant at which it was written, RFC 3339, and a space. */
  readonly timestamps?: boolean | undefined;
}

export interface KubeReader {
  get<T extends object = KubeObject>(type: ResourceType, key: ObjectKey): Promise<T>;
  list<T extends object = KubeObject>(type: ResourceType, options?: ListOptions): Promise<KubeList<T>>;
}

export interface KubeWriter {
  create<T extends object = KubeObject>(type: ResourceType, object: object, options?: WriteOptions): Promise<T>;
  /** Replaces; with a resourceVersion in the object only if that is still the newest (409 otherwise). */
  update<T extends object = KubeObject>(type: ResourceType, object: object, options?: WriteOptions): Promise<T>;
  patch<T extends object = KubeObject>(
    type: ResourceType,
    key: ObjectKey,
    patchType: PatchType,
    patch: unknown,
    options?: PatchOptions,
  ): Promise<T>;
  /** Answers with the object while finalizers or a grace period keep it, else with undefined. */
  delete(type: ResourceType, key: ObjectKey, options?: DeleteOptions): Promise<KubeObject | undefined>;
}

export interface KubeWatcher {
  watch<T extends object = KubeObject>(type: ResourceType, options: WatchOptions, observer: WatchObserver<T>): Watch;
}

export interface ServerVersion {
  readonly major: string;
  readonly minor: string;
  /** `v1.35.2` */
  readonly gitVersion: string;
}

export interface KubeDiscovery {
  serverVersion(): Promise<ServerVersion>;
  /** Every resource served. */
  resources(): Promise<readonly ResourceType[]>;
  /** The resource of a kind, or undefined when the server has none ("no matches for kind"). */
  resourceFor(kind: GroupVersionKind): Promise<ResourceType | undefined>;
}

export interface KubeLogs {
  logs(pod: ObjectKey, options?: LogOptions): Promise<string>;
}

/**
 * Everything that touches a cluster goes through this: the embedded cluster in-process, and a real one over HTTP.
 *
 * - Failures that the server answered with are `StatusError`s.
 * - Objects that come back are shared and must not be changed; objects handed in are not kept, the caller may go on using them.
 * - The contract suite in test/contract/kube-client.ts holds for every implementation.
 */
export interface KubeClient extends KubeReader, KubeWriter, KubeWatcher, KubeDiscovery, KubeLogs {
  /** What the user calls this cluster, for messages: `embedded cluster "default"`, `context prod (https://…)`. */
  readonly description: string;
}
