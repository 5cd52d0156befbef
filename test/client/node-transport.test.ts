import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import { HttpKubeClient } from '../../src/client/http/http-kube-client.ts';
import { readKubeconfig } from '../../src/client/http/kubeconfig.ts';
import { NodeTransport } from '../../src/client/http/node-transport.ts';
import { proxyFor } from '../../src/client/http/proxy-for.ts';
import { issueCertificate } from '../../src/cluster/serve/certificates.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { type ServedFixture, serveForTest, wallClock } from '../cluster/http/served.ts';

let fixture: ServedFixture;
let folder: string;
const closing: (() => void)[] = [];

beforeAll(async () => {
  fixture = await serveForTest();
  folder = mkdtempSync(join(tmpdir(), 'pintle-transport-'));
});
afterEach(() => {
  for (const close of closing.splice(0)) close();
});
afterAll(async () => {
  await fixture.close();
  rmSync(folder, { recursive: true, force: true });
});

interface ClientOptions {
  readonly cluster?: object;
  readonly user?: object;
  readonly now?: () => number;
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
}

/** A client for the served cluster, or for the cluster that is given. */
function clientFor({ cluster, user, now, env, clock }: ClientOptions): HttpKubeClient {
  const { url, keys } = fixture.served;
  const authority = Buffer.from(keys.authority.certificate).toString('base64');
  const text = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'x',
    contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
    clusters: [{ name: 'x', cluster: { server: url, 'certificate-authority-data': authority, ...cluster } }],
    users: [{ name: 'x', user: user ?? { token: keys.token } }],
  });
  const access = readKubeconfig([{ path: join(folder, 'config'), text }]);
  const transport = new NodeTransport(access, {
    env: { PATH: process.env['PATH'], ...env },
    now: now ?? (() => Date.now()),
  });
  const client = new HttpKubeClient({ transport, clock: clock ?? wallClock, description: 'x' });
  closing.push(() => client.close());
  return client;
}

function namespaces(client: HttpKubeClient): Promise<number> {
  return client.list(RESOURCES.namespaces).then(({ items }) => items.length);
}

/** A server on plain HTTP that answers as it is told. */
async function plainServer(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = http.createServer(answer);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closing.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('credentials of a kubeconfig', () => {
  it('may be a certificate', async () => {
    const { authority } = fixture.served.keys;
    const pair = await issueCertificate(
      authority,
      { kind: 'client', user: 'root', groups: ['system:masters'] },
      Date.now(),
    );
    const data = (pem: string): string => Buffer.from(pem).toString('base64');
    const user = { 'client-certificate-data': data(pair.certificate), 'client-key-data': data(pair.key) };
    expect(await namespaces(clientFor({ user }))).toBe(4);
    writeFileSync(join(folder, 'crt'), pair.certificate);
    writeFileSync(join(folder, 'key'), pair.key);
    expect(await namespaces(clientFor({ user: { 'client-certificate': 'crt', 'client-key': 'key' } }))).toBe(4);
  });

  it('may be a file with a token, which is read again, and watches go on meanwhile', async () => {
    const seen: (string | undefined)[] = [];
    let held: ServerResponse | undefined;
    const server = await plainServer((request, response) => {
      seen.push(request.headers.authorization);
      response.setHeader('Content-Type', 'application/json');
      if (request.url?.includes('watch=true') === true) {
        held = response;
        response.flushHeaders();
      } else response.end('{"kind":"NamespaceList","apiVersion":"v1","metadata":{},"items":[]}');
    });
    let now = Date.now();
    const path = join(folder, 'token');
    writeFileSync(path, 'one\n');
    const client = clientFor({ cluster: { server }, user: { tokenFile: path }, now: () => now });
    const events: string[] = [];
    const watch = client.watch(
      RESOURCES.namespaces,
      {},
      {
        event: (event) => events.push(event.type),
        closed: () => events.push('closed'),
      },
    );
    await expect.poll(() => held).toBeDefined();
    await namespaces(client);
    writeFileSync(path, 'two\n');
    await namespaces(client);
    now += 61_000;
    await namespaces(client);
    expect(seen).toEqual(['Bearer one', 'Bearer one', 'Bearer one', 'Bearer two']);
    held?.write('{"type":"ADDED","object":{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"a"}}}\n');
    await expect.poll(() => events).toEqual(['ADDED']);
    watch.stop();
  });
});

describe('credentials of a program', () => {
  function plugin(script: string, more: object = {}): object {
    const path = join(folder, `plugin-${Math.random().toString(36).slice(2)}.cjs`);
    writeFileSync(path, script);
    return {
      exec: { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: [path], ...more },
    };
  }
  const credential = (status: string): string =>
    `console.log(JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: ${status} }));`;

  it('are asked for once for all requests, told of the cluster, and renewed when they end', async () => {
    const log = join(folder, 'runs');
    const script = `require('node:fs').appendFileSync(${JSON.stringify(log)}, process.env.KUBERNETES_EXEC_INFO + process.env.EXTRA + '\\n');
      ${credential(`{ token: ${JSON.stringify(fixture.served.keys.token)}, expirationTimestamp: new Date(Date.now() + 60_000).toISOString() }`)}`;
    let now = Date.now();
    const user = plugin(script, { env: [{ name: 'EXTRA', value: 'more' }], provideClusterInfo: true });
    const client = clientFor({ user, now: () => now });
    expect(await Promise.all([namespaces(client), namespaces(client), namespaces(client)])).toEqual([4, 4, 4]);
    const lines = (): string[] => readFileSync(log, 'utf8').trim().split('\n');
    expect(lines()).toHaveLength(1);
    expect(lines()[0]).toMatch(/more$/);
    expect(JSON.parse((lines()[0] ?? '').replace(/more$/, ''))).toMatchObject({
      kind: 'ExecCredential',
      spec: {
        interactive: false,
        cluster: { server: fixture.served.url, 'certificate-authority-data': expect.any(String) as string },
      },
    });
    now += 120_000;
    await namespaces(client);
    expect(lines()).toHaveLength(2);
  });

  it('are asked for anew when the server refuses them', async () => {
    const count = join(folder, 'count');
    writeFileSync(count, '');
    const script = `const fs = require('node:fs'); fs.appendFileSync(${JSON.stringify(count)}, 'x');
      const token = fs.readFileSync(${JSON.stringify(count)}, 'utf8').length > 1 ? ${JSON.stringify(fixture.served.keys.token)} : 'stale';
      ${credential('{ token }')}`;
    expect(await namespaces(clientFor({ user: plugin(script) }))).toBe(4);
    expect(readFileSync(count, 'utf8')).toBe('xx');
  });

  it.each<readonly [script: string, more: object, message: RegExp]>([
    ['process.exit(3)', {}, /it ended with code 3$/],
    ['console.error("log in first"); process.exit(1)', {}, /it ended with code 1: log in first$/],
    ['console.log("hello")', {}, /what it wrote is no JSON object$/],
    ['console.log("{}")', {}, /it gave undefined undefined, not client\.authentication\.k8s\.io\/v1 ExecCredential$/],
    [credential('undefined'), {}, /it gave no status$/],
    [credential('{}'), {}, /neither a token nor a certificate$/],
    [credential('{ clientKeyData: "x" }'), {}, /only one of certificate and key$/],
    [credential('{ token: "x", expirationTimestamp: "soon" }'), {}, /expirationTimestamp "soon" is no time$/],
    [
      '',
      { apiVersion: 'client.authentication.k8s.io/v1alpha1' },
      /invalid apiVersion "client\.authentication\.k8s\.io\/v1alpha1"$/,
    ],
    ['', { command: 'no-such-program-here' }, /the program was not found$/],
  ])('that are none: %s %o', async (script, more, message) => {
    await expect(namespaces(clientFor({ user: plugin(script, more) }))).rejects.toMatchObject({
      code: 'target',
      message: expect.stringMatching(message) as string,
    });
  });

  it('come with the hint of the kubeconfig when the program is missing', async () => {
    const user = plugin('', { command: 'no-such-program-here', installHint: 'get it at example.com' });
    await expect(namespaces(clientFor({ user }))).rejects.toMatchObject({ hint: 'get it at example.com' });
  });
});

describe('TLS', () => {
  it('checks the server, under the name that the kubeconfig gives', async () => {
    expect(await namespaces(clientFor({ cluster: { 'tls-server-name': 'kubernetes.default.svc' } }))).toBe(4);
    await expect(namespaces(clientFor({ cluster: { 'tls-server-name': 'other.example' } }))).rejects.toMatchObject({
      code: 'target',
      hint: "check the kubeconfig's certificate authority",
    });
    const none = { 'certificate-authority-data': undefined };
    await expect(namespaces(clientFor({ cluster: none }))).rejects.toMatchObject({ code: 'target' });
    expect(await namespaces(clientFor({ cluster: { ...none, 'insecure-skip-tls-verify': true } }))).toBe(4);
  });
});

describe('proxies', () => {
  async function proxy(authorization?: string): Promise<{ readonly url: string; readonly seen: string[] }> {
    const seen: string[] = [];
    const server = http.createServer();
    server.on('connect', (request: IncomingMessage, socket: net.Socket) => {
      seen.push(request.url ?? '');
      if (request.headers['proxy-authorization'] !== authorization) {
        socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
        return;
      }
      const { port } = new URL(fixture.served.url);
      const upstream = net.connect(Number(port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    closing.push(() => server.close());
    return { url: `127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
  }

  it('are gone through, with a password too', async () => {
    const { url, seen } = await proxy(`Basic ${Buffer.from('me:pass').toString('base64')}`);
    const { host } = new URL(fixture.served.url);
    expect(await namespaces(clientFor({ cluster: { 'proxy-url': `http://me:pass@${url}` } }))).toBe(4);
    expect(seen).toEqual([host]);
    await expect(namespaces(clientFor({ cluster: { 'proxy-url': `http://${url}` } }))).rejects.toThrow(/refused: 407/);
    await expect(namespaces(clientFor({ cluster: { 'proxy-url': `socks5://${url}` } }))).rejects.toMatchObject({
      code: 'target',
      message: `cannot use the proxy "socks5://${url}"`,
    });
  });

  it('are those of the environment where the kubeconfig names none', async () => {
    const { url, seen } = await proxy();
    const cluster = {
      server: fixture.served.url.replace('127.0.0.1', 'cluster.example'),
      'tls-server-name': 'localhost',
    };
    expect(await namespaces(clientFor({ cluster, env: { HTTPS_PROXY: url, NO_PROXY: '' } }))).toBe(4);
    expect(seen).toHaveLength(1);
  });

  it.each([
    ['https://api.example:6443', '', 'http://proxy:3128'],
    ['http://api.example', '', undefined],
    ['https://127.0.0.1:6443', '', undefined],
    ['https://localhost:6443', '', undefined],
    ['https://[::1]:6443', '', undefined],
    ['https://api.example', '*', undefined],
    ['https://api.example', 'example', undefined],
    ['https://api.example', '.example', undefined],
    ['https://api.example', 'other, api.example', undefined],
    ['https://api.example', 'api.example:6443', 'http://proxy:3128'],
    ['https://api.example:6443', 'api.example:6443', undefined],
    ['https://notexample', 'example', 'http://proxy:3128'],
    ['https://10.1.2.3', '10.0.0.0/8', undefined],
    ['https://11.1.2.3', '10.0.0.0/8', 'http://proxy:3128'],
  ])('for %s without %s', (server, exempt, expected) => {
    expect(proxyFor(new URL(server), { https_proxy: 'proxy:3128', NO_PROXY: exempt })).toBe(expected);
  });
});

describe('a busy server', () => {
  /** Time that passes at once, and is written down. */
  function quickClock(pauses: number[]): Clock {
    return {
      now: () => 0,
      setTimer: (delay, callback) => {
        pauses.push(delay);
        setImmediate(callback);
        return { stop: () => {} };
      },
      blockOn: (promise) => promise,
    };
  }

  it.each<
    readonly [
      code: number,
      headers: Readonly<Record<string, string>>,
      times: number,
      pauses: readonly number[] | 'failure',
    ]
  >([
    [429, { 'Retry-After': '1' }, 2, [1000, 1000]],
    [503, { 'Retry-After': '3' }, 1, [3000]],
    [429, {}, 1, 'failure'],
    [500, {}, 1, 'failure'],
    [429, { 'Retry-After': '1' }, 50, 'failure'],
  ])('that answers %i with %o %i times', async (code, headers, times, expected) => {
    let left = times;
    const server = await plainServer((_, response) => {
      response.setHeader('Content-Type', 'application/json');
      if (left > 0) {
        left -= 1;
        response.writeHead(code, headers);
        response.end(
          '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"busy","reason":"x"}',
        );
      } else response.end('{"kind":"NamespaceList","apiVersion":"v1","metadata":{},"items":[]}');
    });
    const pauses: number[] = [];
    const listing = namespaces(clientFor({ cluster: { server }, clock: quickClock(pauses) }));
    if (expected === 'failure') {
      await expect(listing).rejects.toMatchObject({ status: { code, message: 'busy' } });
      expect(pauses.length).toBeLessThan(10);
    } else {
      expect(await listing).toBe(0);
      expect(pauses).toEqual(expected);
    }
  });
});
