import { Duplex } from 'node:stream';
import { type SpdyHeaders, SpdyHeaderCodec } from './spdy-headers.ts';

const SYN_STREAM = 1;
const SYN_REPLY = 2;
const RST_STREAM = 3;
const PING = 6;
const GOAWAY = 7;
const FIN = 1;
const CANCEL = 5;
const VERSION = 3;
/** Of one frame; clients send at most 64 KiB. */
const LONGEST_FRAME = 16 * 1024 * 1024;
/** Of a frame that is not data: its headers are packed, and may be a thousand times as long. */
const LONGEST_CONTROL = 16 * 1024;

/** One stream of a connection. */
export class SpdyStream extends Duplex {
  readonly headers: SpdyHeaders;
  readonly #send: (bytes: Buffer, last: boolean, done: () => void) => void;
  readonly #reset: () => void;

  constructor(headers: SpdyHeaders, send: (bytes: Buffer, last: boolean, done: () => void) => void, reset: () => void) {
    super({ allowHalfOpen: true });
    this.headers = headers;
    this.#send = send;
    this.#reset = reset;
    // A client that resets a stream has what it wants.
    this.on('error', () => {});
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#send(chunk, false, done);
  }

  override _final(done: () => void): void {
    this.#send(Buffer.alloc(0), true, done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.writableFinished) this.#reset();
    done(error);
  }
}

/**
 * The server's side of a SPDY/3.1 connection, as far as Kubernetes' clients use it: they open streams, and flow control is
 * left to TCP. https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/
 */
export class SpdyConnection {
  readonly #socket: Duplex;
  readonly #onStream: (stream: SpdyStream) => void;
  readonly #codec = new SpdyHeaderCodec();
  readonly #streams = new Map<number, SpdyStream>();
  #pending: Buffer = Buffer.alloc(0);
  /** Frames are handled one after the other. */
  #work: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(socket: Duplex, head: Buffer, onStream: (stream: SpdyStream) => void) {
    this.#socket = socket;
    this.#onStream = onStream;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('close', () => this.close());
    socket.on('error', () => this.close());
    socket.on('end', () => this.close());
    if (head.length > 0) this.#receive(head);
  }

  /** Resolves when the connection has ended. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Ends the connection with all its streams. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const stream of this.#streams.values()) {
      stream.push(null);
      stream.destroy();
    }
    this.#streams.clear();
    this.#codec.close();
    this.#socket.end();
  }

  #receive(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (this.#pending.length >= 8) {
      const length = this.#pending.readUIntBE(5, 3);
      const isControl = ((this.#pending[0] ?? 0) & 0x80) !== 0;
      if (length > (isControl ? LONGEST_CONTROL : LONGEST_FRAME)) {
        this.close();
        return;
      }
      if (this.#pending.length < 8 + length) return;
      const head = this.#pending.subarray(0, 8);
      const body = this.#pending.subarray(8, 8 + length);
      this.#pending = this.#pending.subarray(8 + length);
      this.#work = this.#work.then(() => this.#frame(head, body)).catch(() => this.close());
    }
  }

  async #frame(head: Buffer, body: Buffer): Promise<void> {
    if (this.#closed) return;
    const first = head.readUInt32BE(0);
    const flags = head[4] ?? 0;
    if (first >>> 31 === 0) {
      this.#data(first, body, flags);
      return;
    }
    switch (first & 0xffff) {
      case SYN_STREAM:
        await this.#open(body, flags);
        return;
      case RST_STREAM:
        this.#drop(body.readUInt32BE(0) & 0x7fffffff);
        return;
      case PING:
        this.#control(PING, 0, body);
        return;
      case GOAWAY:
        this.close();
        return;
      default:
      // Settings, headers and windows are of no concern here.
    }
  }

  #data(id: number, body: Buffer, flags: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    if (body.length > 0) stream.push(body);
    if ((flags & FIN) !== 0) stream.push(null);
  }

  async #open(body: Buffer, flags: number): Promise<void> {
    const id = body.readUInt32BE(0) & 0x7fffffff;
    const headers = await this.#codec.decode(body.subarray(10));
    const stream = new SpdyStream(
      headers,
      (bytes, last, done) => this.#send(id, bytes, last, done),
      () => this.#reset(id),
    );
    this.#streams.set(id, stream);
    const reply = await this.#codec.encode(new Map());
    this.#control(SYN_REPLY, 0, Buffer.concat([uint32(id), reply]));
    if ((flags & FIN) !== 0) stream.push(null);
    this.#onStream(stream);
  }

  #drop(id: number): void {
    const stream = this.#streams.get(id);
    this.#streams.delete(id);
    stream?.push(null);
    stream?.destroy();
  }

  #send(id: number, bytes: Buffer, last: boolean, done: () => void): void {
    if (this.#closed) {
      done();
      return;
    }
    const head = Buffer.alloc(8);
    head.writeUInt32BE(id, 0);
    head[4] = last ? FIN : 0;
    head.writeUIntBE(bytes.length, 5, 3);
    this.#socket.write(head);
    this.#socket.write(bytes, () => done());
  }

  #reset(id: number): void {
    if (this.#closed || !this.#streams.delete(id)) return;
    this.#control(RST_STREAM, 0, Buffer.concat([uint32(id), uint32(CANCEL)]));
  }

  #control(type: number, flags: number, body: Buffer): void {
    if (this.#closed) return;
    const head = Buffer.alloc(8);
    head.writeUInt32BE((0x80000000 | (VERSION << 16) | type) >>> 0, 0);
    head[4] = flags;
    head.writeUIntBE(body.length, 5, 3);
    this.#socket.write(Buffer.concat([head, body]));
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
