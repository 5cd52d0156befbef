import type { Deployment, ReplicaSet } from '../../../kube/api/apps-v1.generated.ts';
import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import type { LabelSelector } from '../../../kube/api/meta-v1.generated.ts';
import { labelSelectorMatcher } from '../../../kube/labels.ts';
import { controllerOf } from '../../../kube/object.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { Controller } from '../../machinery/controller.ts';
import { createEventRecorder } from '../../machinery/event-recorder.ts';
import type {
  Component,
  ComponentContext,
  EventRecorder,
  Informer,
  InformerEvent,
  InformerFactory,
} from '../../machinery/interfaces.ts';
import { isDeleting, keyOf, namespaceOf, splitKey, uidOf } from '../../machinery/keys.ts';
import { addOwnerIndexes, claimCandidates, claimObjects, CONTROLLER_UID_INDEX } from '../../machinery/owners.ts';
import { newCondition, progressing, REASONS, withCondition, withConditions } from './conditions.ts';
import { isRollingUpdate, progressDeadline } from './limits.ts';
import { syncNewReplicaSet } from './new-replica-set.ts';
import { writePlainStatus } from './progress.ts';
import { Rollout } from './rollout.ts';
import { isScalingEvent, scaleToSize } from './scale.ts';
import { cleanUpHistory, recreateStep, rollingStep } from './steps.ts';

const COMPONENT = 'deployment-controller';

/** See {@link createDeploymentController}. */
class DeploymentController {
  readonly controller: Controller;
  readonly #context: ComponentContext;
  readonly #deployments: Informer<Deployment>;
  readonly #sets: Informer<ReplicaSet>;
  readonly #pods: Informer<Pod>;
  readonly #recorder: EventRecorder;

  constructor(context: ComponentContext, informers: InformerFactory) {
    this.#context = context;
    this.#deployments = informers.informer<Deployment>(RESOURCES.deployments);
    this.#sets = informers.informer<ReplicaSet>(RESOURCES.replicaSets);
    this.#pods = informers.informer<Pod>(RESOURCES.pods);
    this.#recorder = createEventRecorder(context, { component: COMPONENT });
    this.controller = new Controller({
      name: COMPONENT,
      context,
      informers: [this.#deployments, this.#sets, this.#pods],
      reconcile: (key) => this.#reconcile(key),
    });
    addOwnerIndexes(this.#sets);
    addOwnerIndexes(this.#pods);
    this.#deployments.onEvent(({ object }) => this.controller.queue.add(keyOf(object)));
    this.#sets.onEvent((event) => this.#setEvent(event));
    this.#pods.onEvent((event) => this.#podEvent(event));
  }

  #setEvent({ type, object, old }: InformerEvent<ReplicaSet>): void {
    const owner = this.#ownerOf(object);
    if (owner !== undefined) this.controller.queue.add(keyOf(owner));
    const before = old === undefined ? undefined : this.#ownerOf(old);
    if (before !== undefined && before !== owner) this.controller.queue.add(keyOf(before));
    if (type === 'deleted' || controllerOf(object) !== undefined) return;
    if (old !== undefined && controllerOf(old) === undefined && old.metadata.labels === object.metadata.labels) return;
    for (const deployment of this.#deployments.list(namespaceOf(object))) {
      if (labelSelectorMatcher(deployment.spec?.selector).matches(object.metadata.labels)) {
        this.controller.queue.add(keyOf(deployment));
      }
    }
  }

  /** Only Recreate waits for pods: for the last of the old ones. */
  #podEvent({ type, object }: InformerEvent<Pod>): void {
    if (type !== 'deleted') return;
    const reference = controllerOf(object);
    if (reference?.kind !== 'ReplicaSet') return;
    const set = this.#sets.get({ namespace: object.metadata.namespace, name: reference.name });
    if (set === undefined || set.metadata.uid !== reference.uid) return;
    const deployment = this.#ownerOf(set);
    if (deployment === undefined || isRollingUpdate(deployment)) return;
    const sets = this.#sets.byIndex(CONTROLLER_UID_INDEX, uidOf(deployment));
    if (sets.every((sibling) => this.#podsOf(sibling).length === 0)) this.controller.queue.add(keyOf(deployment));
  }

  #ownerOf(set: ReplicaSet): Deployment | undefined {
    const reference = controllerOf(set);
    if (reference?.kind !== 'Deployment') return undefined;
    const owner = this.#deployments.get({ namespace: set.metadata.namespace, name: reference.name });
    return owner?.metadata.uid === reference.uid ? owner : undefined;
  }

  #podsOf(set: ReplicaSet): readonly Pod[] {
    return this.#pods.byIndex(CONTROLLER_UID_INDEX, uidOf(set));
  }

  async #reconcile(key: string): Promise<void> {
    const deployment = this.#deployments.get(splitKey(key));
    if (deployment === undefined) return;
    if (selectsEverything(deployment.spec?.selector)) {
      await this.#refuseSelector(deployment);
      return;
    }
    const rollout = new Rollout(
      {
        client: this.#context.client,
        now: this.#context.clock.now(),
        recorder: this.#recorder,
        podsOf: (set) => this.#podsOf(set),
        lookAgain: (delay) => this.controller.queue.addAfter(key, delay),
      },
      deployment,
      await this.#claim(deployment),
    );
    if (isDeleting(deployment)) {
      await syncNewReplicaSet(rollout);
      await writePlainStatus(rollout);
      return;
    }
    await notePause(rollout);
    const paused = deployment.spec?.paused === true;
    if (paused || isScalingEvent(rollout)) {
      await syncNewReplicaSet(rollout);
      await scaleToSize(rollout);
      if (paused) await cleanUpHistory(rollout);
      await writePlainStatus(rollout);
      return;
    }
    await (isRollingUpdate(deployment) ? rollingStep(rollout) : recreateStep(rollout));
  }

  #claim(deployment: Deployment): Promise<ReplicaSet[]> {
    const matcher = labelSelectorMatcher(deployment.spec?.selector);
    return claimObjects<ReplicaSet>({
      client: this.#context.client,
      owner: deployment,
      ownerType: RESOURCES.deployments,
      type: RESOURCES.replicaSets,
      candidates: claimCandidates(this.#sets, deployment),
      matches: (set) => matcher.matches(set.metadata.labels),
    });
  }

  async #refuseSelector(deployment: Deployment): Promise<void> {
    const message = 'This deployment is selecting all pods. A non-empty selector is required.';
    this.#recorder.event(deployment, 'Warning', 'SelectingAll', message);
    const { generation } = deployment.metadata;
    if ((deployment.status?.observedGeneration ?? 0) >= (generation ?? 0)) return;
    const rollout = new Rollout(
      {
        client: this.#context.client,
        now: this.#context.clock.now(),
        recorder: this.#recorder,
        podsOf: () => [],
        lookAgain: () => {},
      },
      deployment,
      [],
    );
    await rollout.writeStatus({
      ...deployment.status,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    });
  }
}

function selectsEverything(selector: LabelSelector | undefined): boolean {
  return (
    selector === undefined ||
    (Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0)
  );
}

/** Notes that the Deployment was paused or resumed: its deadline then does not run, or begins anew. */
async function notePause(rollout: Rollout): Promise<void> {
  const { deployment, env, status } = rollout;
  const known = progressing(deployment);
  if (progressDeadline(deployment) === undefined || known?.reason === REASONS.timedOut) return;
  const paused = deployment.spec?.paused === true;
  if (paused === (known?.reason === REASONS.paused)) return;
  const condition = newCondition(
    env.now,
    'Progressing',
    paused
      ? { status: 'Unknown', reason: REASONS.paused, message: 'Deployment is paused' }
      : { status: 'Unknown', reason: REASONS.resumed, message: 'Deployment is resumed' },
  );
  await rollout.writeStatus(withConditions(status, withCondition(status.conditions ?? [], condition)));
}

/**
 * Rolls Deployments out over their ReplicaSets: rolling update and recreate, revisions and history, proportional scaling,
 * pause, progress deadline. kubernetes: pkg/controller/deployment
 */
export function createDeploymentController(context: ComponentContext, informers: InformerFactory): Component {
  return new DeploymentController(context, informers).controller;
}
