import http2 from 'node:http2';
import https from 'node:https';
import tls from 'node:tls';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { get, type RawAnswer } from './raw-request.ts';
import { type ServedFixture, serveForTest } from './served.ts';

let fixture: ServedFixture;

beforeAll(async () => {
  fixture = await serveForTest();
});
afterAll(() => fixture.close());

function admin(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { authorization: `Bearer ${fixture.served.keys.token}`, ...more };
}

function send(
  method: string,
  path: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawAnswer> {
  return get(fixture, path, admin(headers), { method, body });
}

/** However slow the machine is. */
const PATIENCE = { timeout: 60_000 };

/** Bytes of buffers that are in use. */
function bytesOfBuffers(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().arrayBuffers;
}

const MAPS = '/api/v1/namespaces/default/configmaps';
const JSON_PATCH = 'application/json-patch+json';
const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';
const PROTOBUF = 'application/vnd.kubernetes.protobuf';

describe('bodies', () => {
  it.each<readonly [title: string, method: string, path: string, type: string, body: string | Buffer, code: number]>([
    ['no JSON', 'POST', MAPS, 'application/json', '{', 400],
    ['a cut JSON', 'POST', MAPS, 'application/json', '{"kind":"ConfigMap","metadata":{"name":"x"', 400],
    ['a number', 'POST', MAPS, 'application/json', '42', 400],
    ['a list', 'POST', MAPS, 'application/json', '[]', 400],
    ['null', 'POST', MAPS, 'application/json', 'null', 400],
    ['nothing', 'POST', MAPS, 'application/json', '', 400],
    ['another kind', 'POST', MAPS, 'application/json', '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"x"}}', 400],
    ['a wrong type of a field', 'POST', MAPS, 'application/json', '{"metadata":{"name":"x"},"data":{"a":1}}', 400],
    ['metadata that is none', 'POST', MAPS, 'application/json', '{"metadata":"x"}', 400],
    ['no YAML', 'POST', MAPS, 'application/yaml', 'a: [', 400],
    ['YAML of anchors that grow', 'POST', MAPS, 'application/yaml', bomb(), 400],
    ['an unknown type', 'POST', MAPS, 'text/html', '<p>', 415],
    ['no protobuf', 'POST', MAPS, PROTOBUF, 'xxxx', 400],
    ['protobuf that ends early', 'POST', MAPS, PROTOBUF, Buffer.from([0x6b, 0x38, 0x73, 0, 0x0a, 0xff]), 400],
    [
      'protobuf of endless length',
      'POST',
      MAPS,
      PROTOBUF,
      Buffer.from([0x6b, 0x38, 0x73, 0, 0x12, 255, 255, 255, 255, 15]),
      400,
    ],
    ['no gzip', 'POST', MAPS, 'application/json; gzip', 'xx', 400],
    ['no JSON patch', 'PATCH', `${MAPS}/kube-root-ca.crt`, JSON_PATCH, '{', 400],
    ['a JSON patch that is no list', 'PATCH', `${MAPS}/kube-root-ca.crt`, JSON_PATCH, '{}', 400],
    ['an unknown operation', 'PATCH', `${MAPS}/kube-root-ca.crt`, JSON_PATCH, '[{"op":"fly","path":"/data"}]', 422],
    ['a path to nowhere', 'PATCH', `${MAPS}/kube-root-ca.crt`, JSON_PATCH, '[{"op":"remove","path":"/no/where"}]', 422],
    ['a failed test', 'PATCH', `${MAPS}/kube-root-ca.crt`, JSON_PATCH, '[{"op":"test","path":"/kind","value":1}]', 422],
    ['a merge patch that is a list', 'PATCH', `${MAPS}/kube-root-ca.crt`, MERGE, '[]', 400],
    ['a strategic patch that is a text', 'PATCH', `${MAPS}/kube-root-ca.crt`, STRATEGIC, '"x"', 400],
    ['an unknown directive', 'PATCH', `${MAPS}/kube-root-ca.crt`, STRATEGIC, '{"data":{"$patch":"fly"}}', 422],
    [
      'an apply without a manager',
      'PATCH',
      `${MAPS}/x`,
      APPLY,
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n',
      422,
    ],
    ['an apply of nothing', 'PATCH', `${MAPS}/x?fieldManager=me`, APPLY, '', 400],
    ['a patch of an unknown type', 'PATCH', `${MAPS}/kube-root-ca.crt`, 'application/json', '{}', 415],
    ['a method of no verb', 'PROPFIND', MAPS, 'application/json', '', 405],
  ])('%s', async (_, method, path, type, body, code) => {
    const zipped = type.endsWith('; gzip');
    const answer = await send(method, path, body, {
      'content-type': zipped ? 'application/json' : type,
      ...(zipped ? { 'content-encoding': 'gzip' } : {}),
    });
    expect({ code: answer.code, text: answer.text.slice(0, 200) }).toMatchObject({ code });
    expect(JSON.parse(answer.text)).toMatchObject({ kind: 'Status', status: 'Failure', code });
  });

  it('may be zipped, and must not be larger than 3 MiB, zipped or not', async () => {
    const object = (name: string, size: number): string =>
      JSON.stringify({ metadata: { name }, data: { a: 'x'.repeat(size) } });
    const zip = { 'content-encoding': 'gzip' };
    expect((await send('POST', MAPS, gzipSync(object('zipped', 1000)), zip)).code).toBe(201);
    for (const [body, headers] of [
      [object('big', 3 * 1024 * 1024), {}],
      [gzipSync(object('big', 300 * 1024 * 1024)), zip],
    ] as const) {
      const answer = await send('POST', MAPS, body, headers);
      expect(answer.code).toBe(413);
      expect(JSON.parse(answer.text)).toMatchObject({ kind: 'Status', reason: 'RequestEntityTooLarge', code: 413 });
    }
    expect((await get(fixture, `${MAPS}/big`, admin())).code).toBe(404);
  });
});

describe('queries', () => {
  it.each([
    ['labelSelector=a=b=c', 400],
    ['labelSelector=a in (', 400],
    ['labelSelector=!', 400],
    ['labelSelector=-x%3D1', 400],
    [`labelSelector=${'a'.repeat(400)}`, 400],
    ['fieldSelector=spec.none=x', 400],
    ['fieldSelector=metadata.name', 400],
    ['limit=many', 400],
    ['limit=5&continue=garbage', 400],
    ['resourceVersion=abc', 400],
    ['resourceVersion=-1', 400],
    ['resourceVersion=999999999', 504],
    ['watch=1&resourceVersion=abc', 400],
    ['watch=1&timeoutSeconds=soon', 400],
  ])('%s', async (query, code) => {
    const { code: found, text } = await get(
      fixture,
      `/api/v1/configmaps?${encodeURI(query).replaceAll('%25', '%')}`,
      admin(),
    );
    expect({ found, text: text.slice(0, 200) }).toMatchObject({ found: code });
    expect(JSON.parse(text)).toMatchObject({ kind: 'Status', code });
  });
});

describe('bindings of pods', () => {
  it('bind nothing when they only try', async () => {
    const space = '/api/v1/namespaces/default';
    const spec = { schedulerName: 'nobody', containers: [{ name: 'c', image: 'nginx' }] };
    expect((await send('POST', `${space}/pods`, JSON.stringify({ metadata: { name: 'free' }, spec }))).code).toBe(201);
    const nodeName = async (): Promise<unknown> => {
      const pod = JSON.parse((await get(fixture, `${space}/pods/free`, admin())).text) as {
        spec: { nodeName?: string };
      };
      return pod.spec.nodeName;
    };
    const binding = JSON.stringify({ metadata: { name: 'free' }, target: { kind: 'Node', name: 'pintle-2' } });
    expect((await send('POST', `${space}/bindings?dryRun=All`, binding)).code).toBe(201);
    expect(await nodeName()).toBeUndefined();
    expect((await send('POST', `${space}/bindings?dryRun=some`, binding)).code).toBe(400);
    expect((await send('POST', `${space}/bindings`, binding)).code).toBe(201);
    expect(await nodeName()).toBe('pintle-2');
  });
});

describe('wishes for logs', () => {
  const PODS = '/api/v1/namespaces/default/pods';
  const NO_TIME = 'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": it is no RFC 3339 time';

  beforeAll(async () => {
    const spec = { containers: [{ name: 'c', image: 'nginx' }] };
    expect((await send('POST', PODS, JSON.stringify({ metadata: { name: 'told' }, spec }))).code).toBe(201);
  });

  it.each([
    ['tailLines=-1', 422, 'tailLines: Invalid value: -1: must be greater than or equal to 0'],
    ['tailLines=some', 400, 'strconv'],
    ['limitBytes=0', 422, 'limitBytes: Invalid value: 0: must be greater than 0'],
    ['sinceSeconds=0', 422, 'sinceSeconds: Invalid value: 0: must be greater than 0'],
    [
      'sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z',
      422,
      'at most one of `sinceTime` or `sinceSeconds` may be specified',
    ],
    ['sinceTime=yesterday', 400, NO_TIME],
    ['container=none', 400, 'container none is not valid for pod told'],
  ])('%s', async (query, code, text) => {
    const answer = await get(fixture, `${PODS}/told/log?${query}`, admin());
    expect(answer.code).toBe(code);
    expect((JSON.parse(answer.text) as { readonly message: string }).message).toContain(text);
  });
});

describe('paths and headers', () => {
  it.each([
    '/api/v1/namespaces/../../etc/passwd',
    '/api/v1/namespaces/default/configmaps/..%2f..%2fsecrets%2fx',
    '/api/v1/namespaces/default/configmaps/%00',
    '/api/v1/namespaces/%zz/configmaps',
    '/api/v1/namespaces/default/configmaps/__proto__',
    '/api/v1/constructor',
    '/apis/__proto__/v1/x',
    '//evil.example/api',
    '/api//v1//nothing',
    `/api/v1/namespaces/default/configmaps/${'x'.repeat(8000)}`,
  ])('%s leads nowhere', async (path) => {
    const { code } = await get(fixture, path, admin());
    expect([400, 404]).toContain(code);
  });

  it('cannot be used to get past authorization', async () => {
    for (const path of [
      '/version/../api/v1/secrets',
      '/healthz/../api/v1/secrets',
      '//api/v1/secrets',
      '/api/v1/./secrets',
      '/%61pi/v1/secrets',
      '/API/v1/secrets',
      '/api/v1/namespaces/default/secrets?x=/version',
      '/pintle.dev/v1/snapshot',
      '/pintle.dev/v1/time',
      '/metrics',
    ]) {
      const { code, text } = await get(fixture, path, {});
      expect({ path, code }).toEqual({
        path,
        code: expect.toSatisfy((value: number) => value === 403 || value === 404) as number,
      });
      expect(text).not.toContain('"items"');
    }
  });

  it('cannot put lines into answers', async () => {
    const { text, headers } = await get(fixture, '/api/v1/configmaps%0d%0aX-Evil:%201', admin());
    expect(headers['x-evil']).toBeUndefined();
    expect(text).not.toContain('\r\nX-Evil');
    const warned = await send(
      'POST',
      `${MAPS}?fieldValidation=Warn`,
      JSON.stringify({ metadata: { name: 'warned' }, 'a"\r\nX-Evil: 1': 1 }),
    );
    expect(warned.code).toBe(201);
    expect(warned.headers['x-evil']).toBeUndefined();
    expect(String(warned.headers['warning'])).toMatch(/^299 - "unknown field/);
  });

  it('may be too large for the server', async () => {
    const answer = await get(fixture, '/version', { 'x-long': 'x'.repeat(40_000) }).catch((error: unknown) => error);
    expect((answer as RawAnswer).code ?? 431).toBe(431);
  });
});

describe('answers', () => {
  it('are zipped above 128 KiB, when the client takes it', async () => {
    const accept = { 'accept-encoding': 'gzip' };
    expect((await get(fixture, '/version', admin(accept))).headers['content-encoding']).toBeUndefined();
    const plain = await get(fixture, '/openapi/v2', admin());
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.text.length).toBeGreaterThan(128 * 1024);
    const bytes = await new Promise<Buffer>((resolve, reject) => {
      const { port, keys } = fixture.served;
      https
        .get(
          { host: '127.0.0.1', port, path: '/openapi/v2', headers: admin(accept), ca: keys.authority.certificate },
          (answer) => {
            expect(answer.headers['content-encoding']).toBe('gzip');
            const chunks: Buffer[] = [];
            answer.on('data', (chunk: Buffer) => chunks.push(chunk));
            answer.on('end', () => resolve(Buffer.concat(chunks)));
          },
        )
        .on('error', reject);
    });
    expect(gunzipSync(bytes).toString()).toBe(plain.text);
  });

  it('come over HTTP/2 and, on one connection after the other, over HTTP/1.1', async () => {
    const { port, keys } = fixture.served;
    const session = http2.connect(`https://127.0.0.1:${port}`, { ca: keys.authority.certificate });
    const ask = (path: string): Promise<{ readonly status: number; readonly text: string }> =>
      new Promise((resolve, reject) => {
        const stream = session.request({ ':path': path, ...admin() });
        let status = 0;
        let text = '';
        stream.setEncoding('utf8');
        stream.on('response', (headers) => {
          status = headers[':status'] ?? 0;
        });
        stream.on('data', (chunk: string) => {
          text += chunk;
        });
        stream.on('end', () => resolve({ status, text }));
        stream.on('error', reject);
      });
    const all = await Promise.all(Array.from({ length: 50 }, () => ask('/api/v1/namespaces')));
    expect(all.every(({ status, text }) => status === 200 && text.includes('NamespaceList'))).toBe(true);
    expect((await ask('/api/v1/namespaces/nope')).status).toBe(404);
    session.close();
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number>();
    for (let i = 0; i < 3; i += 1) {
      await new Promise<void>((resolve, reject) => {
        https
          .get({ host: '127.0.0.1', port, path: '/version', agent, ca: keys.authority.certificate }, (answer) => {
            ports.add(answer.socket.localPort ?? 0);
            answer.resume().on('end', resolve);
          })
          .on('error', reject);
      });
    }
    expect(ports.size).toBe(1);
    agent.destroy();
  });

  it('to a watch without a body end at once', async () => {
    const { port, keys } = fixture.served;
    const session = http2.connect(`https://127.0.0.1:${port}`, { ca: keys.authority.certificate });
    const status = await new Promise<unknown>((resolve, reject) => {
      const stream = session.request({ ':method': 'HEAD', ':path': `${MAPS}?watch=1`, ...admin() });
      let found: unknown;
      stream.on('response', (headers) => {
        found = headers[':status'];
      });
      stream.on('close', () => resolve(found));
      stream.on('error', reject);
      stream.resume();
    });
    session.close();
    expect(status).toBe(200);
    expect((await get(fixture, `${MAPS}?watch=1`, admin(), { method: 'HEAD' })).code).toBe(200);
    expect((await get(fixture, '/metrics', admin())).text).toMatch(/^apiserver_longrunning_requests 0$/m);
  });

  it('impersonates over HTTP/2 with several groups', async () => {
    const { port, keys } = fixture.served;
    const session = http2.connect(`https://127.0.0.1:${port}`, { ca: keys.authority.certificate });
    const text = await new Promise<string>((resolve, reject) => {
      const stream = session.request({
        ':method': 'POST',
        ':path': '/apis/authentication.k8s.io/v1/selfsubjectreviews',
        'content-type': 'application/json',
        ...admin(),
        'impersonate-user': 'jane',
        'impersonate-group': ['crew', 'deck'],
      });
      let all = '';
      stream.setEncoding('utf8');
      stream.on('data', (chunk: string) => {
        all += chunk;
      });
      stream.on('end', () => resolve(all));
      stream.on('error', reject);
      stream.end('{}');
    });
    session.close();
    expect(JSON.parse(text)).toMatchObject({
      status: { userInfo: { username: 'jane', groups: ['crew', 'deck', 'system:authenticated'] } },
    });
  });
});

describe('clients that are no good', () => {
  /** A connection over which nothing is read unless somebody asks for it. */
  async function connect(protocol = 'http/1.1'): Promise<tls.TLSSocket> {
    const { port, keys } = fixture.served;
    const socket = tls.connect({ host: '127.0.0.1', port, ca: keys.authority.certificate, ALPNProtocols: [protocol] });
    socket.on('error', () => {});
    await new Promise((resolve) => {
      socket.once('secureConnect', resolve);
    });
    return socket;
  }

  function head(path: string, more = ''): string {
    return `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${fixture.served.keys.token}\r\n${more}\r\n`;
  }

  it('that never read a watch are cut off, with bounded memory', async () => {
    const { client } = fixture.embedded.cluster;
    const socket = await connect();
    socket.pause();
    socket.write(head(`${MAPS}?watch=1`));
    const closed = new Promise((resolve) => {
      socket.once('close', resolve);
    });
    const data = { a: 'x'.repeat(900_000) };
    const watches = async (): Promise<number> => {
      const { text } = await get(fixture, '/metrics', admin());
      return Number(/^apiserver_longrunning_requests (\d+)$/m.exec(text)?.[1]);
    };
    await expect.poll(watches, PATIENCE).toBe(1);
    await client.create(RESOURCES.configMaps, { metadata: { name: 'loud', namespace: 'default' }, data });
    const before = bytesOfBuffers();
    let written = 0;
    while (written < 100 && (await watches()) > 0) {
      written += 1;
      const change = { data: { b: String(written) } };
      await client.patch(RESOURCES.configMaps, { namespace: 'default', name: 'loud' }, 'merge', change);
    }
    // 32 MiB may wait here, and a few more in the buffers of the system.
    expect(written).toBeLessThan(60);
    // What waited is let go; the JSON of the objects is kept for others.
    await expect.poll(() => bytesOfBuffers() - before, PATIENCE).toBeLessThan(1_200_000 * written);
    socket.resume();
    await closed;
  });

  it('that go in the middle of a request or an answer leave nothing behind', async () => {
    const post = `POST ${MAPS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${fixture.served.keys.token}\r\nContent-Length: 1000\r\n`;
    const zipped = gzipSync(JSON.stringify({ metadata: { name: 'zipped-half' } })).subarray(0, 30);
    for (let i = 0; i < 21; i += 1) {
      const socket = await connect();
      if (i % 3 === 0) socket.write(head(`${MAPS}?watch=1`));
      else if (i % 3 === 1) socket.write(`${post}\r\n{"me`);
      else socket.write(Buffer.concat([Buffer.from(`${post}Content-Encoding: gzip\r\n\r\n`), zipped]));
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      socket.destroy();
    }
    await vi.waitFor(async () => {
      const { text } = await get(fixture, '/metrics', admin());
      expect(text).toMatch(/^apiserver_longrunning_requests 0$/m);
      expect(text).toMatch(/^apiserver_current_inflight_requests\{request_kind="any"\} 0$/m);
    }, PATIENCE);
  });

  it('that speak no HTTP are answered with 400 and cut off', async () => {
    const socket = await connect();
    socket.write('this is no request\r\n\r\n');
    const text = await new Promise<string>((resolve) => {
      let all = '';
      socket.on('data', (chunk: Buffer) => {
        all += chunk.toString();
      });
      socket.on('close', () => resolve(all));
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request/);
    const other = await connect('h2');
    other.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnothing like a frame, and quite a lot of it');
    other.resume();
    await new Promise((resolve) => {
      other.once('close', resolve);
    });
    expect((await get(fixture, '/version', {})).code).toBe(200);
  });
});

/** A document that would grow to 10^9 items. */
function bomb(): string {
  const lines = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
  for (const [name, of] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf', 'hg', 'ih']) {
    lines.push(`${name ?? ''}: &${name ?? ''} [${Array.from({ length: 10 }, () => `*${of ?? ''}`).join(',')}]`);
  }
  return `${lines.join('\n')}\n`;
}
