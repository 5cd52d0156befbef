import type { IncomingMessage } from 'node:http';
import { failureOf } from '../client/http/answers.ts';
import type { Transport } from '../client/http/transport.ts';
import type { AdvanceOptions } from '../cluster/cluster.ts';

/** What a cluster that another process serves does for Pintle alone. */
export class ServedControl {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The cluster's time, ms since the epoch. */
  async time(): Promise<number> {
    return timeOf(await this.#send('GET', 'time'));
  }

  /** Lets time pass, ms; answers with how much of it was passed over, ms. */
  async advance(duration: number, options: AdvanceOptions = {}): Promise<number> {
    const bytes = await this.#send('POST', 'advance', { milliseconds: duration, ...options });
    return (JSON.parse(bytes.toString('utf8')) as { readonly passedOver?: number }).passedOver ?? 0;
  }

  async snapshot(): Promise<Uint8Array> {
    return await this.#send('GET', 'snapshot');
  }

  async #send(method: string, path: string, body?: object): Promise<Buffer> {
    const response = await this.#transport.send({
      method,
      path: `/pintle.dev/v1/${path}`,
      headers: { 'Content-Type': 'application/json', Accept: '*/*' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const bytes = await readBytes(response);
    if (response.statusCode === 200) return bytes;
    throw failureOf(response.statusCode ?? 0, bytes.toString('utf8'), `${method} ${path}`);
  }
}

async function readBytes(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function timeOf(bytes: Buffer): number {
  return (JSON.parse(bytes.toString('utf8')) as { readonly now: number }).now;
}
