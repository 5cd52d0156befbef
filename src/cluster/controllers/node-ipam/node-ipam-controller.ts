import type { Node } from '../../../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { AS_CONTROLLER } from '../../machinery/constants.ts';
import { Controller } from '../../machinery/controller.ts';
import { createEventRecorder } from '../../machinery/event-recorder.ts';
import type { Component, ComponentContext, InformerFactory } from '../../machinery/interfaces.ts';
import { isDeleting, nameOf } from '../../machinery/keys.ts';

/** The last network of 10.244.0.0/16. */
const LAST = 255;

/**
 * Gives nodes that come without a pod network one of 10.244.0.0/16. Those of this cluster's kubelets bring theirs along, from
 * the first on; so these begin with the last. kubernetes: pkg/controller/nodeipam/ipam/range_allocator.go
 */
export function createNodeIpamController(context: ComponentContext, informers: InformerFactory): Component {
  const nodes = informers.informer<Node>(RESOURCES.nodes);
  const recorder = createEventRecorder(context, { component: 'cidrAllocator' });
  /** Networks that were given away, by node, until the node is seen with its own. */
  const given = new Map<string, string>();
  const controller = new Controller({
    name: 'node-ipam-controller',
    context,
    informers: [nodes],
    reconcile: async (name) => {
      const node = nodes.get({ name });
      if (node === undefined || isDeleting(node) || hasNetwork(node)) return;
      const cidr = given.get(name) ?? lastFree(nodes.list(), given.values());
      if (cidr === undefined) {
        const message = `Node ${name} status is now: CIDRNotAvailable`;
        recorder.event(node, 'Normal', 'CIDRNotAvailable', message);
        throw new Error(`failed to allocate cidr for node ${name}`);
      }
      const body = { ...node, spec: { ...node.spec, podCIDR: cidr, podCIDRs: [cidr] } };
      given.set(name, cidr);
      await context.client.update(RESOURCES.nodes, body, AS_CONTROLLER);
    },
    backoff: { base: 5000, max: 300_000 },
  });
  nodes.onEvent(({ type, object }) => {
    if (type !== 'deleted' && !hasNetwork(object)) controller.queue.add(nameOf(object));
    else given.delete(nameOf(object));
  });
  return controller;
}

function hasNetwork({ spec }: Node): boolean {
  return (spec?.podCIDR ?? '') !== '';
}

function lastFree(nodes: readonly Node[], given: Iterable<string>): string | undefined {
  const taken = new Set(given);
  for (const { spec } of nodes) for (const cidr of [spec?.podCIDR ?? '', ...(spec?.podCIDRs ?? [])]) taken.add(cidr);
  for (let number = LAST; number >= 0; number -= 1) {
    const cidr = `10.244.${number}.0/24`;
    if (!taken.has(cidr)) return cidr;
  }
  return undefined;
}
