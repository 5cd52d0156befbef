import type { ServerResponse } from 'node:http';

/** Answers up to this size, with their heads, never fill a socket's buffer. Node: net, writableHighWaterMark 16 KiB. */
const SMALL = 8 * 1024;
/** What is sent once the rest of a big answer has left the process. */
const LAST_PART = 1024;

/**
 * Ends a response with a body. A big one is ended only once the socket has taken all but its last bytes: Node pauses its HTTP
 * parser when a request arrives on a connection whose buffer is still full with an answer, and over TLS the body of that request
 * then breaks the connection ("Parse Error: Paused").
 */
export async function sendWhole(response: ServerResponse, bytes: Buffer): Promise<void> {
  if (bytes.length > SMALL) await written(response, bytes.subarray(0, -LAST_PART));
  response.end(bytes.length > SMALL ? bytes.subarray(-LAST_PART) : bytes);
}

/** True when nobody reads the response any more; over HTTP/2 it is its stream that is gone. */
export function isGone(response: ServerResponse): boolean {
  if (response.destroyed || response.closed) return true;
  const { stream } = response as ServerResponse & { readonly stream?: { readonly destroyed: boolean } };
  return stream?.destroyed === true;
}

/** Resolves when a part has left the process, or cannot any more. */
function written(response: ServerResponse, part: Buffer): Promise<void> {
  if (isGone(response)) return Promise.resolve();
  return new Promise((resolve) => {
    response.once('close', resolve);
    response.write(part, () => {
      response.off('close', resolve);
      resolve();
    });
  });
}

/** Resolves when everything written has left the process, or cannot any more. */
export function drained(response: ServerResponse): Promise<void> {
  if (response.writableLength === 0) return Promise.resolve();
  return written(response, Buffer.alloc(0));
}
