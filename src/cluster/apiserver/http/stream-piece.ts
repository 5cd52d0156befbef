import type { ServerResponse } from 'node:http';
import { isGone } from './send-whole.ts';

const CRLF = '\r\n';

/** Bytes for many responses; what HTTP/1.1 puts around them is made once for all. */
export class StreamPiece {
  readonly bytes: Buffer;
  #chunk: Buffer | undefined;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /**
   * Writes to a response that has begun; who has gone gets nothing. A chunk of HTTP/1.1 goes straight to its connection: by way of the response it would be put
   * together again for each, and sent at some later time, so that nobody could tell what the sending costs.
   */
  writeTo(response: ServerResponse): void {
    // A response over HTTP/2 that has gone has no connection any more, and none that is null either.
    if (isGone(response)) return;
    const { socket, chunkedEncoding, req } = response;
    // The heads of responses that wait for others on their connection are not sent yet.
    const isOpen = socket !== null && response.headersSent && response.writableLength === socket.writableLength;
    if (isOpen && chunkedEncoding && req.httpVersionMajor === 1) socket.write(this.#chunked());
    else response.write(this.bytes);
  }

  #chunked(): Buffer {
    this.#chunk ??= Buffer.concat([Buffer.from(this.bytes.length.toString(16) + CRLF), this.bytes, Buffer.from(CRLF)]);
    return this.#chunk;
  }
}
