import type { HorizontalPodAutoscaler, MetricStatus } from '../../../kube/api/autoscaling-v2.generated.ts';
import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import { type LabelMatcher, parseLabelSelector } from '../../../kube/labels.ts';
import { groupVersionKind, type ResourceType } from '../../../kube/object.ts';
import { parseQuantity } from '../../../kube/quantity.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { Controller } from '../../machinery/controller.ts';
import { createEventRecorder } from '../../machinery/event-recorder.ts';
import type {
  Component,
  ComponentContext,
  EventRecorder,
  Informer,
  InformerFactory,
} from '../../machinery/interfaces.ts';
import { keyOf, namespaceOf, splitKey } from '../../machinery/keys.ts';
import { messageOf } from '../../machinery/pod-control.ts';
import { readScale, type Scale, writeScale } from '../../machinery/scale.ts';
import { writeStatus } from '../../machinery/status-writer.ts';
import { HpaStatus } from './hpa-status.ts';
import {
  failurePlace,
  failureReason,
  type MetricProposal,
  proposeForMetric,
  type ScaleState,
} from './metric-proposals.ts';
import type { MetricsProvider } from './metrics-provider.ts';
import { DOWNSCALE_STABILIZATION, normalize } from './normalize.ts';
import type { Tolerances } from './replica-calculator.ts';
import { longestPeriod, ScalingHistory } from './scaling-history.ts';

const COMPONENT = 'horizontal-pod-autoscaler';
/** ms between looks at an autoscaler, and before the first. */
const SYNC_PERIOD = 15_000;
const TOLERANCE = 0.1;

/** One look at one autoscaler. */
interface Look {
  readonly key: string;
  readonly hpa: HorizontalPodAutoscaler;
  readonly status: HpaStatus;
  readonly now: number;
}

interface Decision {
  readonly desired: number;
  readonly reason: string;
  readonly rescale: boolean;
  readonly failure?: unknown;
}

/** See {@link createHpaController}. */
class HpaController {
  readonly controller: Controller;
  readonly #context: ComponentContext;
  readonly #hpas: Informer<HorizontalPodAutoscaler>;
  readonly #pods: Informer<Pod>;
  readonly #metrics: MetricsProvider;
  readonly #recorder: EventRecorder;
  readonly #histories = new Map<string, ScalingHistory>();
  /** The selectors of the targets, by autoscaler. */
  readonly #selectors = new Map<string, string>();

  constructor(context: ComponentContext, informers: InformerFactory, metrics: MetricsProvider) {
    this.#context = context;
    this.#metrics = metrics;
    this.#hpas = informers.informer<HorizontalPodAutoscaler>(RESOURCES.horizontalPodAutoscalers);
    this.#pods = informers.informer<Pod>(RESOURCES.pods);
    this.#recorder = createEventRecorder(context, { component: COMPONENT });
    this.controller = new Controller({
      name: 'horizontal-pod-autoscaler-controller',
      context,
      informers: [this.#hpas, this.#pods],
      reconcile: (key) => this.#reconcile(key),
      backoff: { base: SYNC_PERIOD, max: SYNC_PERIOD },
    });
    this.#hpas.onEvent(({ type, object }) => {
      const key = keyOf(object);
      if (type === 'deleted') {
        this.#histories.delete(key);
        this.#selectors.delete(key);
      } else this.controller.queue.addAfter(key, SYNC_PERIOD);
    });
  }

  async #reconcile(key: string): Promise<void> {
    const hpa = this.#hpas.get(splitKey(key));
    if (hpa === undefined) return;
    const now = this.#context.clock.now();
    const look: Look = { key, hpa, now, status: new HpaStatus(hpa, now) };
    try {
      await this.#autoscale(look);
    } finally {
      await this.#write(look);
    }
    this.controller.queue.addAfter(key, SYNC_PERIOD);
  }

  async #write({ hpa, status }: Look): Promise<void> {
    try {
      await writeStatus(this.#context.client, RESOURCES.horizontalPodAutoscalers, hpa, status.result());
    } catch (error) {
      if (isStatus(error, 'NotFound')) return;
      this.#recorder.event(hpa, 'Warning', 'FailedUpdateStatus', messageOf(error));
      throw error;
    }
  }

  async #autoscale(look: Look): Promise<void> {
    const { hpa, status } = look;
    let target: { readonly type: ResourceType; readonly scale: Scale };
    try {
      target = await this.#target(hpa);
    } catch (error) {
      const message = messageOf(error);
      this.#recorder.event(hpa, 'Warning', 'FailedGetScale', message);
      status.set('AbleToScale', 'False', {
        reason: 'FailedGetScale',
        message: `the HPA controller was unable to get the target's current scale: ${message}`,
      });
      throw error;
    }
    status.set('AbleToScale', 'True', {
      reason: 'SucceededGetScale',
      message: "the HPA controller was able to get the target's current scale",
    });
    const current = target.scale.spec?.replicas ?? 0;
    const history = this.#history(look.key);
    if (history.isEmpty) history.recommend(current, look.now, DOWNSCALE_STABILIZATION);
    const decision = await this.#decide(look, target.scale, current);
    if (decision.rescale) await this.#rescale(look, target, decision);
    status.decide(decision.rescale ? decision.desired : current, decision.rescale);
    if (decision.failure !== undefined) throw decision.failure;
  }

  async #target({ spec, metadata }: HorizontalPodAutoscaler): Promise<{ type: ResourceType; scale: Scale }> {
    const { apiVersion = '', kind = '', name = '' } = spec?.scaleTargetRef ?? {};
    const type = await this.#context.client.resourceFor(groupVersionKind({ apiVersion, kind }));
    if (type === undefined)
      throw new Error(`no matches for kind "${kind}" in group "${apiVersion.split('/')[0] ?? ''}"`);
    return { type, scale: await readScale(this.#context.client, type, { namespace: metadata.namespace, name }) };
  }

  async #decide(look: Look, scale: Scale, current: number): Promise<Decision> {
    const { hpa, status, now } = look;
    const { maxReplicas = 1, minReplicas = 1 } = hpa.spec ?? {};
    status.observe(current, []);
    if (current === 0 && minReplicas !== 0) {
      const message = 'scaling is disabled since the replica count of the target is zero';
      status.set('ScalingActive', 'False', { reason: 'ScalingDisabled', message });
      return { desired: 0, reason: '', rescale: false };
    }
    if (current > maxReplicas) {
      return { desired: maxReplicas, reason: 'Current number of replicas above Spec.MaxReplicas', rescale: true };
    }
    if (current < minReplicas) {
      return { desired: minReplicas, reason: 'Current number of replicas below Spec.MinReplicas', rescale: true };
    }
    const { best, failure } = await this.#evaluate(look, scale, current);
    const spec = hpa.spec ?? { maxReplicas, scaleTargetRef: { kind: '', name: '' } };
    const history = this.#history(look.key);
    const normalized = normalize({ spec, history, current, desired: best.replicas, minReplicas, now });
    status.set('AbleToScale', 'True', normalized.able);
    status.set('ScalingLimited', normalized.limited ? 'True' : 'False', normalized.limit);
    const reason =
      best.replicas > current ? `${best.name} above target` : best.replicas < current ? 'All metrics below target' : '';
    return { desired: normalized.replicas, reason, rescale: normalized.replicas !== current, failure };
  }

  /** The highest proposal; throws when none is to be had, or one is missing and the others would scale down. */
  async #evaluate(
    look: Look,
    scale: Scale,
    current: number,
  ): Promise<{ readonly best: MetricProposal; readonly failure: unknown }> {
    const { hpa, status } = look;
    const state = this.#state(look, scale, current);
    const specs = hpa.spec?.metrics ?? [];
    const statuses: MetricStatus[] = [];
    let best: MetricProposal | undefined;
    let first: { readonly message: string; readonly reason: string; readonly place: string } | undefined;
    let invalid = 0;
    for (const spec of specs) {
      try {
        const proposal = await proposeForMetric(spec, state);
        statuses.push(proposal.status);
        if (best === undefined || best.replicas === 0 || proposal.replicas > best.replicas) best = proposal;
      } catch (error) {
        statuses.push({ type: '' });
        invalid += 1;
        const reason = failureReason(spec.type);
        const message = messageOf(error);
        first ??= { message, reason, place: failurePlace(spec) };
        this.#recorder.event(hpa, 'Warning', reason, message);
      }
    }
    status.observe(current, statuses);
    const cause = first?.message ?? 'no metrics';
    const failure = `invalid metrics (${invalid} invalid out of ${specs.length}), first error is: ${first?.place ?? ''}${cause}`;
    if (best === undefined || (invalid > 0 && best.replicas < current)) {
      const message = `the HPA was unable to compute the replica count: ${cause}`;
      status.set('ScalingActive', 'False', { reason: first?.reason ?? 'InvalidMetricSourceType', message });
      throw this.#undecided(look, failure);
    }
    const message = `the HPA was able to successfully calculate a replica count from ${best.name}`;
    status.set('ScalingActive', 'True', { reason: 'ValidMetricFound', message });
    return { best, failure: invalid > 0 ? new Error(failure) : undefined };
  }

  /** Tells that there is no number of replicas to be had; the error is for the caller to throw. */
  #undecided({ key, hpa }: Look, failure: string): Error {
    this.#recorder.event(hpa, 'Warning', 'FailedComputeMetricsReplicas', failure);
    return new Error(`failed to compute desired number of replicas based on listed metrics for ${key}: ${failure}`);
  }

  /** The pods that the target's scale selects; throws, and says why, when the selector is absent or is none. */
  #matcher(look: Look, selector: string): LabelMatcher {
    const { hpa, status } = look;
    if (selector === '') {
      this.#recorder.event(hpa, 'Warning', 'SelectorRequired', 'selector is required');
      const message = "the HPA target's scale is missing a selector";
      status.set('ScalingActive', 'False', { reason: 'InvalidSelector', message });
      throw this.#undecided(look, 'selector is required');
    }
    try {
      return parseLabelSelector(selector);
    } catch (error) {
      const message = `couldn't convert selector into a corresponding internal selector object: ${messageOf(error)}`;
      this.#recorder.event(hpa, 'Warning', 'InvalidSelector', message);
      status.set('ScalingActive', 'False', { reason: 'InvalidSelector', message });
      throw this.#undecided(look, message);
    }
  }

  #state(look: Look, scale: Scale, current: number): ScaleState {
    const { key, hpa, status, now } = look;
    const namespace = namespaceOf(hpa);
    const selector = scale.status?.selector ?? '';
    const matcher = this.#matcher(look, selector);
    const pods = this.#pods.list(namespace).filter((pod) => matcher.matches(pod.metadata.labels));
    this.#selectors.set(key, selector);
    const rivals = this.#rivals(namespace, pods);
    if (rivals.length > 1) {
      const text = `pods by selector ${selector} are controlled by multiple HPAs: [${rivals.join(' ')}]`;
      this.#recorder.event(hpa, 'Warning', 'AmbiguousSelector', text);
      status.set('ScalingActive', 'False', { reason: 'AmbiguousSelector', message: text });
      throw this.#undecided(look, text);
    }
    return {
      provider: this.#metrics,
      namespace,
      selector,
      pods,
      specReplicas: current,
      statusReplicas: scale.status?.replicas ?? 0,
      tolerances: tolerancesOf(hpa),
      now,
    };
  }

  /** The autoscalers whose targets select any of the pods. */
  #rivals(namespace: string, pods: readonly Pod[]): string[] {
    const out: string[] = [];
    for (const [key, selector] of this.#selectors) {
      if (splitKey(key).namespace !== namespace) continue;
      const matcher = parseLabelSelector(selector);
      if (pods.some((pod) => matcher.matches(pod.metadata.labels))) out.push(key);
    }
    return out.sort();
  }

  async #rescale(
    { key, hpa, status, now }: Look,
    { type, scale }: { readonly type: ResourceType; readonly scale: Scale },
    { desired, reason }: Decision,
  ): Promise<void> {
    try {
      await writeScale(this.#context.client, type, scale, desired);
    } catch (error) {
      const message = messageOf(error);
      this.#recorder.event(
        hpa,
        'Warning',
        'FailedRescale',
        `New size: ${desired}; reason: ${reason}; error: ${message}`,
      );
      status.set('AbleToScale', 'False', {
        reason: 'FailedUpdateScale',
        message: `the HPA controller was unable to update the target scale: ${message}`,
      });
      throw error;
    }
    status.set('AbleToScale', 'True', {
      reason: 'SucceededRescale',
      message: `the HPA controller was able to update the target scale to ${desired}`,
    });
    this.#recorder.event(hpa, 'Normal', 'SuccessfulRescale', `New size: ${desired}; reason: ${reason}`);
    const { behavior } = hpa.spec ?? {};
    if (behavior === undefined) return;
    const keep = Math.max(longestPeriod(behavior.scaleUp), longestPeriod(behavior.scaleDown), SYNC_PERIOD);
    this.#history(key).scaled(scale.spec?.replicas ?? 0, desired, { now, keep });
  }

  #history(key: string): ScalingHistory {
    let history = this.#histories.get(key);
    if (history === undefined) {
      history = new ScalingHistory();
      this.#histories.set(key, history);
    }
    return history;
  }
}

function tolerancesOf({ spec }: HorizontalPodAutoscaler): Tolerances {
  const { scaleUp, scaleDown } = spec?.behavior ?? {};
  return { up: fraction(scaleUp?.tolerance), down: fraction(scaleDown?.tolerance) };
}

function fraction(quantity: string | number | undefined): number {
  return quantity === undefined ? TOLERANCE : Number(parseQuantity(quantity).nano) / 1e9;
}

/**
 * Scales what HorizontalPodAutoscalers target to what their metrics ask for, every 15 s.
 * kubernetes: pkg/controller/podautoscaler
 */
export function createHpaController(
  context: ComponentContext,
  informers: InformerFactory,
  metrics: MetricsProvider,
): Component {
  return new HpaController(context, informers, metrics).controller;
}
