import type { IncomingMessage } from 'node:http';

/** One request to an API server. */
export interface TransportRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** A connection to an API server that sends requests and knows its credentials. */
export interface Transport {
  /** Resolves when the head of the answer is there. */
  send(request: TransportRequest): Promise<IncomingMessage>;
  /** `https://127.0.0.1:6443` */
  readonly server: string;
  close(): void;
}
