import type { Node } from '../../../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { AS_CONTROLLER } from '../../machinery/constants.ts';
import { Controller } from '../../machinery/controller.ts';
import type { Component, ComponentContext, InformerFactory } from '../../machinery/interfaces.ts';
import { nameOf } from '../../machinery/keys.ts';

/** For how many seconds a node may keep Secrets and ConfigMaps without asking again; 0: as it likes. */
const TTL_ANNOTATION = 'node.alpha.kubernetes.io/ttl';

interface Step {
  /** With fewer nodes the step before holds. */
  readonly least: number;
  /** With more nodes the next step holds. */
  readonly most: number;
  readonly seconds: number;
}

const STEPS: readonly [Step, ...Step[]] = [
  { least: 0, most: 100, seconds: 0 },
  { least: 90, most: 500, seconds: 15 },
  { least: 450, most: 1000, seconds: 30 },
  { least: 900, most: 2000, seconds: 60 },
  { least: 1800, most: Number.POSITIVE_INFINITY, seconds: 300 },
];

/** The step for so many nodes, coming from another one: the steps overlap, so that a node more or less does not matter twice. */
export function nextStep(step: number, nodes: number): number {
  let next = step;
  while (nodes > (STEPS[next] ?? STEPS[0]).most) next += 1;
  while (nodes < (STEPS[next] ?? STEPS[0]).least) next -= 1;
  return next;
}

/** The seconds of a step. */
export function secondsOf(step: number): number {
  return (STEPS[step] ?? STEPS[0]).seconds;
}

/**
 * Tells nodes by an annotation how often they may ask for Secrets and ConfigMaps, by the number of nodes. A node is told when
 * it comes and when it changes. kubernetes: pkg/controller/ttl/ttl_controller.go
 */
export function createNodeTtlController(context: ComponentContext, informers: InformerFactory): Component {
  const nodes = informers.informer<Node>(RESOURCES.nodes);
  let count = 0;
  let step = 0;
  const controller = new Controller({
    name: 'ttl-controller',
    context,
    informers: [nodes],
    reconcile: async (name) => {
      const node = nodes.get({ name });
      const wanted = String(secondsOf(step));
      if (node === undefined || node.metadata.annotations?.[TTL_ANNOTATION] === wanted) return;
      const patch = { metadata: { annotations: { [TTL_ANNOTATION]: wanted } } };
      try {
        await context.client.patch(RESOURCES.nodes, { name }, 'merge', patch, AS_CONTROLLER);
      } catch (error) {
        if (!isStatus(error, 'NotFound')) throw error;
      }
    },
  });
  nodes.onEvent(({ type, object }) => {
    if (type !== 'modified') {
      count += type === 'added' ? 1 : -1;
      step = nextStep(step, count);
    }
    if (type !== 'deleted') controller.queue.add(nameOf(object));
  });
  return controller;
}
