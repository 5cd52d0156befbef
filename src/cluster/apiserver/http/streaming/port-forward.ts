import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { WebSocket } from 'ws';
import { MessageQueue } from './message-queue.ts';
import { SpdyConnection, type SpdyStream } from './spdy-connection.ts';

/** Connects with a port. @throws Error when nothing answers there */
export type Connect = (port: number) => Promise<Duplex>;

/**
 * Forwards ports over SPDY: each connection of the client is a pair of streams, one for errors, one for data, with the same
 * `requestid`.
 */
export function forwardOverSpdy(socket: Duplex, head: Buffer, connect: Connect): void {
  const errors = new Map<string, SpdyStream>();
  const connection: SpdyConnection = new SpdyConnection(socket, head, (stream) => {
    const id = stream.headers.get('requestid') ?? '';
    if (stream.headers.get('streamtype') === 'error') {
      errors.set(id, stream);
      return;
    }
    const error = errors.get(id);
    errors.delete(id);
    void forwardStream(stream, error, connect).catch(() => connection.close());
  });
}

async function forwardStream(data: SpdyStream, error: SpdyStream | undefined, connect: Connect): Promise<void> {
  const port = Number(data.headers.get('port') ?? 0);
  let target: Duplex;
  try {
    target = await connect(port);
  } catch (failure) {
    error?.end(failureText(failure));
    data.end();
    return;
  }
  await joined(data, target);
  error?.end();
}

/** Lets two streams talk until both have said all. */
async function joined(one: Duplex, other: Duplex): Promise<void> {
  await Promise.allSettled([pipeline(one, other), pipeline(other, one)]);
}

function failureText(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}

/** Forwards ports over a WebSocket with two channels a port: data and errors; both begin with the port's number. */
export async function forwardOverWebSocket(
  socket: WebSocket,
  ports: readonly number[],
  connect: Connect,
): Promise<void> {
  const messages = new MessageQueue(socket);
  const send = (channel: number, bytes: Uint8Array): void => {
    messages.send(Buffer.concat([Buffer.from([channel]), bytes]));
  };
  const close = (code: number): void => {
    void messages.sent().then(() => socket.close(code));
  };
  const targets = new Map<number, Promise<Duplex | undefined>>();
  ports.forEach((port, i) => {
    const number = Buffer.alloc(2);
    number.writeUInt16LE(port);
    send(2 * i, number);
    send(2 * i + 1, number);
    targets.set(
      2 * i,
      connect(port).then(
        (target) => {
          target.on('data', (chunk: Buffer) => send(2 * i, chunk));
          target.on('end', () => close(1000));
          target.on('error', () => close(1011));
          return target;
        },
        (failure: unknown) => {
          send(2 * i + 1, Buffer.from(failureText(failure)));
          return undefined;
        },
      ),
    );
  });
  socket.on('message', (data: Buffer) => {
    const target = targets.get(data[0] ?? 255);
    void target?.then((stream) => stream?.write(data.subarray(1)));
  });
  await new Promise((resolve) => socket.on('close', resolve));
  for (const target of targets.values()) (await target)?.destroy();
}
