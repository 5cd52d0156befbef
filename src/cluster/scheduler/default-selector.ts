import type { ReplicaSet, StatefulSet } from '../../kube/api/apps-v1.generated.ts';
import type { ReplicationController, Service } from '../../kube/api/core-v1.generated.ts';
import { equalityMatcher, type LabelMatcher, labelSelectorMatcher } from '../../kube/labels.ts';
import { RESOURCES } from '../../kube/resources.ts';
import type { Informer, InformerEvent, InformerFactory } from '../machinery/interfaces.ts';
import type { ApiObject } from '../machinery/keys.ts';
import type { PodInfo } from './pod-info.ts';

/** What tells the pods that are to be spread with a pod. */
export interface DefaultSelector {
  /** The same for selectors that select the same. */
  readonly key: string;
  readonly matcher: LabelMatcher;
}

type Part = readonly [text: string, matcher: LabelMatcher];
type Selecting = ApiObject & { readonly spec?: { readonly selector?: unknown } };

/** Pods of this many kinds are remembered. */
const MOST_KNOWN = 10_000;

/**
 * Which pods the system's spreading counts with a pod: those that all Services of the pod and its ReplicaSet, StatefulSet or
 * ReplicationController select. Pods that none of these select are not spread. kubernetes: plugins/helper/spread.go DefaultSelector
 */
export class DefaultSelectors {
  readonly #services: Informer<Service>;
  readonly #controllers: Informer<ReplicationController>;
  readonly #replicaSets: Informer<ReplicaSet>;
  readonly #statefulSets: Informer<StatefulSet>;
  /** By what the answer follows from: namespace, labels and owner. */
  readonly #known = new Map<string, DefaultSelector | undefined>();

  constructor(informers: InformerFactory) {
    this.#services = informers.informer<Service>(RESOURCES.services);
    this.#controllers = informers.informer<ReplicationController>(RESOURCES.replicationControllers);
    this.#replicaSets = informers.informer<ReplicaSet>(RESOURCES.replicaSets);
    this.#statefulSets = informers.informer<StatefulSet>(RESOURCES.statefulSets);
    for (const each of [this.#services, this.#controllers, this.#replicaSets, this.#statefulSets]) {
      (each as Informer<Selecting>).onEvent((event) => this.#changed(event));
    }
  }

  get synced(): Promise<unknown> {
    return Promise.all([
      this.#services.synced,
      this.#controllers.synced,
      this.#replicaSets.synced,
      this.#statefulSets.synced,
    ]);
  }

  /** Undefined: the pod is not spread. */
  of(info: PodInfo): DefaultSelector | undefined {
    const { owner } = info;
    const key = owner === undefined ? info.group : `${info.group}\n${owner.kind}\n${owner.name}`;
    if (this.#known.has(key)) return this.#known.get(key);
    const selector = this.#find(info);
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(key, selector);
    return selector;
  }

  #changed({ type, object, old }: InformerEvent<Selecting>): void {
    if (type === 'modified' && old?.spec?.selector === object.spec?.selector) return;
    this.#known.clear();
  }

  #find(info: PodInfo): DefaultSelector | undefined {
    const parts: Part[] = [];
    for (const { spec } of this.#services.list(info.namespace)) {
      const selector = spec?.selector;
      if (selector === undefined || Object.keys(selector).length === 0) continue;
      const matcher = equalityMatcher(selector);
      if (matcher.matches(info.labels)) parts.push([matcher.toString(), matcher]);
    }
    const owner = this.#ownerPart(info);
    if (owner !== undefined) parts.push(owner);
    const [first] = parts;
    if (first === undefined) return undefined;
    const matchers = parts.map(([, matcher]) => matcher);
    return {
      key: parts.map(([text]) => text).join('\n'),
      matcher: parts.length === 1 ? first[1] : { matches: (labels) => matchers.every((each) => each.matches(labels)) },
    };
  }

  #ownerPart({ owner, namespace }: PodInfo): Part | undefined {
    if (owner === undefined) return undefined;
    const { apiVersion, kind, name } = owner;
    if (apiVersion === 'v1' && kind === 'ReplicationController') {
      const selector = this.#controllers.get({ namespace, name })?.spec?.selector ?? {};
      const matcher = equalityMatcher(selector);
      return matcher.requirements.length === 0 ? undefined : [matcher.toString(), matcher];
    }
    if (apiVersion !== 'apps/v1' || (kind !== 'ReplicaSet' && kind !== 'StatefulSet')) return undefined;
    const set = (kind === 'ReplicaSet' ? this.#replicaSets : this.#statefulSets).get({ namespace, name });
    const selector = set?.spec?.selector;
    return selector === undefined ? undefined : [JSON.stringify(selector), labelSelectorMatcher(selector)];
  }
}
