import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../../kube/api/policy-v1.generated.ts';
import { resolveIntOrPercent } from '../../../kube/int-or-string.ts';
import { labelSelectorMatcher } from '../../../kube/labels.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
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
import { isDeleting, keyOf, nameOf, namespaceOf, splitKey } from '../../machinery/keys.ts';
import { messageOf } from '../../machinery/pod-control.ts';
import { isPodReady } from '../../machinery/pods.ts';
import { selectorText } from '../../machinery/selector-text.ts';
import { writeStatus } from '../../machinery/status-writer.ts';
import { budgetStatus, countHealthy, disruptedPods, failedStatus } from './budget.ts';
import { ScaleFinder } from './expected-scale.ts';

/** Source of the events. */
const COMPONENT = 'controllermanager';

/** See {@link createDisruptionController}. */
class DisruptionController {
  readonly controller: Controller;
  readonly #context: ComponentContext;
  readonly #budgets: Informer<PodDisruptionBudget>;
  readonly #pods: Informer<Pod>;
  readonly #scales: ScaleFinder;
  readonly #recorder: EventRecorder;

  constructor(context: ComponentContext, informers: InformerFactory) {
    this.#context = context;
    this.#budgets = informers.informer<PodDisruptionBudget>(RESOURCES.podDisruptionBudgets);
    this.#pods = informers.informer<Pod>(RESOURCES.pods);
    this.#scales = new ScaleFinder(context.client, informers);
    this.#recorder = createEventRecorder(context, { component: COMPONENT });
    this.controller = new Controller({
      name: 'disruption-controller',
      context,
      informers: [this.#budgets, this.#pods, ...this.#scales.informers],
      reconcile: (key) => this.#reconcile(key),
    });
    this.#budgets.onEvent(({ type, object }) => {
      if (type !== 'deleted') this.controller.queue.add(keyOf(object));
    });
    this.#pods.onEvent((event) => this.#podEvent(event));
  }

  #podEvent({ type, object, old }: InformerEvent<Pod>): void {
    if (type === 'modified' && old !== undefined) {
      const same =
        isPodReady(old) === isPodReady(object) &&
        isDeleting(old) === isDeleting(object) &&
        old.metadata.labels === object.metadata.labels &&
        old.metadata.ownerReferences === object.metadata.ownerReferences;
      if (same) return;
    }
    for (const budget of this.#budgets.list(namespaceOf(object))) {
      const matcher = labelSelectorMatcher(budget.spec?.selector);
      if (matcher.matches(object.metadata.labels) || (old !== undefined && matcher.matches(old.metadata.labels))) {
        this.controller.queue.add(keyOf(budget));
      }
    }
  }

  async #reconcile(key: string): Promise<void> {
    const budget = this.#budgets.get(splitKey(key));
    if (budget === undefined) return;
    let status: PodDisruptionBudgetStatus;
    let failure: unknown;
    try {
      status = await this.#compute(key, budget);
    } catch (error) {
      failure = error;
      status = failedStatus(budget, messageOf(error), this.#context.clock.now());
    }
    try {
      await writeStatus(this.#context.client, RESOURCES.podDisruptionBudgets, budget, status);
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
    if (failure !== undefined) throw failure;
  }

  async #compute(key: string, budget: PodDisruptionBudget): Promise<PodDisruptionBudgetStatus> {
    const now = this.#context.clock.now();
    const matcher = labelSelectorMatcher(budget.spec?.selector);
    const pods = this.#pods.list(namespaceOf(budget)).filter((pod) => matcher.matches(pod.metadata.labels));
    if (pods.length === 0) this.#recorder.event(budget, 'Normal', 'NoPods', 'No matching pods found');
    const { expectedPods, desiredHealthy } = await this.#expectations(budget, pods);
    const disrupted = disruptedPods(budget, pods, now);
    for (const pod of disrupted.overdue) {
      const message = `Pod was expected by PDB ${namespaceOf(budget)}/${nameOf(budget)} to be deleted but it wasn't`;
      this.#recorder.event(pod, 'Warning', 'NotDeleted', message);
    }
    if (disrupted.recheck !== undefined) this.controller.queue.addAfter(key, disrupted.recheck + 1);
    const currentHealthy = countHealthy(pods, disrupted);
    return budgetStatus(budget, { expectedPods, desiredHealthy, currentHealthy, disruptedPods: disrupted.pods }, now);
  }

  async #expectations(
    budget: PodDisruptionBudget,
    pods: readonly Pod[],
  ): Promise<{ readonly expectedPods: number; readonly desiredHealthy: number }> {
    const { maxUnavailable, minAvailable } = budget.spec ?? {};
    try {
      if (maxUnavailable !== undefined) {
        const expectedPods = await this.#expectedPods(budget, pods);
        const unavailable = resolveIntOrPercent(maxUnavailable, expectedPods, true);
        return { expectedPods, desiredHealthy: Math.max(0, expectedPods - unavailable) };
      }
      if (typeof minAvailable === 'number') return { expectedPods: pods.length, desiredHealthy: minAvailable };
      if (minAvailable === undefined) return { expectedPods: 0, desiredHealthy: 0 };
      const expectedPods = await this.#expectedPods(budget, pods);
      return { expectedPods, desiredHealthy: resolveIntOrPercent(minAvailable, expectedPods, true) };
    } catch (error) {
      const message = `Failed to calculate the number of expected pods: ${messageOf(error)}`;
      this.#recorder.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', message);
      throw error;
    }
  }

  async #expectedPods(budget: PodDisruptionBudget, pods: readonly Pod[]): Promise<number> {
    const { count, unmanaged } = await this.#scales.expectedPods(pods);
    if (unmanaged) {
      const message = `Pods selected by this PodDisruptionBudget (selector: ${selectorText(budget.spec?.selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`;
      this.#recorder.event(budget, 'Warning', 'UnmanagedPods', message);
    }
    return count;
  }
}

/** Keeps how many pods each PodDisruptionBudget lets be evicted. kubernetes: pkg/controller/disruption */
export function createDisruptionController(context: ComponentContext, informers: InformerFactory): Component {
  return new DisruptionController(context, informers).controller;
}
