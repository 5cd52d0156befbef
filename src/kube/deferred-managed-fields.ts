import { isObject } from '../base/json.ts';
import type { ManagedFieldsEntry } from './api/meta-v1.generated.ts';
import { cloneJson } from './clone.ts';
import type { KubeObject } from './object.ts';
import { setKey } from './set-key.ts';
import { commonManagedFields, updateManagedFields, type UpdateRequest } from './server-side-apply.ts';

/*
 * managedFields that are worked out when somebody reads them. Most objects of a simulated cluster are written several times and
 * go without that anybody has asked who owns which field, and to know it costs as much as all else about a write.
 *
 * An object's metadata then has an accessor, enumerable as the plain field is: whoever lists, copies or writes down the fields
 * gets the entries. What must not read them by accident uses the functions of this file.
 */

type Metadata = KubeObject['metadata'];

const WRITE = Symbol('write that managedFields follow from');

/** So many writes in a row wait to be worked out; each keeps the state before it. */
const LONGEST_CHAIN = 8;

interface Carrier {
  [WRITE]?: DeferredWrite | undefined;
}

class DeferredWrite {
  /** How many writes before this one wait too. */
  readonly depth: number;
  #request: UpdateRequest | undefined;
  #entries: Metadata['managedFields'];

  constructor(request: UpdateRequest, depth: number) {
    this.#request = request;
    this.depth = depth;
  }

  get isKnown(): boolean {
    return this.#request === undefined;
  }

  entries(): Metadata['managedFields'] {
    const request = this.#request;
    if (request !== undefined) {
      const { after } = request;
      // The object may be the very one whose managedFields are asked for.
      const bare = { ...after, metadata: bareMetadata(after.metadata) };
      this.#entries = updateManagedFields({ ...request, after: bare }).metadata.managedFields;
      this.#request = undefined;
    }
    return this.#entries;
  }
}

const ACCESSOR: PropertyDescriptor = {
  get(this: Carrier): readonly ManagedFieldsEntry[] | null | undefined {
    return this[WRITE]?.entries();
  },
  set(this: Carrier, value: unknown): void {
    this[WRITE] = undefined;
    Object.defineProperty(this, 'managedFields', { value, writable: true, enumerable: true, configurable: true });
  },
  enumerable: true,
  configurable: true,
};

/** The write that the metadata's managedFields follow from; undefined when they are plain. */
function writeOf(metadata: object): DeferredWrite | undefined {
  return (metadata as Carrier)[WRITE];
}

function carry(metadata: object, write: DeferredWrite): void {
  Object.defineProperty(metadata, WRITE, { value: write, writable: true, enumerable: false, configurable: true });
  Object.defineProperty(metadata, 'managedFields', ACCESSOR);
}

/** True when the entries are not worked out yet. */
export function isDeferred({ metadata }: Pick<KubeObject, 'metadata'>): boolean {
  return writeOf(metadata)?.isKnown === false;
}

/** True if there are managers, known or not. */
function hasManagers(metadata: Metadata): boolean {
  return writeOf(metadata) !== undefined || (metadata.managedFields ?? []).length > 0;
}

/** True for the very same managedFields, known or not. */
export function sameManagedFields(a: object, b: object): boolean {
  const write = writeOf(a);
  if (write !== undefined) return write === writeOf(b);
  return writeOf(b) === undefined && (a as Metadata).managedFields === (b as Metadata).managedFields;
}

/** A copy of metadata that may be changed; managedFields that wait go on to wait. */
export function copyMetadata(metadata: Metadata): { -readonly [Key in keyof Metadata]: Metadata[Key] } {
  const write = writeOf(metadata);
  if (write === undefined) return { ...metadata };
  const copy = bareMetadata(metadata);
  carry(copy, write);
  return copy;
}

/** A copy of metadata without managedFields. */
export function bareMetadata(metadata: Metadata): Record<string, unknown> & Metadata {
  const copy: Record<string, unknown> = {};
  for (const key in metadata) if (key !== 'managedFields') copy[key] = metadata[key as keyof Metadata];
  return copy;
}

/** Sets or, for undefined, removes managedFields. */
export function setManagedFields(metadata: Record<string, unknown>, entries: Metadata['managedFields']): void {
  if (entries === undefined) {
    (metadata as Carrier)[WRITE] &&= undefined;
    if ('managedFields' in metadata) delete metadata['managedFields'];
  } else metadata['managedFields'] = entries;
}

/** Gives one metadata the managedFields of another, known or not. */
export function takeManagedFields(to: Record<string, unknown>, from: Metadata): void {
  const write = writeOf(from);
  if (write !== undefined) carry(to, write);
  else setManagedFields(to, from.managedFields);
}

/**
 * Lets the managedFields of an object follow from a write, when somebody asks for them. What they follow from is kept as it is
 * now: the object may be changed further, down to what it does not share with the one before.
 *
 * @param settled true for an object of which nothing is changed further but fields of the system: it needs not be kept apart
 * @returns false where they must be worked out at once: the client sent managers of its own, or too many writes wait already
 */
export function deferManagedFields(request: UpdateRequest, settled = false): boolean {
  const { before, after } = request;
  const { metadata } = after;
  if (before === undefined) {
    if (metadata.managedFields !== undefined) return false;
    const common = commonManagedFields(request);
    if (common !== undefined) {
      setManagedFields(metadata as object as Record<string, unknown>, common);
      return true;
    }
    carry(metadata, new DeferredWrite(settled ? request : { ...request, after: cloneJson(after) }, 0));
    return true;
  }
  if (!hasManagers(before.metadata)) return false;
  const sent = 'managedFields' in metadata;
  if (sent && !sameManagedFields(metadata, before.metadata)) return false;
  const last = writeOf(before.metadata);
  const depth = last === undefined || last.isKnown ? 0 : last.depth + 1;
  if (depth > LONGEST_CHAIN) return false;
  carry(metadata, new DeferredWrite({ ...request, after: snapshotOf(after, before) }, depth));
  return true;
}

function snapshotOf(after: KubeObject, before: KubeObject): KubeObject {
  const snapshot: Record<string, unknown> = {};
  for (const key in after) {
    const value = after[key];
    if (key === 'metadata') snapshot[key] = copyOf(bareMetadata(after.metadata), before.metadata);
    else snapshot[key] = value === before[key] ? value : copyOf(value, before[key]);
  }
  return snapshot as KubeObject;
}

/** A copy that shares with the value before what the original shares with it, one level down. */
function copyOf(value: unknown, before: unknown): unknown {
  if (!isObject(value) || !isObject(before)) return cloneJson(value);
  const copy: Record<string, unknown> = {};
  for (const key in value) {
    const own = value[key];
    setKey(copy, key, own === before[key] ? own : cloneJson(own));
  }
  return copy;
}
