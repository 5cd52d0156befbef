import { constants, createDeflate, createInflate } from 'node:zlib';
import { spdyDictionary } from './spdy-dictionary.ts';

/** Headers of a stream, names in lower case. */
export type SpdyHeaders = ReadonlyMap<string, string>;

/** Packs and unpacks the header blocks of one connection; each direction is one compressed text, so order matters. */
export class SpdyHeaderCodec {
  readonly #inflate = createInflate({ dictionary: spdyDictionary(), flush: constants.Z_SYNC_FLUSH });
  readonly #deflate = createDeflate({ dictionary: spdyDictionary() });

  /** @throws Error when the block is broken */
  async decode(block: Buffer): Promise<SpdyHeaders> {
    const plain = await through(this.#inflate, (done) => this.#inflate.write(block, done));
    const headers = new Map<string, string>();
    let at = 4;
    const text = (): string => {
      const end = at + 4 + plain.readUInt32BE(at);
      const value = plain.toString('utf8', at + 4, end);
      at = end;
      return value;
    };
    for (let left = plain.readUInt32BE(0); left > 0; left -= 1) {
      const name = text();
      headers.set(name.toLowerCase(), text());
    }
    return headers;
  }

  async encode(headers: SpdyHeaders): Promise<Buffer> {
    const parts = [uint32(headers.size)];
    for (const [name, value] of headers) {
      for (const each of [name, value]) parts.push(uint32(Buffer.byteLength(each)), Buffer.from(each, 'utf8'));
    }
    return await through(this.#deflate, (done) => {
      this.#deflate.write(Buffer.concat(parts));
      this.#deflate.flush(constants.Z_SYNC_FLUSH, done);
    });
  }

  close(): void {
    this.#inflate.close();
    this.#deflate.close();
  }
}

/** What a transformation gives while something is put into it. */
function through(stream: NodeJS.EventEmitter, put: (done: (error?: Error | null) => void) => void): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const collect = (chunk: Buffer): void => {
      chunks.push(chunk);
    };
    const fail = (error: Error): void => {
      finish();
      reject(error);
    };
    const finish = (): void => {
      stream.off('data', collect);
      stream.off('error', fail);
    };
    stream.on('data', collect);
    stream.on('error', fail);
    put((error) => {
      if (error instanceof Error) return;
      finish();
      resolve(Buffer.concat(chunks));
    });
  });
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
