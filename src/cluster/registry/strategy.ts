import type { Random } from '../../base/random.ts';
import type { KubeObject, ResourceType } from '../../kube/object.ts';
import type { FieldError } from './field-error.ts';

/** An object while the registry works on it: a private copy that may be changed. */
export type Draft = {
  apiVersion: string;
  kind: string;
  metadata: Record<string, unknown>;
  [field: string]: unknown;
};

/** Who a request comes from. */
export interface RequestUser {
  readonly name: string;
  readonly groups: readonly string[];
  readonly uid?: string | undefined;
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** What a strategy may ask of its surroundings; all reads are of committed state and synchronous. */
export interface StrategyContext {
  /** ms since the epoch */
  readonly now: number;
  readonly random: Random;
  /** Who asks. */
  readonly user: RequestUser;
  /** '' for the object itself, else `status`, `scale`, `binding`, `ephemeralcontainers`, `resize`, … */
  readonly subresource: string;
  /** All objects of a resource, for allocation of addresses and ports. */
  list(type: ResourceType): readonly KubeObject[];
  get(type: ResourceType, namespace: string | undefined, name: string): KubeObject | undefined;
  /** Gives the result of work outside of the server; the request is done again once it is there. */
  outside<T>(key: string, start: () => Promise<T>): T;
  /** Tells the client something that is no failure (HTTP `Warning`). */
  warn(message: string): void;
}

/** Where `scale` finds and puts its numbers, as JSON paths without a leading dot. */
export interface ScalePaths {
  readonly replicas: string;
  readonly statusReplicas: string;
  /** A LabelSelector or, for ReplicationControllers, a map. */
  readonly selector: string;
}

/**
 * What makes one resource different from all others. The generic registry calls, for a create:
 * `applyDefaults`, `prepareForCreate`, `allocate`, `validateCreate`; for an update or patch, on the result of the patch:
 * `applyDefaults`, `prepareForUpdate`, `allocate`, `validateUpdate`.
 * Metadata common to all (uid, creationTimestamp, generation, managedFields, names, labels, owner references, finalizers) is the
 * generic registry's own.
 */
export interface Strategy {
  /** With verbs, short names, categories and subresources, as discovery shows them. */
  readonly type: ResourceType;
  /** Names that generateName makes, and their limit, follow the object's name rule. Gives the faults of a name, Kubernetes' texts. */
  validateName(name: string, isPrefix: boolean): readonly string[];
  /** Fills in what the versioned defaulting functions of Kubernetes fill in. */
  applyDefaults(draft: Draft): void;
  /** Drops what a client may not set (status), sets what the server sets. */
  prepareForCreate(draft: Draft, context: StrategyContext): void;
  /** The same for an update, by subresource: the object itself keeps the old status, `status` keeps all but the status. */
  prepareForUpdate(draft: Draft, old: KubeObject, context: StrategyContext): void;
  /** Gives out addresses and ports; after validation has nothing against what the client asked for. */
  allocate?(draft: Draft, old: KubeObject | undefined, context: StrategyContext): readonly FieldError[];
  validateCreate(draft: KubeObject, context: StrategyContext): readonly FieldError[];
  validateUpdate(draft: KubeObject, old: KubeObject, context: StrategyContext): readonly FieldError[];
  /** True if objects of the kind have a generation, which starts at 1; default: {@link hasStatus}. */
  readonly hasGeneration?: boolean;
  /** True when a change between the two makes a new generation. */
  changesGeneration(draft: KubeObject, old: KubeObject): boolean;
  /** Values of the fields that field selectors may name besides metadata.name and metadata.namespace. */
  selectableFields?(object: KubeObject): Readonly<Record<string, string>>;
  /** Seconds that a deleted object stays, or 0; `requested` is the client's wish. Only pods have it. */
  gracePeriod?(object: KubeObject, requested: number | undefined): number;
  /** What becomes of dependents when the client does not say; default Background. */
  readonly defaultPropagation?: 'Background' | 'Orphan';
  readonly scale?: ScalePaths;
  /** False for kinds without their own status (`status` is then a 404). */
  readonly hasStatus: boolean;
  /** An update may create (leases, endpoints, …); default false. */
  readonly allowCreateOnUpdate?: boolean;
  /** An update without resourceVersion is allowed; default true. */
  readonly allowUnconditionalUpdate?: boolean;
  /** For another version of what is kept already; default: objects are kept as they are. */
  readonly storedAs?: StoredForm;
}

/** How objects of another version are kept. Neither conversion changes what it is given. */
export interface StoredForm {
  /** `group/resource` of the version that is kept. */
  readonly bucket: string;
  /** Brings an object of this version into the kept form. */
  toStored(object: KubeObject): KubeObject;
  /** Shows a kept object in this version. */
  fromStored(object: KubeObject): KubeObject;
}
