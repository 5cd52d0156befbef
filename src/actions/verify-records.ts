import type { PintleError } from '../base/errors.ts';
import { equalityMatcher } from '../kube/labels.ts';
import type { KubeObject, ResourceType } from '../kube/object.ts';
import { RESOURCES } from '../kube/resources.ts';
import { isStatus } from '../kube/status-error.ts';
import { retryTransient } from '../client/retry.ts';
import { RECORD_TYPE } from '../release/secret-driver.ts';
import { isSealed } from '../release/record-cipher.ts';
import { OWNER_LABEL, PART_LABEL } from '../release/record-labels.ts';
import { partIndex } from '../release/record-parts.ts';
import { parseReleaseKey, releaseKey, type ReleaseKey } from '../release/release-key.ts';
import { isPending, type Release, withStatus } from '../release/release.ts';
import type { ReleaseStore } from '../release/store.ts';
import type { ActionContext } from './context.ts';
import { failure } from './failure.ts';

/** Something that is wrong with the records of a release. */
export interface RecordFinding {
  /** `Secret default/sh.helm.release.v1.web.v3` */
  readonly record: string;
  readonly text: string;
  /** Whether a repair can put it right; what it does. */
  readonly repair?: string;
  /** True when it has been repaired. */
  readonly repaired: boolean;
}

/** What is verified. */
export interface VerifyRequest {
  /** Undefined: all releases of the namespace. */
  readonly name?: string | undefined;
  /** Put right what can be put right without losing anything. */
  readonly repair: boolean;
  /** Where records are kept in this kind of object. */
  storeOf(type: ResourceType): ReleaseStore;
}

const TYPES = [RESOURCES.secrets, RESOURCES.configMaps] as const;

/**
 * Looks through the records of releases: every one must be readable, carry its own name and labels, and tell one story with
 * the others.
 */
export async function verifyRecords(context: ActionContext, request: VerifyRequest): Promise<RecordFinding[]> {
  const findings: RecordFinding[] = [];
  for (const type of TYPES) {
    const named = request.name === undefined ? {} : { name: request.name };
    const objects = await records(context, type, request.name);
    const parts = await list(context, type, { ...PART_LABEL, ...named });
    const releases = await readAll(context, request, { type, objects, findings });
    const place = `${type.kind} ${context.namespace}/`;
    await checkHistories(releases, request, { store: request.storeOf(type), findings, place });
    await checkParts(context, request, { type, objects, parts, findings });
  }
  return findings;
}

/** Whatever is a record by its labels or its name: one without labels is in the way all the same. */
async function records(context: ActionContext, type: ResourceType, name?: string): Promise<readonly KubeObject[]> {
  const { client, clock, namespace } = context;
  const all = type.kind === 'Secret' ? { namespace, fieldSelector: `type=${RECORD_TYPE}` } : { namespace };
  const { items } = await retryTransient(clock, () => client.list(type, all));
  const isRecord = ({ metadata }: KubeObject): boolean => {
    const told = parseReleaseKey(metadata.name ?? '');
    const isLabelled = metadata.labels?.['owner'] === OWNER_LABEL.owner;
    if (name === undefined) return isLabelled || told !== undefined;
    return told?.name === name || (isLabelled && metadata.labels?.['name'] === name);
  };
  return items.filter(isRecord);
}

async function list(
  context: ActionContext,
  type: ResourceType,
  labels: Readonly<Record<string, string>>,
): Promise<readonly KubeObject[]> {
  const labelSelector = String(equalityMatcher(labels));
  const found = await retryTransient(context.clock, () =>
    context.client.list(type, { namespace: context.namespace, labelSelector }),
  );
  return found.items;
}

interface Reading {
  readonly type: ResourceType;
  readonly objects: readonly KubeObject[];
  readonly findings: RecordFinding[];
}

async function readAll(
  context: ActionContext,
  request: VerifyRequest,
  { type, objects, findings }: Reading,
): Promise<Release[]> {
  const releases: Release[] = [];
  const store = request.storeOf(type);
  for (const object of objects) {
    const { name: key = '', labels = {} } = object.metadata;
    const record = `${type.kind} ${context.namespace}/${key}`;
    const told = parseReleaseKey(key);
    if (told === undefined) {
      findings.push({ record, text: 'its name is not that of a record', repaired: false });
      continue;
    }
    let held: Release;
    try {
      held = await store.getUnchecked(told.name, told.revision);
    } catch (error) {
      findings.push(await unreadable(context, request, { type, object, record, error: failure(error) }));
      continue;
    }
    const text = otherRevision(held, told);
    if (text !== undefined && held.name !== told.name) {
      // Its objects are another release's: nothing may ever apply them as this one's.
      findings.push(await outOfTheWay(context, request, { type, object, record, text }));
      continue;
    }
    const release = { ...held, version: told.revision, namespace: context.namespace };
    releases.push(release);
    if (text !== undefined) {
      if (request.repair) await store.update(release);
      findings.push({ record, text, repair: makeIt(told), repaired: request.repair });
      continue;
    }
    const wrong = wrongLabels(release, labels);
    if (wrong.length === 0) continue;
    if (request.repair) await store.update(release);
    findings.push({
      record,
      text: `its labels do not say what it holds: ${wrong.join(', ')}`,
      repair: 'write the labels anew',
      repaired: request.repair,
    });
  }
  return releases;
}

/** What is wrong with a record that holds another revision than its name tells; undefined: nothing. */
export function otherRevision(held: Release, told: ReleaseKey): string | undefined {
  if (held.name === told.name && held.version === told.revision) return undefined;
  return `it holds revision ${held.version} of "${held.name}"`;
}

/** How a record of the release that holds another revision is put right. */
export function makeIt({ name, revision }: ReleaseKey): string {
  return `make it revision ${revision} of "${name}"`;
}

/** A record that cannot be read. */
async function unreadable(
  context: ActionContext,
  request: VerifyRequest,
  { type, object, record, error }: Omit<MisplacedRecord, 'text'> & { readonly error: PintleError },
): Promise<RecordFinding> {
  const text = error.message;
  // What cannot be reached, or is encrypted with a key that is missing, is not broken.
  const isBroken = error.code === 'release-corrupt' && !isSealed(recordText(type, object));
  return isBroken
    ? await outOfTheWay(context, request, { type, object, record, text })
    : { record, text, repaired: false };
}

/** A record that is of no use where it is: with a repair it is kept under another name, out of the way of its release. */
async function outOfTheWay(
  context: ActionContext,
  request: VerifyRequest,
  { type, object, record, text }: MisplacedRecord,
): Promise<RecordFinding> {
  // Parts know their record by its name.
  if (partIndex(recordText(type, object)) !== undefined) return { record, text, repaired: false };
  const { name = '', uid, labels = {} } = object.metadata;
  const aside = `${name}.unreadable-${(uid ?? '').slice(0, 8)}`;
  const repair = `keep it as ${aside}, out of the way`;
  if (!request.repair) return { record, text, repair, repaired: false };
  const { client, clock, namespace } = context;
  const { metadata: _, ...rest } = object;
  const metadata = { name: aside, namespace, labels: { ...labels, owner: 'pintle-unreadable' } };
  try {
    await retryTransient(clock, () => client.create(type, { ...rest, metadata }));
  } catch (failed) {
    // An earlier repair came this far.
    if (!isStatus(failed, 'AlreadyExists')) throw failed;
  }
  await retryTransient(clock, () => client.delete(type, { namespace, name }, { preconditions: { uid } }));
  return { record, text, repair, repaired: true };
}

interface MisplacedRecord {
  readonly type: ResourceType;
  readonly object: KubeObject;
  readonly record: string;
  readonly text: string;
}

/** The text that an object holds as a record; '' when there is none. */
function recordText(type: ResourceType, object: KubeObject): string {
  const data = (object['data'] as { readonly release?: string } | undefined)?.release ?? '';
  return type.kind === 'Secret' ? Buffer.from(data, 'base64').toString('latin1') : data;
}

/** In which labels a record does not say what it holds. */
export function wrongLabels(release: Release, labels: Readonly<Record<string, string>>): string[] {
  const wanted = { ...OWNER_LABEL, name: release.name, status: release.info.status, version: String(release.version) };
  return Object.entries(wanted)
    .filter(([key, value]) => labels[key] !== value)
    .map(([key, value]) => `${key} is ${labels[key] ?? 'absent'}, not ${value}`);
}

/** Together the revisions of a release must tell one story. */
export async function checkHistories(
  releases: readonly Release[],
  request: Pick<VerifyRequest, 'repair'>,
  {
    store,
    findings,
    place,
  }: { readonly store: ReleaseStore; readonly findings: RecordFinding[]; readonly place: string },
): Promise<void> {
  for (const name of new Set(releases.map((release) => release.name))) {
    const history = releases.filter((release) => release.name === name).sort((a, b) => a.version - b.version);
    const last = history.at(-1);
    const deployed = history.findLast(({ info }) => info.status === 'deployed');
    for (const release of history) {
      const record = `${place}${releaseKey(name, release.version)}`;
      const { status } = release.info;
      if (status === 'deployed' && release !== deployed) {
        if (request.repair) await store.update(withStatus(release, 'superseded'));
        const text = `it is deployed, and so is revision ${deployed?.version ?? 0}`;
        findings.push({ record, text, repair: 'mark it superseded', repaired: request.repair });
      } else if (isPending(release) && release !== last) {
        if (request.repair) await store.update(withStatus(release, 'failed'));
        findings.push({
          record,
          text: `it is ${status}, but is not the last`,
          repair: 'mark it failed',
          repaired: request.repair,
        });
      } else if (isPending(release) || status === 'uninstalling') {
        findings.push({
          record,
          text: `it is ${status}: an operation is under way, or its client died`,
          repaired: false,
        });
      }
    }
  }
}

async function checkParts(
  context: ActionContext,
  request: VerifyRequest,
  { type, objects, parts, findings }: Reading & { readonly parts: readonly KubeObject[] },
): Promise<void> {
  const keys = new Set(objects.map(({ metadata }) => metadata.name ?? ''));
  const digests = new Map<string, string>();
  for (const object of objects) {
    const digest = partIndex(recordText(type, object))?.digest.slice(0, 8);
    if (digest !== undefined) digests.set(object.metadata.name ?? '', digest);
  }
  for (const { metadata } of parts) {
    const match = /^(.+)\.([0-9a-f]{8})\.\d+$/.exec(metadata.name ?? '');
    const key = match?.[1] ?? '';
    if (keys.has(key) && digests.get(key) === match?.[2]) continue;
    if (request.repair) {
      const name = metadata.name ?? '';
      await retryTransient(context.clock, () => context.client.delete(type, { namespace: context.namespace, name }));
    }
    const record = `${type.kind} ${context.namespace}/${metadata.name ?? ''}`;
    findings.push({ record, text: 'it is a part of no record', repair: 'delete it', repaired: request.repair });
  }
}
