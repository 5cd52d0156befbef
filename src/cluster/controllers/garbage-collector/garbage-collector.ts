import type { PropagationPolicy } from '../../../client/kube-client.ts';
import type { CustomResourceDefinition } from '../../../kube/api/apiextensions-v1.generated.ts';
import type { OwnerReference } from '../../../kube/api/meta-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import { apiVersionOf, groupVersionKind, type ResourceType } from '../../../kube/object.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { CONTROLLER_MANAGER, FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from '../../machinery/constants.ts';
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
import { type ApiObject, isDeleting } from '../../machinery/keys.ts';
import { collectedResources } from './collected-resources.ts';
import { type GraphNode, isSameNode, OwnerGraph, toNode } from './owner-graph.ts';
import { blocks, isInReach, isNamed, referenceKey } from './owner-references.ts';

const COMPONENT = 'garbage-collector-controller';

/** Key that stands for "see which resources there are". */
const DISCOVER = '\0discover';

/** What has become of the owners that an object names. */
interface Owners {
  readonly solid: readonly OwnerReference[];
  readonly gone: readonly OwnerReference[];
  /** Those that wait for their dependents. */
  readonly waiting: readonly OwnerReference[];
}

/** How many objects that are gone are remembered. */
const MOST_GONE = 500;

/** See {@link createGarbageCollector}. */
class GarbageCollector {
  readonly controller: Controller;
  readonly #context: ComponentContext;
  readonly #informers: InformerFactory;
  readonly #definitions: Informer<CustomResourceDefinition>;
  readonly #recorder: EventRecorder;
  readonly #graph = new OwnerGraph();
  /** References, with their namespace, of objects that are known to be gone. kubernetes: absentOwnerCache */
  readonly #gone = new Set<string>();
  readonly #watched = new Map<string, { readonly type: ResourceType; active: boolean }>();

  constructor(context: ComponentContext, informers: InformerFactory) {
    this.#context = context;
    this.#informers = informers;
    this.#definitions = informers.informer<CustomResourceDefinition>(RESOURCES.customResourceDefinitions);
    this.#recorder = createEventRecorder(context, { component: COMPONENT });
    this.controller = new Controller({
      name: COMPONENT,
      context,
      informers: [this.#definitions],
      started: async () => {
        await this.#discover();
        this.#definitions.onEvent(() => this.controller.queue.add(DISCOVER));
      },
      reconcile: (key) => (key === DISCOVER ? this.#discover() : this.#collect(key)),
    });
  }

  async #discover(): Promise<void> {
    const wanted = collectedResources(await this.#context.client.resources());
    const added: Promise<unknown>[] = [];
    for (const [key, type] of wanted) {
      const watched = this.#watched.get(key);
      if (watched?.type.version === type.version) continue;
      if (watched !== undefined) this.#forget(key);
      const entry = { type, active: true };
      this.#watched.set(key, entry);
      const informer = this.#informers.informer<ApiObject>(type);
      informer.onEvent((event) => {
        if (entry.active) this.#objectEvent(type, event);
      });
      added.push(informer.synced);
    }
    for (const key of this.#watched.keys()) if (!wanted.has(key)) this.#forget(key);
    await Promise.all(added);
  }

  #forget(key: string): void {
    const watched = this.#watched.get(key);
    if (watched === undefined) return;
    watched.active = false;
    this.#watched.delete(key);
    // Its objects went with it.
    for (const object of this.#informers.informer<ApiObject>(watched.type).list()) {
      this.#objectEvent(watched.type, { type: 'deleted', object });
    }
    this.#informers.forget(watched.type);
  }

  #objectEvent(type: ResourceType, event: InformerEvent<ApiObject>): void {
    const node = toNode(type, event.object);
    if (event.type === 'deleted') {
      this.#deleted(node);
      return;
    }
    const known = this.#graph.get(node.uid);
    if (known !== undefined && isSameNode(known, node)) return;
    this.#graph.put(node);
    if (known === undefined) this.#appeared(node);
    // An owner that was waiting for this one may go on when it is no longer its dependent.
    for (const { uid } of known?.owners ?? []) this.#queueWaiting(uid);
    if (node.deleting) {
      if (node.foreground || node.orphan) this.controller.queue.add(node.uid);
      return;
    }
    for (const owner of node.owners) {
      const found = this.#graph.get(owner.uid);
      if (found !== undefined && !isInReach(found, node) && !known?.owners.some((old) => deepEqual(old, owner))) {
        this.#reportForeignOwner(node, owner);
      }
      if (known !== undefined || found === undefined || found.foreground || !isNamed(found, owner, node)) {
        this.controller.queue.add(node.uid);
      }
    }
  }

  /** Looks again at those that name a new object otherwise than it is called, or from where they cannot have it as owner. */
  #appeared(node: GraphNode): void {
    for (const dependent of this.#graph.dependents(node.uid)) {
      const wrong = dependent.owners.find((owner) => owner.uid === node.uid && !isNamed(node, owner, dependent));
      if (wrong === undefined) continue;
      if (!isInReach(node, dependent)) this.#reportForeignOwner(dependent, wrong);
      this.controller.queue.add(dependent.uid);
    }
  }

  #deleted(node: GraphNode): void {
    this.#rememberGone(
      referenceKey({ ...node, apiVersion: apiVersionOf(node.type), kind: node.type.kind }, node.namespace),
    );
    const known = this.#graph.get(node.uid) ?? node;
    const dependents = this.#graph.dependents(node.uid);
    this.#graph.remove(node.uid);
    for (const { uid } of dependents) this.controller.queue.add(uid);
    for (const { uid } of known.owners) this.#queueWaiting(uid);
  }

  #rememberGone(key: string): void {
    this.#gone.add(key);
    if (this.#gone.size <= MOST_GONE) return;
    for (const oldest of this.#gone) {
      this.#gone.delete(oldest);
      return;
    }
  }

  #queueWaiting(uid: string): void {
    if (this.#graph.get(uid)?.foreground === true) this.controller.queue.add(uid);
  }

  async #collect(uid: string): Promise<void> {
    const node = this.#graph.get(uid);
    if (node === undefined) return;
    if (node.orphan) await this.#orphanDependents(node);
    else if (node.foreground) await this.#deleteDependents(node);
    else if (!node.deleting && node.owners.length > 0) await this.#checkOwners(node);
  }

  /** kubernetes: pkg/controller/garbagecollector/garbagecollector.go attemptToDeleteItem */
  async #checkOwners(node: GraphNode): Promise<void> {
    const owners = await this.#classify(node);
    if (owners === undefined) return;
    const { solid, gone, waiting } = owners;
    if (solid.length > 0) {
      if (gone.length + waiting.length > 0) await this.#patchOwners(node, solid);
      return;
    }
    if (waiting.length > 0) {
      const dependents = this.#graph.dependents(node.uid);
      if (dependents.length > 0) {
        // A circle of waiting objects would wait for ever.
        if (dependents.some((dependent) => dependent.foreground)) {
          await this.#patchOwners(
            node,
            node.owners.map((owner) => ({ ...owner, blockOwnerDeletion: false })),
          );
        }
        await this.#delete(node, 'Foreground');
        return;
      }
    }
    await this.#delete(node, 'Background');
  }

  /** Looks at each owner; undefined when the object must stay as it is. */
  async #classify(node: GraphNode): Promise<Owners | undefined> {
    const solid: OwnerReference[] = [];
    const gone: OwnerReference[] = [];
    const waiting: OwnerReference[] = [];
    for (const owner of node.owners) {
      const found = this.#graph.get(owner.uid);
      // What was seen to go needs not be asked for again.
      if (
        found === undefined &&
        (this.#gone.has(referenceKey(owner, node.namespace)) || this.#gone.has(referenceKey(owner, '')))
      ) {
        gone.push(owner);
        continue;
      }
      if (found !== undefined && isNamed(found, owner, node)) {
        (found.foreground ? waiting : solid).push(owner);
        continue;
      }
      const live = await this.#read(node, owner);
      if (live === 'unreachable') return undefined;
      if (live === undefined || live.metadata.uid !== owner.uid) {
        this.#rememberGone(referenceKey(owner, node.namespace));
        gone.push(owner);
      } else if (isDeleting(live) && live.metadata.finalizers?.includes(FOREGROUND_FINALIZER) === true)
        waiting.push(owner);
      else solid.push(owner);
    }
    return { solid, gone, waiting };
  }

  /** The owner as it is stored; undefined when there is none. A cluster-scoped object cannot have one in a namespace. */
  async #read(node: GraphNode, owner: OwnerReference): Promise<ApiObject | 'unreachable' | undefined> {
    const { client } = this.#context;
    const type = await client.resourceFor(groupVersionKind(owner));
    if (type === undefined) throw new Error(`unable to get REST mapping for ${owner.apiVersion}/${owner.kind}.`);
    if (type.namespaced && node.namespace === '') return 'unreachable';
    try {
      return await client.get<ApiObject>(type, {
        namespace: type.namespaced ? node.namespace : undefined,
        name: owner.name,
      });
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  #reportForeignOwner(node: GraphNode, owner: OwnerReference): void {
    const reference = {
      apiVersion: apiVersionOf(node.type),
      kind: node.type.kind,
      name: node.name,
      uid: node.uid,
      ...(node.namespace === '' ? {} : { namespace: node.namespace }),
    };
    const text = `[${owner.apiVersion}/${owner.kind}, namespace: ${node.namespace}, name: ${owner.name}, uid: ${owner.uid}]`;
    const message = `ownerRef ${text} does not exist in namespace "${node.namespace}"`;
    this.#recorder.event(reference, 'Warning', 'OwnerRefInvalidNamespace', message);
  }

  /** Takes the object out of its dependents' owners, then lets it go. */
  async #orphanDependents(node: GraphNode): Promise<void> {
    for (const dependent of this.#graph.dependents(node.uid)) {
      await this.#patchOwners(
        dependent,
        dependent.owners.filter(({ uid }) => uid !== node.uid),
      );
    }
    await this.#removeFinalizer(node, ORPHAN_FINALIZER);
  }

  /** Lets the object go when no dependent holds it any more; else sees to it that they are deleted. */
  async #deleteDependents(node: GraphNode): Promise<void> {
    const blocking = this.#graph.dependents(node.uid).filter((dependent) => blocks(dependent, node));
    if (blocking.length === 0) {
      await this.#removeFinalizer(node, FOREGROUND_FINALIZER);
      return;
    }
    for (const dependent of blocking) if (!dependent.deleting) this.controller.queue.add(dependent.uid);
  }

  async #patchOwners(node: GraphNode, owners: readonly OwnerReference[]): Promise<void> {
    const object = this.#cached(node);
    if (object === undefined) return;
    await this.#patch(node, {
      resourceVersion: object.metadata.resourceVersion,
      uid: node.uid,
      ownerReferences: owners,
    });
  }

  async #removeFinalizer(node: GraphNode, finalizer: string): Promise<void> {
    const object = this.#cached(node);
    if (object === undefined) return;
    const finalizers = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
    await this.#patch(node, { resourceVersion: object.metadata.resourceVersion, uid: node.uid, finalizers });
  }

  async #patch(node: GraphNode, metadata: object): Promise<void> {
    try {
      const { client } = this.#context;
      await client.patch(node.type, locate(node), 'merge', { metadata }, { fieldManager: CONTROLLER_MANAGER });
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }

  async #delete(node: GraphNode, fallback: PropagationPolicy): Promise<void> {
    const finalizers = this.#cached(node)?.metadata.finalizers ?? [];
    const propagationPolicy = finalizers.includes(ORPHAN_FINALIZER)
      ? 'Orphan'
      : finalizers.includes(FOREGROUND_FINALIZER)
        ? 'Foreground'
        : fallback;
    try {
      await this.#context.client.delete(node.type, locate(node), {
        propagationPolicy,
        preconditions: { uid: node.uid },
      });
    } catch (error) {
      // Another object of that name is none of this one's business; this one is tried again while it is known.
      const other = isStatus(error, 'Conflict') && this.#cached(node) === undefined;
      if (!isStatus(error, 'NotFound') && !other) throw error;
    }
  }

  #cached(node: GraphNode): ApiObject | undefined {
    const object = this.#informers.informer<ApiObject>(node.type).get(locate(node));
    return object?.metadata.uid === node.uid ? object : undefined;
  }
}

function locate({ namespace, name }: GraphNode): { readonly namespace?: string; readonly name: string } {
  return namespace === '' ? { name } : { namespace, name };
}

/**
 * Deletes what has lost its owners, and carries out foreground and orphaning deletion, for all resources that are served,
 * custom ones too. It keeps a graph of owners from the informers, so that an event costs what it changes.
 * kubernetes: pkg/controller/garbagecollector
 */
export function createGarbageCollector(context: ComponentContext, informers: InformerFactory): Component {
  return new GarbageCollector(context, informers).controller;
}
