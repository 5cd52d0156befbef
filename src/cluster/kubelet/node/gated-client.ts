import type { KubeClient } from '../../../client/kube-client.ts';
import { PassingClient, type PassingRequest } from '../../../client/passing-client.ts';

/** Lets requests through, or keeps them waiting. */
export class Gate {
  #closed: Promise<void> | undefined;
  #release: () => void = () => {};

  /** Undefined while it is open. */
  get closed(): Promise<void> | undefined {
    return this.#closed;
  }

  close(): void {
    if (this.#closed !== undefined) return;
    this.#closed = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  open(): void {
    this.#closed = undefined;
    this.#release();
  }
}

/** The client of a kubelet that may be cut off: its requests wait behind the gate, as requests that are sent again and again do. */
export class GatedClient extends PassingClient {
  readonly #gate: Gate;

  constructor(client: KubeClient, gate: Gate) {
    super(client);
    this.#gate = gate;
  }

  protected override pass<T>(request: PassingRequest, run: () => Promise<T>): Promise<T> {
    const { closed } = this.#gate;
    return closed === undefined ? run() : closed.then(() => this.pass(request, run));
  }
}
