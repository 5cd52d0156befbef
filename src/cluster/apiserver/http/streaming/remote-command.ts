import { type Duplex, PassThrough } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Status } from '../../../../kube/status-error.ts';
import type { ProcessStreams } from '../../container-access.ts';
import { statusOf } from '../respond.ts';
import { MessageQueue } from './message-queue.ts';
import { SpdyConnection, type SpdyStream } from './spdy-connection.ts';

/** What a client wants to be connected with. */
export interface RemoteOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** Runs a process with its streams; gives its exit code. */
export type RunProcess = (streams: ProcessStreams) => Promise<number>;

const SUCCESS = { metadata: {}, status: 'Success' };

/** What the client is told at the end. kubernetes: client-go tools/remotecommand/v4.go */
async function outcome(run: Promise<number>): Promise<{ readonly status: object; readonly text: string }> {
  try {
    const code = await run;
    if (code === 0) return { status: SUCCESS, text: '' };
    const message = `command terminated with non-zero exit code: exit status ${code}`;
    const details = { causes: [{ reason: 'ExitCode', message: String(code) }] };
    const status = { metadata: {}, status: 'Failure', message, reason: 'NonZeroExitCode', details };
    return { status, text: message };
  } catch (error) {
    const status: Status = statusOf(error);
    return { status, text: status.message ?? '' };
  }
}

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const CLOSE = 255;

/** The subprotocols of a WebSocket that are understood, by name. */
export const CHANNEL_PROTOCOLS: readonly string[] = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v3.channel.k8s.io',
  'v2.channel.k8s.io',
  'channel.k8s.io',
];

/** Older protocols end with a text. */
function saysStatus(protocol: string): boolean {
  return protocol.startsWith('v4.') || protocol.startsWith('v5.');
}

/** Runs a process over a WebSocket: the first byte of each message is its channel. */
export async function runOverWebSocket(
  socket: WebSocket,
  options: RemoteOptions & { readonly protocol: string },
  run: RunProcess,
): Promise<void> {
  const abort = new AbortController();
  const stdin = options.stdin ? new PassThrough() : undefined;
  // What comes behind the end of the input is lost.
  stdin?.on('error', () => {});
  socket.on('message', (data: Buffer) => {
    if (data[0] === STDIN) stdin?.write(data.subarray(1));
    else if (data[0] === CLOSE && data[1] === STDIN) stdin?.end();
  });
  socket.on('close', () => {
    stdin?.end();
    abort.abort();
  });
  socket.on('error', () => abort.abort());
  const messages = new MessageQueue(socket);
  const send = (channel: number, bytes: Uint8Array): void => {
    messages.send(Buffer.concat([Buffer.from([channel]), bytes]));
  };
  const streams = {
    stdin,
    stdout: (bytes: Uint8Array) => {
      if (options.stdout) send(STDOUT, bytes);
    },
    stderr: (bytes: Uint8Array) => {
      if (options.stderr) send(STDERR, bytes);
    },
    tty: options.tty,
    signal: abort.signal,
  };
  const { status, text } = await outcome(run(streams));
  const last = saysStatus(options.protocol) ? JSON.stringify(status) : text;
  if (last !== '') send(ERROR, Buffer.from(last));
  await messages.sent();
  socket.close(1000);
}

/** Runs a process over a SPDY connection: a stream each for input, outputs, errors and sizes of the terminal. */
export async function runOverSpdy(
  socket: Duplex,
  head: Buffer,
  options: RemoteOptions & { readonly protocol: string },
  run: RunProcess,
): Promise<void> {
  const abort = new AbortController();
  socket.on('close', () => abort.abort());
  const wanted = ['error'];
  for (const name of ['stdin', 'stdout', 'stderr'] as const) {
    if (options[name] && !(name === 'stderr' && options.tty)) wanted.push(name);
  }
  const streams = new Map<string, SpdyStream>();
  const connection = await new Promise<SpdyConnection>((resolve) => {
    const made: SpdyConnection = new SpdyConnection(socket, head, (stream) => {
      streams.set(stream.headers.get('streamtype') ?? '', stream);
      if (wanted.every((name) => streams.has(name))) resolve(made);
    });
    socket.on('close', () => resolve(made));
  });
  const output = (name: string) => (bytes: Uint8Array) => {
    streams.get(name)?.write(bytes);
  };
  const process: ProcessStreams = {
    stdin: streams.get('stdin'),
    stdout: output('stdout'),
    stderr: output('stderr'),
    tty: options.tty,
    signal: abort.signal,
  };
  const { status, text } = await outcome(run(process));
  const asJson = saysStatus(options.protocol);
  await Promise.all(
    [...streams].map(([name, stream]) => {
      const last = name !== 'error' ? '' : asJson ? JSON.stringify(status) : text;
      return ended(stream, last);
    }),
  );
  connection.close();
}

/** Ends a stream; resolves when all of it has been sent. */
function ended(stream: SpdyStream, last: string): Promise<void> {
  if (stream.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    stream.on('close', resolve);
    stream.end(last, resolve);
  });
}
