import { compareStrings } from '../base/json.ts';
import type { ManagedFieldsEntry } from './api/meta-v1.generated.ts';
import {
  fieldElement,
  fieldSetOf,
  formatFieldSet,
  isEmptyFieldSet,
  parseFieldSet,
  subtractFieldSets,
  unionFieldSets,
  type FieldSet,
} from './field-set.ts';

/** One entry of managedFields, with its set read. */
export interface Manager {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  /** As in the entry, or undefined. */
  readonly time: string | undefined;
  readonly set: FieldSet;
}

/** Managers by their identity; changed in place while an operation runs. */
export type Managers = Map<string, Manager>;

const MAX_UPDATE_MANAGERS = 10;
const OLD_UPDATES = 'ancient-changes';

/** What tells managers apart: an applier is one manager in all versions. */
export function managerKey(manager: Pick<Manager, 'manager' | 'operation' | 'apiVersion' | 'subresource'>): string {
  const version = manager.operation === 'Apply' ? '' : manager.apiVersion;
  return JSON.stringify([manager.manager, manager.operation, version, manager.subresource]);
}

/** The managers of managedFields, or undefined if an entry is malformed. */
export function readManagers(entries: unknown): Managers | undefined {
  const managers: Managers = new Map();
  if (entries === undefined || entries === null) return managers;
  if (!Array.isArray(entries)) return undefined;
  for (const entry of entries as readonly ManagedFieldsEntry[]) {
    const { operation, apiVersion, fieldsType } = entry;
    if (operation !== 'Apply' && operation !== 'Update') return undefined;
    if (apiVersion === undefined || apiVersion === '' || fieldsType !== 'FieldsV1') return undefined;
    const manager: Manager = {
      manager: entry.manager ?? '',
      operation,
      apiVersion,
      subresource: entry.subresource ?? '',
      time: entry.time ?? undefined,
      set: parseFieldSet(entry.fieldsV1),
    };
    managers.set(managerKey(manager), manager);
  }
  return managers;
}

/** True for managedFields by which a client asks to forget all managers: `[]` or `[{}]`. */
export function isReset(entries: unknown): boolean {
  if (!Array.isArray(entries)) return false;
  if (entries.length === 0) return true;
  const [only] = entries as readonly object[];
  return entries.length === 1 && only !== undefined && only !== null && Object.keys(only).length === 0;
}

/** The managers as managedFields, in Kubernetes' order; undefined if there are none. */
export function writeManagers(managers: Managers): readonly ManagedFieldsEntry[] | undefined {
  if (managers.size === 0) return undefined;
  return [...managers.values()].sort(compareManagers).map(writeManager);
}

/** A manager as managedFields have it. */
export function writeManager(manager: Manager): ManagedFieldsEntry {
  return {
    ...(manager.manager === '' ? {} : { manager: manager.manager }),
    operation: manager.operation,
    apiVersion: manager.apiVersion,
    ...(manager.time === undefined ? {} : { time: manager.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: formatFieldSet(manager.set),
    ...(manager.subresource === '' ? {} : { subresource: manager.subresource }),
  };
}

function compareManagers(a: Manager, b: Manager): number {
  return (
    compareStrings(a.operation, b.operation) ||
    seconds(a) - seconds(b) ||
    compareStrings(a.manager, b.manager) ||
    compareStrings(a.apiVersion, b.apiVersion) ||
    compareStrings(a.subresource, b.subresource)
  );
}

function seconds({ time }: Manager): number {
  return time === undefined ? 0 : Math.floor(Date.parse(time) / 1000);
}

/** Keeps the newest ten updaters; older ones of a version become one, `ancient-changes`. */
export function capUpdateManagers(managers: Managers): void {
  const updaters = [...managers.entries()].filter(([, manager]) => manager.operation === 'Update');
  if (updaters.length <= MAX_UPDATE_MANAGERS) return;
  updaters.sort(([keyA, a], [keyB, b]) => seconds(a) - seconds(b) || compareStrings(keyA, keyB));
  const firstOfVersion = new Map<string, string>();
  let count = updaters.length;
  for (const [key, manager] of updaters) {
    if (count <= MAX_UPDATE_MANAGERS) break;
    const first = firstOfVersion.get(manager.apiVersion);
    if (first === undefined) {
      firstOfVersion.set(manager.apiVersion, key);
      continue;
    }
    const bucket: Manager = { ...manager, manager: OLD_UPDATES, operation: 'Update', subresource: '' };
    const bucketKey = managerKey(bucket);
    let own = managers.get(bucketKey);
    if (own === undefined) {
      own = managers.get(first);
      managers.delete(first);
    }
    managers.delete(key);
    managers.set(bucketKey, { ...bucket, set: own === undefined ? bucket.set : unionFieldSets(manager.set, own.set) });
    count -= 1;
  }
}

const metadata = (name: string): readonly string[] => [fieldElement('metadata'), fieldElement(name)];

/** Fields of the system that nobody owns. */
const systemFields = fieldSetOf(
  [fieldElement('apiVersion')],
  [fieldElement('kind')],
  [fieldElement('metadata')],
  metadata('name'),
  metadata('namespace'),
  metadata('creationTimestamp'),
  metadata('selfLink'),
  metadata('uid'),
  metadata('clusterName'),
  metadata('generation'),
  metadata('managedFields'),
  metadata('resourceVersion'),
);

/** The set without the fields of the system; undefined if nothing is left. */
export function withoutSystemFields(set: FieldSet): FieldSet | undefined {
  const rest = subtractFieldSets(set, systemFields);
  return isEmptyFieldSet(rest) ? undefined : rest;
}

/** A time in managedFields: seconds, UTC. */
export function managedTime(now: number): string {
  const second = Math.floor(now / 1000);
  if (second !== last.second) last = { second, text: `${new Date(second * 1000).toISOString().slice(0, 19)}Z` };
  return last.text;
}

/** Many writes fall into one second. */
let last = { second: Number.NaN, text: '' };
