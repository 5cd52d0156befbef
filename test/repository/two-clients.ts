import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../src/cli/main.ts';
import { NOW } from '../cli/run.ts';
import { testIo } from '../cli/support.ts';
import { isolatedEnvironment, realTools } from '../support/real-tools.ts';

/** What a command line came to. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Both programs, each with files of its own, and a folder that both work in. */
export interface TwoClients {
  /** Where files lie that both read. */
  readonly folder: string;
  /** What each writes: `helm/…`, `pintle/…`. */
  ofHelm(...path: readonly string[]): string;
  ofPintle(...path: readonly string[]): string;
  helm(args: readonly string[], input?: string): Promise<Outcome>;
  pintle(args: readonly string[], input?: string): Promise<Outcome>;
  /** The same command line by both, each in a copy of `work`. */
  both(args: readonly string[]): Promise<{ readonly helm: Outcome; readonly pintle: Outcome }>;
  close(): void;
}

/** Makes both. */
export async function twoClients(): Promise<TwoClients> {
  const { helm: program } = realTools();
  const folder = mkdtempSync(join(tmpdir(), 'pintle-repositories-'));
  const ofHelm = (...path: readonly string[]): string => join(folder, 'helm', ...path);
  const ofPintle = (...path: readonly string[]): string => join(folder, 'pintle', ...path);
  for (const path of [ofHelm('work'), ofPintle('work'), join(folder, 'work')]) mkdirSync(path, { recursive: true });

  const helm = (args: readonly string[], input = ''): Promise<Outcome> =>
    new Promise((resolve) => {
      const env = isolatedEnvironment(ofHelm());
      const child = execFile(program, [...args], { cwd: ofHelm('work'), env }, (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), out, err }),
      );
      child.stdin?.end(input);
    });
  const pintle = async (args: readonly string[], input = ''): Promise<Outcome> => {
    const home = ofPintle();
    const { io, out, err } = testIo({
      env: {
        HOME: home,
        HELM_CONFIG_HOME: join(home, 'helm-config'),
        HELM_CACHE_HOME: join(home, 'helm-cache'),
        PINTLE_HOME: join(home, 'pintle'),
      },
      cwd: ofPintle('work'),
      now: NOW,
      stdin: input,
    });
    const code = await main(args, io);
    return { code, out: out(), err: err() };
  };
  const both: TwoClients['both'] = async (args) => {
    for (const path of [ofHelm('work'), ofPintle('work')]) {
      rmSync(path, { recursive: true, force: true });
      // What is pushed tells when its archive was made.
      cpSync(join(folder, 'work'), path, { recursive: true, preserveTimestamps: true });
    }
    return { helm: await helm(args), pintle: await pintle(args) };
  };
  return {
    folder,
    ofHelm,
    ofPintle,
    helm,
    pintle,
    both,
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Serves a folder as a chart repository would be; `/private/…` asks for `anna:secret`. */
export async function serveFolder(folder: string): Promise<{ readonly url: string; readonly server: Server }> {
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const isPrivate = path.startsWith('/private/');
    const login = `Basic ${Buffer.from('anna:secret').toString('base64')}`;
    if (isPrivate && request.headers.authorization !== login) {
      response.writeHead(401).end();
      return;
    }
    const file = join(folder, path.replace(/^\/private/, ''));
    if (!existsSync(file) || !statSync(file).isFile()) response.writeHead(404).end('not found');
    else response.end(readFileSync(file));
  };
  const server = createServer(answer);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}
