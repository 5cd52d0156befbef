import http2 from 'node:http2';
import https from 'node:https';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { get } from './raw-request.ts';
import { serveForTest, type ServedFixture } from './served.ts';

let fixture: ServedFixture;

beforeAll(async () => {
  fixture = await serveForTest({ nodes: 1 });
});

afterAll(async () => {
  await fixture.close();
});

const MAPS = '/api/v1/namespaces/default/configmaps';

function headers(): Record<string, string> {
  return { authorization: `Bearer ${fixture.served.keys.token}` };
}

/** Resolves with the resourceVersions of the first events of a watch; `begun` when the server has answered. */
function watch(
  count: number,
  query = 'watch=true&labelSelector=watched=yes',
): { readonly begun: Promise<void>; readonly versions: Promise<number[]> } {
  let begin: () => void = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const versions = new Promise<number[]>((resolve, reject) => {
    const { port, keys } = fixture.served;
    const path = `${MAPS}?${query}`;
    const ca = keys.authority.certificate;
    const request = https.get({ host: '127.0.0.1', port, path, ca, agent: false, headers: headers() }, (response) => {
      begin();
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        const lines = text.split('\n').slice(0, -1);
        if (lines.length < count) return;
        request.destroy();
        const events = lines.map((line) => JSON.parse(line) as { object: { metadata: { resourceVersion: string } } });
        resolve(events.map(({ object }) => Number(object.metadata.resourceVersion)));
      });
    });
    request.on('error', reject);
  });
  return { begun, versions };
}

it('tells a hundred watchers of every write, in order', async () => {
  const watches = Array.from({ length: 100 }, () => watch(60));
  await Promise.all(watches.map(({ begun }) => begun));
  const create = (i: number): ReturnType<typeof get> => {
    const body = JSON.stringify({ metadata: { name: `m${i}`, labels: { watched: 'yes' } } });
    return get(fixture, MAPS, headers(), { method: 'POST', body });
  };
  const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => create(i)));
  expect(answers.every(({ code }) => code === 201)).toBe(true);
  const all = await Promise.all(watches.map(({ versions }) => versions));
  const written = answers
    .map(({ text }) => Number((JSON.parse(text) as { metadata: { resourceVersion: string } }).metadata.resourceVersion))
    .toSorted((a, b) => a - b);
  for (const versions of all) expect(versions).toEqual(written);
});

/** As {@link watch}, over a connection of HTTP/2 and in another form. */
function watch2(path: string, count: number, accept: string): Promise<number[]> {
  const { port, keys } = fixture.served;
  const session = http2.connect(`https://127.0.0.1:${port}`, { ca: keys.authority.certificate });
  return new Promise<number[]>((resolve, reject) => {
    const stream = session.request({ ':path': path, accept, ...headers() });
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const lines = text.split('\n').slice(0, -1);
      if (lines.length < count) return;
      const events = lines.map((line) => JSON.parse(line) as { object: { metadata: { resourceVersion: string } } });
      resolve(events.map(({ object }) => Number(object.metadata.resourceVersion)));
    });
    stream.on('error', reject);
  }).finally(() => session.destroy());
}

it('tells the same to those who come while it is told to others, over HTTP/1.1 and HTTP/2', async () => {
  const start = await get(fixture, MAPS, headers());
  const { metadata } = JSON.parse(start.text) as { metadata: { resourceVersion: string } };
  const query = `watch=true&labelSelector=late=yes&resourceVersion=${metadata.resourceVersion}`;
  const written: number[] = [];
  const all: Promise<number[]>[] = [];
  for (let i = 0; i < 80; i += 1) {
    const body = JSON.stringify({ metadata: { name: `late${i}`, labels: { late: 'yes' } } });
    const { text } = await get(fixture, MAPS, headers(), { method: 'POST', body });
    written.push(Number((JSON.parse(text) as { metadata: { resourceVersion: string } }).metadata.resourceVersion));
    if (i % 8 !== 0) continue;
    all.push(watch(80, query).versions);
    all.push(watch2(`${MAPS}?${query}`, 80, 'application/json'));
    all.push(watch2(`${MAPS}?${query}`, 80, 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'));
    all.push(watch2(`${MAPS}?${query}`, 80, 'application/json;as=Table;g=meta.k8s.io;v=v1'));
  }
  for (const versions of await Promise.all(all)) expect(versions).toEqual(written);
});

it('lists the same bytes as single objects have', async () => {
  const list = await get(fixture, `${MAPS}?labelSelector=watched=yes`, headers());
  const { items } = JSON.parse(list.text) as { items: { metadata: { name: string } }[] };
  expect(items).toHaveLength(60);
  const one = await get(fixture, `${MAPS}/m7`, headers());
  const { apiVersion: _version, kind: _kind, ...rest } = JSON.parse(one.text) as Record<string, unknown>;
  expect(items.find(({ metadata }) => metadata.name === 'm7')).toMatchObject(rest);
});

it('sends warnings with refusals too', async () => {
  const labels = { 'pod-security.kubernetes.io/warn': 'baseline', 'pod-security.kubernetes.io/enforce': 'privileged' };
  const namespace = JSON.stringify({ metadata: { name: 'warned', labels } });
  await get(fixture, '/api/v1/namespaces', headers(), { method: 'POST', body: namespace });
  const create = (spec: object): ReturnType<typeof get> => {
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'x' }], ...spec } };
    const body = { metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template } };
    return get(fixture, '/apis/apps/v1/namespaces/warned/deployments', headers(), {
      method: 'POST',
      body: JSON.stringify(body),
    });
  };
  const warning = '299 - "would violate PodSecurity \\"baseline:latest\\": host namespaces (hostPID=true)"';
  const made = await create({ hostPID: true });
  expect([made.code, made.headers['warning']]).toEqual([201, warning]);
  const twice = await create({ hostPID: true });
  expect([twice.code, twice.headers['warning']]).toEqual([409, warning]);
});
