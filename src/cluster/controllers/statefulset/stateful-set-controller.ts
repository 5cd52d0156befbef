import type { ControllerRevision, StatefulSet, StatefulSetStatus } from '../../../kube/api/apps-v1.generated.ts';
import type { PersistentVolumeClaim, Pod, PodTemplateSpec } from '../../../kube/api/core-v1.generated.ts';
import { type LabelMatcher, labelSelectorMatcher } from '../../../kube/labels.ts';
import { controllerOf } from '../../../kube/object.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { Controller } from '../../machinery/controller.ts';
import { createEventRecorder } from '../../machinery/event-recorder.ts';
import type {
  Component,
  ComponentContext,
  Informer,
  InformerEvent,
  InformerFactory,
} from '../../machinery/interfaces.ts';
import { keyOf, nameOf, splitKey } from '../../machinery/keys.ts';
import { addOwnerIndexes, claimCandidates, claimObjects } from '../../machinery/owners.ts';
import { nextAvailability } from '../../machinery/pods.ts';
import { writeStatus } from '../../machinery/status-writer.ts';
import {
  createRevision,
  deleteRevision,
  hasTemplate,
  newRevision,
  nextRevision,
  renumberRevision,
  sortRevisions,
  templateOf,
} from '../controller-revision/revision-history.ts';
import { StatefulPodControl } from './stateful-pod-control.ts';
import { podParent, podRevision } from './stateful-pods.ts';
import { statefulSetStatus, updateStatefulSet } from './stateful-set-update.ts';

/** Label of a revision that holds the hash in its name. */
const REVISION_HASH_LABEL = 'controller.kubernetes.io/hash';

/** Runs StatefulSets; kubernetes: pkg/controller/statefulset/stateful_set.go. */
export function createStatefulSetController(context: ComponentContext, informers: InformerFactory): Component {
  const sets = informers.informer<StatefulSet>(RESOURCES.statefulSets);
  const pods = informers.informer<Pod>(RESOURCES.pods);
  const claims = informers.informer<PersistentVolumeClaim>(RESOURCES.persistentVolumeClaims);
  const revisions = informers.informer<ControllerRevision>(RESOURCES.controllerRevisions);
  addOwnerIndexes(pods);
  addOwnerIndexes(revisions);
  const recorder = createEventRecorder(context, { component: 'statefulset-controller' });
  const control = new StatefulPodControl({ client: context.client, claims, recorder });
  const reconciler = new StatefulSetReconciler(context, { pods, revisions, control });
  const controller = new Controller({
    name: 'statefulset-controller',
    context,
    informers: [sets, pods, claims, revisions],
    reconcile: async (key) => {
      const set = sets.get(splitKey(key));
      if (set === undefined) return;
      const delay = await reconciler.reconcile(set);
      if (delay !== undefined) controller.queue.addAfter(key, delay);
    },
  });
  sets.onEvent(({ object }) => controller.queue.add(keyOf(object)));
  pods.onEvent((event) => {
    for (const key of affectedSets(sets, event)) controller.queue.add(key);
  });
  return controller;
}

/** The keys of the sets that a change of a pod concerns. */
function affectedSets(sets: Informer<StatefulSet>, { type, object, old }: InformerEvent<Pod>): string[] {
  const keys = new Set<string>();
  for (const pod of [object, old]) {
    const owner = pod === undefined ? undefined : controllerOf(pod);
    if (pod === undefined || owner?.kind !== 'StatefulSet') continue;
    const set = sets.get({ namespace: pod.metadata.namespace, name: owner.name });
    if (set?.metadata.uid === owner.uid) keys.add(keyOf(set));
  }
  if (type !== 'deleted' && controllerOf(object) === undefined) {
    const parent = podParent(object);
    const set = parent && sets.get({ namespace: object.metadata.namespace, name: parent.set });
    if (set !== undefined) keys.add(keyOf(set));
  }
  return [...keys];
}

interface Histories {
  readonly all: readonly ControllerRevision[];
  readonly current: ControllerRevision;
  readonly update: ControllerRevision;
  readonly collisionCount: number | undefined;
}

interface ReconcilerTools {
  readonly pods: Informer<Pod>;
  readonly revisions: Informer<ControllerRevision>;
  readonly control: StatefulPodControl;
}

class StatefulSetReconciler {
  readonly #context: ComponentContext;
  readonly #tools: ReconcilerTools;

  constructor(context: ComponentContext, tools: ReconcilerTools) {
    this.#context = context;
    this.#tools = tools;
  }

  /** Gives ms until a pod becomes available by time alone. */
  async reconcile(set: StatefulSet): Promise<number | undefined> {
    const template = set.spec?.template;
    if (template === undefined) return undefined;
    const selector = labelSelectorMatcher(set.spec?.selector);
    const pods = await this.#claimPods(set, selector);
    const histories = await this.#histories(set, template, selector);
    const now = this.#context.clock.now();
    const task = {
      set,
      pods,
      current: { name: nameOf(histories.current), template: templateOf(histories.current) ?? template },
      update: { name: nameOf(histories.update), template },
      now,
      control: this.#tools.control,
    };
    let deleted = 0;
    let failure: { readonly error: unknown } | undefined;
    try {
      deleted = await updateStatefulSet(task);
    } catch (error) {
      // Pods may have come and gone before the failure: the status is written all the same.
      failure = { error };
    }
    await this.#writeStatus(set, statefulSetStatus(task, deleted, histories.collisionCount));
    await this.#truncate(set, pods, histories);
    if (failure !== undefined) throw failure.error;
    return nextAvailability(pods, set.spec?.minReadySeconds ?? 0, now);
  }

  #claimPods(set: StatefulSet, selector: LabelMatcher): Promise<Pod[]> {
    return claimObjects<Pod>({
      client: this.#context.client,
      owner: set,
      ownerType: RESOURCES.statefulSets,
      type: RESOURCES.pods,
      candidates: claimCandidates(this.#tools.pods, set),
      matches: (pod) => podParent(pod)?.set === nameOf(set) && selector.matches(pod.metadata.labels),
    });
  }

  async #histories(set: StatefulSet, template: PodTemplateSpec, selector: LabelMatcher): Promise<Histories> {
    const claimed = await claimObjects<ControllerRevision>({
      client: this.#context.client,
      owner: set,
      ownerType: RESOURCES.statefulSets,
      type: RESOURCES.controllerRevisions,
      candidates: claimCandidates(this.#tools.revisions, set),
      matches: (revision) => selector.matches(revision.metadata.labels),
    });
    let all = sortRevisions(claimed);
    let collisionCount = set.status?.collisionCount;
    const newest = all.at(-1);
    let update: ControllerRevision;
    if (newest !== undefined && hasTemplate(newest, template)) {
      update = newest;
    } else {
      const equal = all.findLast((revision) => hasTemplate(revision, template));
      const number = nextRevision(all);
      if (equal === undefined) {
        const created = await createRevision(this.#context.client, set, collisionCount, (count) =>
          newRevision(set, { template, revision: number, collisionCount: count, hashLabel: REVISION_HASH_LABEL }),
        );
        update = created.revision;
        ({ collisionCount } = created);
      } else {
        // Back to what was before: the old revision becomes the newest.
        update = await renumberRevision(this.#context.client, equal, number);
        all = all.filter((revision) => revision !== equal);
      }
      all = [...all, update];
    }
    const current = all.find((revision) => nameOf(revision) === set.status?.currentRevision) ?? update;
    return { all, current, update, collisionCount };
  }

  async #writeStatus(set: StatefulSet, status: StatefulSetStatus): Promise<void> {
    await writeStatus(this.#context.client, RESOURCES.statefulSets, set, status);
  }

  /** Deletes the oldest revisions that nobody uses, down to `revisionHistoryLimit`. */
  async #truncate(set: StatefulSet, pods: readonly Pod[], { all, current, update }: Histories): Promise<void> {
    const limit = set.spec?.revisionHistoryLimit ?? 10;
    if (all.length <= limit) return;
    const live = new Set([nameOf(current), nameOf(update), ...pods.map(podRevision)]);
    const unused = all.filter((revision) => !live.has(nameOf(revision)));
    for (const revision of unused.slice(0, Math.max(0, unused.length - limit))) {
      await deleteRevision(this.#context.client, revision);
    }
  }
}
