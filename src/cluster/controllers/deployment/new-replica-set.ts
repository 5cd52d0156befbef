import type { Deployment, ReplicaSet } from '../../../kube/api/apps-v1.generated.ts';
import { controllerOf } from '../../../kube/object.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { AS_CONTROLLER, POD_TEMPLATE_HASH_LABEL } from '../../machinery/constants.ts';
import { templateHash } from '../../machinery/hash.ts';
import { nameOf, namespaceOf, uidOf } from '../../machinery/keys.ts';
import { controllerReference } from '../../machinery/owners.ts';
import { isNamespaceTerminating, messageOf } from '../../machinery/pod-control.ts';
import { newCondition, progressing, REASONS, withCondition, withConditions } from './conditions.ts';
import { isRollingUpdate, maxSurge, progressDeadline, wantedReplicas } from './limits.ts';
import { isSameTemplate, sizeOf, total } from './replica-sets.ts';
import { annotation, highestRevision, REVISION, revisionAnnotations, sizeAnnotations } from './revisions.ts';
import type { Rollout } from './rollout.ts';

/**
 * The ReplicaSet of the Deployment's template, with its revision put right; or undefined when there is none yet.
 * kubernetes: pkg/controller/deployment/sync.go getNewReplicaSet
 */
export async function syncNewReplicaSet(rollout: Rollout): Promise<ReplicaSet | undefined> {
  const { current, old } = rollout.revisions;
  if (current === undefined) return undefined;
  const { deployment } = rollout;
  const annotations = revisionAnnotations(deployment, current, highestRevision(old) + 1);
  const minReadySeconds = deployment.spec?.minReadySeconds ?? 0;
  if (
    annotations !== (current.metadata.annotations ?? annotations) ||
    (current.spec?.minReadySeconds ?? 0) !== minReadySeconds
  ) {
    return rollout.put(
      await rollout.env.client.update<ReplicaSet>(
        RESOURCES.replicaSets,
        { ...current, metadata: { ...current.metadata, annotations }, spec: { ...current.spec, minReadySeconds } },
        AS_CONTROLLER,
      ),
    );
  }
  await noteRevision(rollout, annotation(current, REVISION), {
    reason: REASONS.found,
    message: `Found new replica set "${nameOf(current)}"`,
    onlyFirst: true,
  });
  return current;
}

/** {@link syncNewReplicaSet}, and creates it when there is none. Throws what keeps it from being created. */
export async function ensureNewReplicaSet(rollout: Rollout): Promise<ReplicaSet> {
  const existing = await syncNewReplicaSet(rollout);
  if (existing !== undefined) return existing;
  const { deployment } = rollout;
  const { old } = rollout.revisions;
  const draft = draftReplicaSet(rollout, highestRevision(old) + 1);
  let created: ReplicaSet;
  let own = true;
  try {
    created = await rollout.env.client.create<ReplicaSet>(RESOURCES.replicaSets, draft, AS_CONTROLLER);
  } catch (error) {
    if (isNamespaceTerminating(error)) throw error;
    if (!isStatus(error, 'AlreadyExists')) return await refused(rollout, draft, error);
    created = await resolveCollision(rollout, draft, error);
    own = false;
  }
  rollout.put(created);
  const size = sizeOf(created);
  if (own && size > 0) {
    rollout.event('ScalingReplicaSet', `Scaled up replica set ${nameOf(created)} from 0 to ${size}`);
  }
  await noteRevision(rollout, annotation(draft, REVISION), {
    reason: REASONS.created,
    message: `Created new replica set "${nameOf(created)}"`,
    onlyFirst: !own || progressDeadline(deployment) === undefined,
  });
  return created;
}

/** The size of a new or growing ReplicaSet: what is missing, as far as the surge allows. */
export function newReplicaSetSize(deployment: Deployment, others: number, size: number): number {
  const wanted = wantedReplicas(deployment);
  if (!isRollingUpdate(deployment)) return wanted;
  const room = wanted + maxSurge(deployment) - others - size;
  return room <= 0 ? size : size + Math.min(room, wanted - size);
}

function draftReplicaSet({ deployment, revisions: { old } }: Rollout, revision: number): ReplicaSet {
  const { spec, status } = deployment;
  const template = spec?.template ?? {};
  const hash = templateHash(template, status?.collisionCount);
  const labels = { ...template.metadata?.labels, [POD_TEMPLATE_HASH_LABEL]: hash };
  const selector = spec?.selector ?? {};
  const draft: ReplicaSet = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${nameOf(deployment)}-${hash}`,
      namespace: namespaceOf(deployment),
      labels,
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: newReplicaSetSize(deployment, total(old, sizeOf), 0),
      ...(spec?.minReadySeconds === undefined ? {} : { minReadySeconds: spec.minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [POD_TEMPLATE_HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
  const annotations = { ...revisionAnnotations(deployment, draft, revision), ...sizeAnnotations(deployment) };
  return { ...draft, metadata: { ...draft.metadata, annotations } };
}

/** A ReplicaSet of that name exists: either it is the one wanted, or the hash must change. */
async function resolveCollision(rollout: Rollout, draft: ReplicaSet, error: unknown): Promise<ReplicaSet> {
  const { deployment, env, status } = rollout;
  const key = { namespace: namespaceOf(draft), name: nameOf(draft) };
  const existing = await env.client.get<ReplicaSet>(RESOURCES.replicaSets, key);
  const mine = controllerOf(existing)?.uid === uidOf(deployment);
  if (mine && isSameTemplate(existing.spec?.template, deployment.spec?.template)) return existing;
  await rollout.writeStatus({ ...status, collisionCount: (status.collisionCount ?? 0) + 1 });
  throw error;
}

async function refused(rollout: Rollout, draft: ReplicaSet, error: unknown): Promise<never> {
  const message = `Failed to create new replica set "${nameOf(draft)}": ${messageOf(error)}`;
  const { deployment, env, status } = rollout;
  rollout.event(REASONS.createFailed, message, 'Warning');
  if (progressDeadline(deployment) !== undefined) {
    const condition = newCondition(env.now, 'Progressing', { status: 'False', reason: REASONS.createFailed, message });
    const conditions = withCondition(status.conditions ?? [], condition);
    if (conditions !== status.conditions) {
      // The refusal is the greater trouble, whatever becomes of this write.
      await rollout.writeStatus(withConditions(status, conditions)).catch(() => {});
    }
  }
  throw error;
}

interface Note {
  readonly reason: string;
  readonly message: string;
  /** Only when nothing is known of the progress so far. */
  readonly onlyFirst: boolean;
}

/** Copies the revision to the Deployment, and notes what happened as progress. */
async function noteRevision(rollout: Rollout, revision: string | undefined, note: Note): Promise<void> {
  const { deployment, env, status } = rollout;
  const changed = revision !== undefined && annotation(deployment, REVISION) !== revision;
  const deadline = progressDeadline(deployment) !== undefined;
  let conditions = status.conditions ?? [];
  if (deadline && (!note.onlyFirst || progressing(deployment) === undefined)) {
    const { reason, message } = note;
    conditions = withCondition(conditions, newCondition(env.now, 'Progressing', { status: 'True', reason, message }));
  }
  if (!changed && conditions === (status.conditions ?? conditions)) return;
  await rollout.writeStatus(withConditions(status, conditions), changed ? revision : undefined);
}
