import { compareStrings, isObject } from '../../../base/json.ts';
import type { KubeClient } from '../../../client/kube-client.ts';
import type { ControllerRevision } from '../../../kube/api/apps-v1.generated.ts';
import type { PodTemplateSpec } from '../../../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { AS_CONTROLLER } from '../../machinery/constants.ts';
import { canonicalJson, fnv32a, safeEncode } from '../../machinery/hash.ts';
import { type ApiObject, nameOf, namespaceOf, objectKey } from '../../machinery/keys.ts';
import { controllerReference } from '../../machinery/owners.ts';
import { parseTime } from '../../machinery/time.ts';

/** Longest owner's name in a revision's name. kubernetes: pkg/controller/history/controller_history.go */
const OWNER_NAME_LIMIT = 223;

const texts = new WeakMap<object, string>();

/** What a revision keeps of its owner: a patch that puts the pod template back. */
function templatePatch(template: PodTemplateSpec): object {
  return { spec: { template: { ...template, $patch: 'replace' } } };
}

/** The pod template that a revision keeps. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec | undefined {
  const spec = isObject(revision.data) ? revision.data['spec'] : undefined;
  const template = isObject(spec) ? spec['template'] : undefined;
  if (!isObject(template)) return undefined;
  const { $patch: _, ...rest } = template;
  return rest;
}

/** True when the revision keeps this very template. */
export function hasTemplate(revision: ControllerRevision, template: PodTemplateSpec): boolean {
  return dataText(revision) === templateText(template);
}

/** A text that is equal for equal templates. */
function templateText(template: PodTemplateSpec): string {
  let text = texts.get(template);
  if (text === undefined) {
    text = canonicalJson(templatePatch(template));
    texts.set(template, text);
  }
  return text;
}

function dataText({ data }: ControllerRevision): string {
  if (!isObject(data)) return '';
  let text = texts.get(data);
  if (text === undefined) {
    text = canonicalJson(data);
    texts.set(data, text);
  }
  return text;
}

/** The hash in a revision's name. */
function revisionHash(template: PodTemplateSpec, collisionCount: number | undefined): string {
  const hash = fnv32a(templateText(template));
  const salted = collisionCount === undefined ? hash : fnv32a(String(collisionCount), hash);
  return safeEncode(String(salted).padStart(8, '0'));
}

/** The name of the owner's revision with that hash. */
function revisionName(owner: ApiObject, hash: string): string {
  return `${nameOf(owner).slice(0, OWNER_NAME_LIMIT)}-${hash}`;
}

/** Oldest first. */
export function sortRevisions(revisions: readonly ControllerRevision[]): ControllerRevision[] {
  return revisions.toSorted(
    (a, b) =>
      a.revision - b.revision ||
      (parseTime(a.metadata.creationTimestamp) ?? 0) - (parseTime(b.metadata.creationTimestamp) ?? 0) ||
      compareStrings(nameOf(a), nameOf(b)),
  );
}

/** The number after the highest of the revisions. */
export function nextRevision(revisions: readonly ControllerRevision[]): number {
  return Math.max(0, ...revisions.map(({ revision }) => revision)) + 1;
}

/** Gives a revision a new number. */
export function renumberRevision(
  client: KubeClient,
  revision: ControllerRevision,
  number: number,
): Promise<ControllerRevision> {
  return client.update<ControllerRevision>(
    RESOURCES.controllerRevisions,
    { ...revision, revision: number },
    AS_CONTROLLER,
  );
}

/** Deletes a revision; one that is gone is as good. */
export async function deleteRevision(client: KubeClient, revision: ControllerRevision): Promise<void> {
  try {
    await client.delete(RESOURCES.controllerRevisions, objectKey(revision));
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error;
  }
}

/** What a new revision is made of. */
export interface RevisionParts {
  readonly template: PodTemplateSpec;
  readonly revision: number;
  readonly collisionCount: number | undefined;
  /** The label that carries the hash. */
  readonly hashLabel: string;
}

/** The revision that keeps a template of a DaemonSet or StatefulSet. */
export function newRevision(
  owner: ApiObject,
  { template, revision, collisionCount, hashLabel }: RevisionParts,
): ControllerRevision {
  const hash = revisionHash(template, collisionCount);
  const { annotations } = owner.metadata ?? {};
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: revisionName(owner, hash),
      namespace: namespaceOf(owner),
      labels: { ...template.metadata?.labels, [hashLabel]: hash },
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [controllerReference(owner)],
    },
    data: templatePatch(template),
    revision,
  };
}

/** Creates the revision that `make` makes for a count of collisions; a name that is taken by something else raises the count. */
export async function createRevision(
  client: KubeClient,
  owner: ApiObject,
  collisionCount: number | undefined,
  make: (collisionCount: number | undefined) => ControllerRevision,
): Promise<{ readonly revision: ControllerRevision; readonly collisionCount: number | undefined }> {
  for (let count = collisionCount; ; count = (count ?? 0) + 1) {
    const revision = make(count);
    try {
      const created = await client.create<ControllerRevision>(RESOURCES.controllerRevisions, revision, AS_CONTROLLER);
      return { revision: created, collisionCount: count };
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) throw error;
      const key = { namespace: namespaceOf(owner), name: nameOf(revision) };
      const present = await client.get<ControllerRevision>(RESOURCES.controllerRevisions, key);
      if (dataText(present) === dataText(revision)) return { revision: present, collisionCount: count };
    }
  }
}
