import type { WebSocket } from 'ws';

/**
 * Sends messages one at a time, so that each is a TLS record of its own: clients that wait for their socket to become readable
 * (Python's among them) do not see what came in one record with an earlier message.
 */
export class MessageQueue {
  readonly #socket: WebSocket;
  #last: Promise<void> = Promise.resolve();

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** Sends a message after those before it; one that cannot be sent any more is dropped. */
  send(message: Uint8Array): void {
    this.#last = this.#last.then(
      () =>
        new Promise((resolve) => {
          if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(message, () => resolve());
          else resolve();
        }),
    );
  }

  /** Resolves when all messages are on their way. */
  sent(): Promise<void> {
    return this.#last;
  }
}
