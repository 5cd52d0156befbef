import type {
  DeleteOptions,
  FieldValidation,
  ListOptions,
  PatchType,
  Watch,
  WatchObserver,
  WatchOptions,
} from '../../client/kube-client.ts';
import type { KubeList, KubeObject, ResourceType } from '../../kube/object.ts';
import type { Status } from '../../kube/status-error.ts';

/** What a list may ask for; a match of `Exact` wants the state of just that resourceVersion, `NotOlderThan` any from it on. */
export interface ListRequestOptions extends Omit<ListOptions, 'namespace'> {
  readonly resourceVersionMatch?: string | undefined;
}

/** Who asks. */
export interface UserInfo {
  readonly name: string;
  readonly groups: readonly string[];
  readonly uid?: string | undefined;
  /** What else its authentication told: the pod of a token, the token's id. */
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** What every request says. */
export interface RequestBase {
  /** Group, version and resource decide; the rest is looked up. */
  readonly type: ResourceType;
  /** Undefined or '' for cluster-scoped resources and for lists of all namespaces. */
  readonly namespace?: string | undefined;
  readonly user: UserInfo;
  /** Receives what is no failure (HTTP `Warning`). */
  readonly warn?: ((message: string) => void) | undefined;
  /** Receives notes for the audit log. */
  readonly audit?: ((key: string, value: string) => void) | undefined;
}

interface NamedRequest extends RequestBase {
  readonly name: string;
  readonly subresource?: string | undefined;
}

interface WriteRequest {
  readonly body: unknown;
  readonly dryRun?: boolean | undefined;
  readonly fieldManager?: string | undefined;
  readonly fieldValidation?: FieldValidation | undefined;
}

/** One request that is answered with one object. Bodies are not kept and not changed. */
export type ApiRequest =
  | ({ readonly verb: 'get' } & NamedRequest)
  | ({ readonly verb: 'list'; readonly options?: ListRequestOptions } & RequestBase)
  | ({ readonly verb: 'create'; readonly name?: string; readonly subresource?: string | undefined } & RequestBase &
      WriteRequest)
  | ({ readonly verb: 'update' } & NamedRequest & WriteRequest)
  | ({ readonly verb: 'patch'; readonly patchType: PatchType; readonly force?: boolean | undefined } & NamedRequest &
      WriteRequest)
  | ({ readonly verb: 'delete'; readonly options?: DeleteOptions } & NamedRequest)
  | ({
      readonly verb: 'deletecollection';
      readonly options?: DeleteOptions;
      readonly selection?: Omit<ListOptions, 'namespace'>;
    } & RequestBase);

/** The answer to a request that succeeded; failures are StatusErrors. */
export interface ApiResponse {
  /** HTTP status: 200, 201 for something new. */
  readonly code: 200 | 201;
  readonly body: KubeObject | KubeList | Status;
}

/** A request that is answered with events until it is stopped. */
export interface WatchRequest extends RequestBase {
  readonly options?: Omit<WatchOptions, 'namespace'>;
  readonly observer: WatchObserver;
  /** Of a part of the cluster. */
  readonly isPart?: boolean;
}

/** A watch that says whether it has told of every commit there is. */
export interface ServedWatch extends Watch {
  /** Read at the beginning of a turn of the event loop: false while events wait, for instance to be converted. */
  readonly settled: boolean;
}
