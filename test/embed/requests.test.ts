import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from '../../src/embed/cluster.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { parseManifest, splitDocuments } from '../../src/yaml/index.ts';
import { CURL_ROWS, sameStep, SHOP } from '../support/curl-rows.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.create({ nodes: 2, start: Date.UTC(2026, 0, 15, 12) });
  for (const text of splitDocuments(SHOP)) {
    const object = parseManifest(text) as unknown as KubeObject;
    const [group, version] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : ['', object.apiVersion];
    const type = await cluster.client.resourceFor({ group: group ?? '', version: version ?? '', kind: object.kind });
    if (type === undefined) throw new Error(`no resource for ${object.kind}`);
    await cluster.client.create(type, { ...object, metadata: { ...object.metadata, namespace: 'default' } });
  }
  await cluster.advance(120_000);
});

afterAll(() => cluster.stop());

describe('requests of the library', () => {
  it.each(CURL_ROWS)('tell the way: $title', async ({ url, from, host, code = 0, fail = false, steps }) => {
    const { hops, outcome } = await cluster.request(url, {
      ...(from === undefined ? {} : { from }),
      ...(host === undefined ? {} : { headers: { Host: host } }),
    });
    expect(hops.map(({ stage, text }) => sameStep(`${stage} ${text}`))).toEqual(steps.slice(0, -1));
    const failed = outcome.kind === 'failed' || (fail && outcome.status >= 400);
    expect(failed).toBe(code !== 0);
  });

  it('refuse what is no URL', () => {
    expect(() => cluster.request('nonsense')).toThrow(TypeError);
  });
});
