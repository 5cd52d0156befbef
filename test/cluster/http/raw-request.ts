import https from 'node:https';
import type { KeyPair } from '../../../src/cluster/serve/certificates.ts';
import type { ServedFixture } from './served.ts';

/** What came back. */
export interface RawAnswer {
  readonly code: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
}

interface RawOptions {
  readonly method?: string;
  readonly body?: string | Buffer;
  /** Of the client. */
  readonly certificate?: KeyPair;
}

/** Sends one request as it is, on a connection of its own. */
export function get(
  { served }: Pick<ServedFixture, 'served'>,
  path: string,
  headers: Readonly<Record<string, string>>,
  options: RawOptions = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const request = https.request(
      {
        host: '127.0.0.1',
        port: served.port,
        path,
        method: options.method ?? 'GET',
        headers: {
          ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
          ...(options.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(options.body)) }),
        },
        ca: served.keys.authority.certificate,
        cert: options.certificate?.certificate,
        key: options.certificate?.key,
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ code: response.statusCode ?? 0, headers: response.headers, text });
        });
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(options.body);
  });
}
