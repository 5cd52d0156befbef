import type { Node } from '../../../kube/api/core-v1.generated.ts';
import type { CSIDriver, CSINode, CSINodeDriver } from '../../../kube/api/storage-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { AS_CONTROLLER } from '../../machinery/constants.ts';
import { Controller } from '../../machinery/controller.ts';
import { ZONE_LABEL } from '../../machinery/constants.ts';
import { attachLimit, isSimulatedDriver } from '../../machinery/csi.ts';
import type { Component, ComponentContext, InformerFactory } from '../../machinery/interfaces.ts';
import { nameOf, uidOf } from '../../machinery/keys.ts';

/**
 * Registers the simulated drivers on all nodes, as their plugins do with each kubelet: a CSINode for each node, with the
 * number of volumes it takes. Drivers of others in a CSINode stay. kubernetes: pkg/volume/csi/nodeinfomanager
 */
export function createCsiNodeController(context: ComponentContext, informers: InformerFactory): Component {
  const { client } = context;
  const nodes = informers.informer<Node>(RESOURCES.nodes);
  const drivers = informers.informer<CSIDriver>(RESOURCES.csiDrivers);
  const csiNodes = informers.informer<CSINode>(RESOURCES.csiNodes);
  /** Drivers that this controller has registered. */
  const ours = new Set<string>();
  const controller = new Controller({
    name: 'csi-node-controller',
    context,
    informers: [nodes, drivers, csiNodes],
    reconcile: async (name) => {
      const node = nodes.get({ name });
      if (node === undefined) return;
      const simulated = drivers.list().filter(isSimulatedDriver);
      for (const driver of simulated) ours.add(nameOf(driver));
      const present = csiNodes.get({ name });
      const registered = present?.spec.drivers ?? [];
      const others = registered.filter((driver) => !ours.has(driver.name));
      const own = simulated.map((driver) => ({
        ...(registered.find((each) => each.name === nameOf(driver)) ?? registration(driver, node)),
        // All else stays as it was when the driver registered.
        allocatable: { count: attachLimit(driver) },
      }));
      const wanted = [...others, ...own];
      if (present === undefined) {
        if (wanted.length > 0) await client.create(RESOURCES.csiNodes, csiNode(node, wanted), AS_CONTROLLER);
      } else if (!deepEqual(present.spec.drivers ?? [], wanted)) {
        await client.update(RESOURCES.csiNodes, { ...present, spec: { drivers: wanted } }, AS_CONTROLLER);
      }
    },
  });
  nodes.onEvent(({ type, object }) => {
    if (type === 'added' && drivers.list().some(isSimulatedDriver)) controller.queue.add(nameOf(object));
  });
  drivers.onEvent(({ object, old }) => {
    if (!isSimulatedDriver(object) && !isSimulatedDriver(old)) return;
    for (const node of nodes.list()) controller.queue.add(nameOf(node));
  });
  csiNodes.onEvent(({ object }) => {
    if (drivers.list().some(isSimulatedDriver)) controller.queue.add(nameOf(object));
  });
  return controller;
}

function registration(driver: CSIDriver, node: Node): CSINodeDriver {
  const zoned = node.metadata.labels?.[ZONE_LABEL] !== undefined;
  return {
    name: nameOf(driver),
    nodeID: nameOf(node),
    ...(zoned ? { topologyKeys: [ZONE_LABEL] } : {}),
  };
}

function csiNode(node: Node, drivers: readonly CSINodeDriver[]): CSINode {
  const name = nameOf(node);
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSINode',
    metadata: { name, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid: uidOf(node) }] },
    spec: { drivers },
  };
}
