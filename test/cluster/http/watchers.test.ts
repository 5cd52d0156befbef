import https from 'node:https';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { get } from './raw-request.ts';
import { serveForTest, type ServedFixture } from './served.ts';

let fixture: ServedFixture;

beforeAll(async () => {
  fixture = await serveForTest({ nodes: 1 });
}, 60_000);

afterAll(async () => {
  await fixture.close();
});

const MAPS = '/api/v1/namespaces/default/configmaps';

function headers(): Record<string, string> {
  return { authorization: `Bearer ${fixture.served.keys.token}` };
}

/** Resolves with the resourceVersions of the first events of a watch; `begun` when the server has answered. */
function watch(count: number): { readonly begun: Promise<void>; readonly versions: Promise<number[]> } {
  let begin: () => void = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const versions = new Promise<number[]>((resolve, reject) => {
    const { port, keys } = fixture.served;
    const path = `${MAPS}?watch=true&labelSelector=watched=yes`;
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

it('tells a hundred watchers of every write, in order', { timeout: 60_000 }, async () => {
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
