import type { Timer } from '../../base/clock.ts';
import type { ConfigMap, Node } from '../../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../kube/resources.ts';
import { isStatus } from '../../kube/status-error.ts';
import { ZONE_LABEL } from '../machinery/constants.ts';
import { Controller } from '../machinery/controller.ts';
import { createEventRecorder } from '../machinery/event-recorder.ts';
import { MACHINE_ANNOTATION } from '../machinery/heartbeat.ts';
import type { Component, ComponentContext, EventRecorder, Informer, InformerFactory } from '../machinery/interfaces.ts';
import { keyOf, nameOf } from '../machinery/keys.ts';
import { type ActiveFault, describeFault, FAULTS_OBJECT } from './fault.ts';
import type { FaultState } from './fault-state.ts';
import { endFaults, faultsOf } from './fault-store.ts';

const COMPONENT = 'fault-injector';
const KEY = `${FAULTS_OBJECT.namespace}/${FAULTS_OBJECT.name}`;

/** See {@link createFaultController}. */
class FaultController {
  readonly controller: Controller;
  readonly #context: ComponentContext;
  readonly #state: FaultState;
  readonly #objects: Informer<ConfigMap>;
  readonly #nodes: Informer<Node>;
  readonly #recorder: EventRecorder;
  #timer: Timer | undefined;

  constructor(context: ComponentContext, informers: InformerFactory, state: FaultState) {
    this.#context = context;
    this.#state = state;
    this.#objects = informers.informer<ConfigMap>(RESOURCES.configMaps);
    this.#nodes = informers.informer<Node>(RESOURCES.nodes);
    this.#recorder = createEventRecorder(context, { component: COMPONENT });
    this.controller = new Controller({
      name: COMPONENT,
      context,
      informers: [this.#objects, this.#nodes],
      started: () => {
        // What was in force before the start is no news.
        this.#state.set(faultsOf(this.#objects.get(FAULTS_OBJECT)));
        this.controller.queue.add(KEY);
      },
      stopped: () => this.#timer?.stop(),
      reconcile: () => this.#reconcile(),
    });
    this.#objects.onEvent(({ object }) => {
      if (keyOf(object) === KEY) this.controller.queue.add(KEY);
    });
    this.#nodes.onEvent(({ type }) => {
      if (type === 'added' && this.#state.active.length > 0) this.controller.queue.add(KEY);
    });
  }

  async #reconcile(): Promise<void> {
    const object = this.#objects.get(FAULTS_OBJECT);
    const now = this.#context.clock.now();
    const active = faultsOf(object).filter(({ until }) => until === undefined || until > now);
    this.#tell(object, active);
    this.#state.set(active);
    this.#wakeAtNextEnd(active, now);
    await this.#setMachines(active);
    if (active.length < faultsOf(object).length) await this.#end(now);
  }

  async #end(now: number): Promise<void> {
    try {
      await endFaults(this.#context.client, now);
    } catch (error) {
      // Other faults came or went meanwhile, which is an event of its own.
      if (!isStatus(error, 'Conflict')) throw error;
    }
  }

  #tell(object: ConfigMap | undefined, active: readonly ActiveFault[]): void {
    const known = this.#state.active;
    const about = object ?? { apiVersion: 'v1', kind: 'ConfigMap', metadata: FAULTS_OBJECT };
    for (const { id, fault } of active) {
      if (known.some((each) => each.id === id)) continue;
      this.#recorder.event(about, 'Warning', 'FaultInjected', `Fault ${id}: ${describeFault(fault)}`);
    }
    for (const { id, fault } of known) {
      if (active.some((each) => each.id === id)) continue;
      this.#recorder.event(about, 'Normal', 'FaultCleared', `Fault ${id} is over: ${describeFault(fault)}`);
    }
  }

  #wakeAtNextEnd(active: readonly ActiveFault[], now: number): void {
    this.#timer?.stop();
    const ends = active.map(({ until }) => until ?? Number.POSITIVE_INFINITY);
    const next = Math.min(...ends);
    if (Number.isFinite(next)) {
      this.#timer = this.#context.clock.setTimer(next - now, () => this.controller.queue.add(KEY));
    }
  }

  async #setMachines(active: readonly ActiveFault[]): Promise<void> {
    for (const node of this.#nodes.list()) {
      const wanted = machineOf(node, active);
      const present = node.metadata.annotations?.[MACHINE_ANNOTATION];
      const own = node.metadata.annotations?.[OWNED_ANNOTATION] === COMPONENT;
      // A machine that somebody else has stopped stays stopped.
      if (wanted === present || (wanted === undefined && !own)) continue;
      const annotations = {
        [MACHINE_ANNOTATION]: wanted ?? null,
        [OWNED_ANNOTATION]: wanted === undefined ? null : COMPONENT,
      };
      try {
        await this.#context.client.patch(RESOURCES.nodes, { name: nameOf(node) }, 'merge', {
          metadata: { annotations },
        });
      } catch (error) {
        if (!isStatus(error, 'NotFound')) throw error;
      }
    }
  }
}

const OWNED_ANNOTATION = 'pintle.dev/machine-set-by';

/** The state of a node's machine that the faults ask for. */
function machineOf(node: Node, active: readonly ActiveFault[]): 'stopped' | 'unreachable' | undefined {
  const name = nameOf(node);
  const zone = node.metadata.labels?.[ZONE_LABEL];
  const down = active.some(
    ({ fault }) =>
      (fault.kind === 'node-down' && fault.node === name) || (fault.kind === 'zone-down' && fault.zone === zone),
  );
  if (down) return 'stopped';
  const cut = active.some(({ fault }) => fault.kind === 'node-partition' && fault.node === name);
  return cut ? 'unreachable' : undefined;
}

/** Keeps the faults in force that are written down in `kube-system/pintle-faults`, ends them in time, and tells of them. */
export function createFaultController(
  context: ComponentContext,
  informers: InformerFactory,
  state: FaultState,
): Component {
  return new FaultController(context, informers, state).controller;
}
