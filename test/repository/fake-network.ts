import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededRandom } from '../../src/base/random.ts';
import type { HttpRequest, HttpResponse } from '../../src/repository/http.ts';
import type { RepositoryContext } from '../../src/repository/places.ts';

/** What a server says; 200 without content where it says nothing. */
export interface Answer {
  readonly status?: number;
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A network without wires, and a folder for what is kept. */
export interface FakeNetwork {
  readonly folder: string;
  /** All that was asked. */
  readonly sent: HttpRequest[];
  /** ms that were waited. */
  readonly waits: number[];
  /** Lines for the user. */
  readonly notes: string[];
  /** What charts are fetched with when one function answers all requests. */
  context(answer: (request: HttpRequest) => Answer): RepositoryContext;
  close(): void;
}

/** Makes one. */
export function fakeNetwork(): FakeNetwork {
  const folder = mkdtempSync(join(tmpdir(), 'pintle-network-'));
  const sent: HttpRequest[] = [];
  const waits: number[] = [];
  const notes: string[] = [];
  const random = new SeededRandom(7);
  const context: FakeNetwork['context'] = (answer) => ({
    http: {
      send: async (request): Promise<HttpResponse> => {
        sent.push(request);
        const { status = 200, body = '', headers = {} } = answer(request);
        return { status, statusLine: `${status} Status`, headers, body: Buffer.from(body) };
      },
    },
    paths: {
      config: join(folder, 'repositories.yaml'),
      cache: join(folder, 'cache'),
      content: join(folder, 'content'),
      registry: join(folder, 'config.json'),
    },
    now: () => 0,
    wait: async (ms) => void waits.push(ms),
    random: () => random.next(),
    note: (line) => void notes.push(line),
  });
  return { folder, sent, waits, notes, context, close: () => rmSync(folder, { recursive: true, force: true }) };
}
