import type { ControllerRevision, DaemonSet } from '../../../kube/api/apps-v1.generated.ts';
import type { Node, Pod } from '../../../kube/api/core-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import { type LabelMatcher, labelSelectorMatcher, matchesEverything } from '../../../kube/labels.ts';
import { controllerOf } from '../../../kube/object.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { Controller } from '../../machinery/controller.ts';
import { createEventRecorder } from '../../machinery/event-recorder.ts';
import { Expectations } from '../../machinery/expectations.ts';
import type {
  Component,
  ComponentContext,
  EventRecorder,
  Informer,
  InformerEvent,
  InformerFactory,
} from '../../machinery/interfaces.ts';
import { isDeleting, keyOf, nameOf, namespaceOf, splitKey, uidOf } from '../../machinery/keys.ts';
import { addOwnerIndexes, claimCandidates, claimObjects } from '../../machinery/owners.ts';
import { isNamespaceTerminating, PodControl } from '../../machinery/pod-control.ts';
import { nextAvailability } from '../../machinery/pods.ts';
import { slowStart } from '../../machinery/slow-start.ts';
import { writeStatus } from '../../machinery/status-writer.ts';
import { cleanUpHistory, constructHistory } from './daemon-history.ts';
import { type DaemonPlan, type DaemonView, daemonSetStatus, planNodes, planUpdate } from './daemon-plan.ts';
import { daemonTemplate, judgeNode, podSpecFor, revisionLabels } from './daemon-pods.ts';
import { FailureBackOff } from './failure-back-off.ts';

/** Most pods created, and deleted, in one reconciliation. */
const BURST = 250;

/** Runs DaemonSets; kubernetes: pkg/controller/daemon/daemon_controller.go. */
export function createDaemonSetController(context: ComponentContext, informers: InformerFactory): Component {
  return new DaemonSetController(context, informers).controller;
}

class DaemonSetController {
  readonly controller: Controller;
  readonly #context: ComponentContext;
  readonly #sets: Informer<DaemonSet>;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #revisions: Informer<ControllerRevision>;
  readonly #recorder: EventRecorder;
  readonly #podControl: PodControl;
  /** Creations and deletions are outstanding side by side. */
  readonly #creations: Expectations;
  readonly #deletions: Expectations;
  readonly #failures = new FailureBackOff();

  constructor(context: ComponentContext, informers: InformerFactory) {
    this.#context = context;
    this.#sets = informers.informer<DaemonSet>(RESOURCES.daemonSets);
    this.#pods = informers.informer<Pod>(RESOURCES.pods);
    this.#nodes = informers.informer<Node>(RESOURCES.nodes);
    this.#revisions = informers.informer<ControllerRevision>(RESOURCES.controllerRevisions);
    addOwnerIndexes(this.#pods);
    addOwnerIndexes(this.#revisions);
    this.#recorder = createEventRecorder(context, { component: 'daemonset-controller' });
    this.#podControl = new PodControl(context.client, this.#recorder);
    this.#creations = new Expectations(context.clock);
    this.#deletions = new Expectations(context.clock);
    this.controller = new Controller({
      name: 'daemonset-controller',
      context,
      informers: [this.#sets, this.#pods, this.#nodes, this.#revisions],
      reconcile: (key) => this.#reconcile(key),
    });
    this.#sets.onEvent(({ type, object }) => {
      if (type === 'deleted') {
        this.#creations.forget(keyOf(object));
        this.#deletions.forget(keyOf(object));
      } else {
        this.controller.queue.add(keyOf(object));
      }
    });
    this.#pods.onEvent((event) => this.#podEvent(event));
    this.#nodes.onEvent((event) => this.#nodeEvent(event));
  }

  #podEvent({ type, object: pod, old }: InformerEvent<Pod>): void {
    const set = this.#setOf(pod);
    if (set !== undefined) {
      const key = keyOf(set);
      if (type === 'deleted' || isDeleting(pod)) this.#deletions.deletionObserved(key, uidOf(pod));
      if (type === 'added') this.#creations.creationObserved(key);
      this.controller.queue.add(key);
    } else if (type !== 'deleted' && controllerOf(pod) === undefined && pod.metadata.labels !== undefined) {
      for (const candidate of this.#sets.list(pod.metadata.namespace)) {
        if (labelSelectorMatcher(candidate.spec?.selector).matches(pod.metadata.labels)) {
          this.controller.queue.add(keyOf(candidate));
        }
      }
    }
    const before = old === undefined ? undefined : this.#setOf(old);
    if (before !== undefined && before !== set) this.controller.queue.add(keyOf(before));
  }

  #setOf(pod: Pod): DaemonSet | undefined {
    const owner = controllerOf(pod);
    if (owner?.kind !== 'DaemonSet') return undefined;
    const set = this.#sets.get({ namespace: pod.metadata.namespace, name: owner.name });
    return set?.metadata.uid === owner.uid ? set : undefined;
  }

  #nodeEvent({ type, object: node, old }: InformerEvent<Node>): void {
    if (type === 'modified' && old !== undefined) {
      // Heartbeats do not matter.
      const same =
        deepEqual(node.metadata.labels, old.metadata.labels) && deepEqual(node.spec?.taints, old.spec?.taints);
      if (same) return;
    }
    for (const set of this.#sets.list()) {
      const now = judgeNode(set, node);
      const before = old === undefined ? { run: false, keep: false } : judgeNode(set, old);
      if (type === 'deleted' || now.run !== before.run || now.keep !== before.keep) {
        this.controller.queue.add(keyOf(set));
      }
    }
  }

  async #reconcile(key: string): Promise<void> {
    const set = this.#sets.get(splitKey(key));
    if (set === undefined || isDeleting(set)) return;
    const selector = labelSelectorMatcher(set.spec?.selector);
    if (selector === matchesEverything) {
      const message = 'This daemon set is selecting all pods. A non-empty selector is required.';
      this.#recorder.event(set, 'Warning', 'SelectingAll', message);
      return;
    }
    const { client, clock } = this.#context;
    const pods = await this.#claimPods(set, selector);
    const { hash, old, collisionCount } = await constructHistory(client, this.#revisions, set, pods);
    const view: DaemonView = { set, nodes: this.#nodes.list(), pods, hash, now: clock.now() };
    const ready = this.#isSatisfied(key);
    try {
      if (ready) {
        await this.#manage(key, view, selector);
        await cleanUpHistory(client, set, old, pods);
      }
    } finally {
      // What could not be done shows in the status as well.
      const after = { ...view, pods: await this.#claimPods(set, selector) };
      await writeStatus(client, RESOURCES.daemonSets, set, daemonSetStatus(after, collisionCount, ready));
    }
    const claimed = await this.#claimPods(set, selector);
    const delay = nextAvailability(claimed, set.spec?.minReadySeconds ?? 0, view.now);
    if (delay !== undefined) this.controller.queue.addAfter(key, delay);
  }

  /** Creates and deletes pods node by node, then those of an update. */
  async #manage(key: string, view: DaemonView, selector: LabelMatcher): Promise<void> {
    const { set } = view;
    await this.#carryOut(
      view,
      planNodes(view, (pod, node) => this.#checkEnded(view, pod, node)),
    );
    const rolling = (set.spec?.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
    if (!rolling || !this.#isSatisfied(key)) return;
    // What was just done shows in the cache by now, or else the expectations were not met.
    const seen = { ...view, pods: await this.#claimPods(set, selector) };
    await this.#carryOut(seen, planUpdate(seen));
  }

  #isSatisfied(key: string): boolean {
    return this.#creations.satisfied(key) && this.#deletions.satisfied(key);
  }

  #claimPods(set: DaemonSet, selector: LabelMatcher): Promise<Pod[]> {
    return claimObjects<Pod>({
      client: this.#context.client,
      owner: set,
      ownerType: RESOURCES.daemonSets,
      type: RESOURCES.pods,
      candidates: claimCandidates(this.#pods, set),
      matches: (pod) => selector.matches(pod.metadata.labels),
    });
  }

  /** A failed pod is deleted, lest the next one fail at once, after a back-off that grows. */
  #checkEnded({ set, now }: DaemonView, pod: Pod, node: Node): 'remove' | 'leave' {
    const what = `daemon pod ${namespaceOf(pod)}/${nameOf(pod)} on node ${nameOf(node)}`;
    if (pod.status?.phase === 'Succeeded') {
      const message = `Found succeeded ${what}, will try to delete it`;
      this.#recorder.event(set, 'Normal', 'SucceededDaemonPod', message);
      return 'remove';
    }
    const key = `${uidOf(set)}/${set.status?.observedGeneration ?? 0}/${nameOf(node)}`;
    const delay = this.#failures.remaining(key, now);
    if (delay > 0) {
      this.controller.queue.addAfter(keyOf(set), delay);
      return 'leave';
    }
    this.#failures.next(key, now);
    this.#recorder.event(set, 'Warning', 'FailedDaemonPod', `Found failed ${what}, will try to kill it`);
    return 'remove';
  }

  async #carryOut({ set, hash }: DaemonView, plan: DaemonPlan): Promise<void> {
    const create = plan.create.slice(0, BURST);
    const remove = plan.remove.slice(0, BURST);
    if (create.length === 0 && remove.length === 0) return;
    const key = keyOf(set);
    if (create.length > 0) this.#creations.expectCreations(key, create.length);
    if (remove.length > 0) this.#deletions.expectDeletions(key, remove.map(uidOf));
    const template = daemonTemplate(set);
    const labels = revisionLabels(set, hash);
    const { succeeded, error } = await slowStart(create.length, async (i) => {
      await this.#podControl.create(template, set, { labels, spec: podSpecFor(template, create[i] ?? '') });
    });
    if (succeeded < create.length) this.#creations.creationObserved(key, create.length - succeeded);
    const results = await Promise.allSettled(remove.map((pod) => this.#podControl.delete(pod, set)));
    let failure = error;
    for (const [i, result] of results.entries()) {
      const pod = remove[i];
      if (pod === undefined || result.status === 'fulfilled') continue;
      this.#deletions.deletionObserved(key, uidOf(pod));
      failure ??= result.reason;
    }
    if (failure !== undefined && !isNamespaceTerminating(failure)) throw failure;
  }
}
