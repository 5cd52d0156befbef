import type { Lease } from '../../../kube/api/coordination-v1.generated.ts';
import type { Node } from '../../../kube/api/core-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import { isTransient } from '../../../client/retry.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus, StatusError } from '../../../kube/status-error.ts';
import { HEARTBEAT_ANNOTATION, HEARTBEAT_INTERVAL, isSteady } from '../../machinery/heartbeat.ts';
import type { ComponentContext, EventRecorder } from '../../machinery/interfaces.ts';
import { messageOf } from '../../machinery/pod-control.ts';
import { formatMicroTime, parseTime } from '../../machinery/time.ts';
import { type NodeOptions, newNode, nodeStatus } from './node-object.ts';

const LEASE_NAMESPACE = 'kube-node-lease';
const LEASE_SECONDS = 40;
const RETRY_MILLIS = 1000;
const MOST_TRIES = 5;

type Images = readonly { readonly name: string; readonly size: number }[];

/** A node, and the time as its clock has it. */
interface RegistrationOptions extends NodeOptions {
  readonly stamp: () => number;
}

/** Keeps the Node and the Lease of a kubelet in the API. */
export class NodeRegistration {
  readonly #context: ComponentContext;
  readonly #options: RegistrationOptions;
  readonly #recorder: EventRecorder;
  /** What the condition MemoryPressure says. */
  isUnderMemoryPressure = false;
  #stopped = false;
  /** The heartbeats are to end. */
  #silent = false;

  constructor(context: ComponentContext, options: RegistrationOptions, recorder: EventRecorder) {
    this.#context = context;
    this.#options = options;
    this.#recorder = recorder;
  }

  /** Nothing is written any more. */
  stop(): void {
    this.#stopped = true;
  }

  /** Makes the Node if there is none, and says that it is ready. */
  async register(known: Node | undefined, images: Images): Promise<void> {
    const { client } = this.#context;
    if (known === undefined) {
      try {
        const created = await client.create<Node>(RESOURCES.nodes, newNode(this.#options));
        const name = this.#options.nodeName;
        this.#recorder.event(created, 'Normal', 'Starting', 'Starting kubelet.');
        this.#recorder.event(created, 'Normal', 'NodeReady', `Node ${name} status is now: NodeReady`);
      } catch (error) {
        if (!isStatus(error, 'AlreadyExists')) throw error;
      }
    }
    await this.writeStatus(images);
    await this.beatSteadily();
  }

  /** Writes the node's status where it differs from what the API has. */
  async writeStatus(images: Images): Promise<void> {
    const { client } = this.#context;
    await this.#retried(async () => {
      const node = await client.get<Node>(RESOURCES.nodes, { name: this.#options.nodeName });
      const { isUnderMemoryPressure } = this;
      const status = nodeStatus(this.#options, node.status, this.#options.stamp(), images, isUnderMemoryPressure);
      if (deepEqual(node.status, status)) return;
      await client.update(RESOURCES.nodes, { ...node, status }, { subresource: 'status' });
    });
  }

  /** From now on the node is well until it says otherwise. */
  async beatSteadily(): Promise<void> {
    this.#silent = false;
    await this.#retried(async () => {
      if (this.#silent) return;
      const lease = await this.#lease();
      if (lease !== undefined && isSteady(lease)) return;
      const annotations = { ...lease?.metadata.annotations, [HEARTBEAT_ANNOTATION]: 'steady' };
      await this.#writeLease(lease, annotations, this.#context.clock.now());
    });
  }

  /** The node falls silent: its last heartbeat was the latest regular one. */
  async fallSilent(): Promise<void> {
    this.#silent = true;
    const now = this.#context.clock.now();
    await this.#retried(() => this.#endHeartbeats(now));
  }

  async #endHeartbeats(now: number): Promise<void> {
    const lease = this.#silent ? await this.#lease() : undefined;
    if (lease === undefined || !isSteady(lease)) return;
    const annotations = Object.fromEntries(
      Object.entries(lease.metadata.annotations ?? {}).filter(([key]) => key !== HEARTBEAT_ANNOTATION),
    );
    const since = parseTime(lease.spec?.renewTime) ?? now;
    const beats = Math.floor(Math.max(0, now - since) / HEARTBEAT_INTERVAL);
    await this.#writeLease(lease, annotations, since + beats * HEARTBEAT_INTERVAL);
  }

  async #lease(): Promise<Lease | undefined> {
    try {
      const key = { namespace: LEASE_NAMESPACE, name: this.#options.nodeName };
      return await this.#context.client.get<Lease>(RESOURCES.leases, key);
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async #writeLease(
    old: Lease | undefined,
    annotations: Readonly<Record<string, string>>,
    renewed: number,
  ): Promise<void> {
    const { nodeName } = this.#options;
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { ...old?.metadata, name: nodeName, namespace: LEASE_NAMESPACE, annotations },
      spec: {
        ...old?.spec,
        holderIdentity: nodeName,
        leaseDurationSeconds: LEASE_SECONDS,
        renewTime: formatMicroTime(renewed),
      },
    };
    const { client } = this.#context;
    if (old === undefined) await client.create(RESOURCES.leases, lease);
    else await client.update(RESOURCES.leases, lease);
  }

  async #retried(write: () => Promise<void>): Promise<void> {
    for (let tries = 1; !this.#stopped; tries += 1) {
      try {
        await write();
        return;
      } catch (error) {
        const conflict = error instanceof StatusError && error.code === 409;
        if (!conflict || tries >= MOST_TRIES) {
          this.#context.logger.log(isTransient(error) ? 'debug' : 'warn', 'kubelet: node not written', {
            error: messageOf(error),
          });
          this.#context.clock.setTimer(RETRY_MILLIS, () => void this.#retried(write));
          return;
        }
      }
    }
  }
}
