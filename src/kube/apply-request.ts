import type { FieldSet } from './field-set.ts';
import type { GroupVersionKind, KubeObject } from './object.ts';
import type { StructType } from './type-table.ts';

/** What both kinds of writes need. */
export interface ManagedWrite {
  readonly gvk: GroupVersionKind;
  /** Who writes; '' is `unknown`. */
  readonly manager: string;
  /** '' for the object itself. */
  readonly subresource?: string | undefined;
  /** ms since the epoch */
  readonly now: number;
  /** Fields that this (sub)resource resets: they are owned by nobody through it. */
  readonly ignoredFields?: FieldSet | undefined;
  /** The type of a custom resource, from its schema; without it maps merge by key and lists are atomic. */
  readonly type?: StructType | undefined;
}

export interface ApplyRequest extends ManagedWrite {
  /** Undefined: the apply creates the object. */
  readonly live: KubeObject | undefined;
  /** The applied configuration, as the client sent it. */
  readonly config: KubeObject;
  /** Take fields that other managers own. */
  readonly force: boolean;
}

/** A field that somebody else owns with another value. */
interface FieldConflict {
  /** `"kubectl" using apps/v1` */
  readonly manager: string;
  /** `.spec.replicas` */
  readonly field: string;
}

export interface Applied {
  /** With its new managedFields; the live object itself if the apply changes nothing. */
  readonly object: KubeObject;
  /** What was taken from other managers by force. */
  readonly conflicts: readonly FieldConflict[];
}
