import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { silentLogger } from '../../src/base/logger.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { PartStore } from '../../src/release/part-store.ts';
import { partName } from '../../src/release/record-parts.ts';
import { ObjectClient } from './object-client.ts';

const RECORDS = 20;
const PARTS = 3;

/** Counts the reads under way, and notes what they read. */
class SlowClient extends ObjectClient {
  readonly order: string[] = [];
  reading = 0;
  most = 0;

  override async get<T extends object>(...[type, key]: Parameters<ObjectClient['get']>): Promise<T> {
    this.reading += 1;
    this.most = Math.max(this.most, this.reading);
    this.order.push(key.name);
    await new Promise(setImmediate);
    this.reading -= 1;
    return await super.get<T>(type, key);
  }
}

test('of many records that are read at one time few parts are asked for, one record after the other', async () => {
  const client = new SlowClient();
  const options = { client, clock: new VirtualClock({ start: 0 }), namespace: 'default', logger: silentLogger };
  const store = new PartStore(
    { ...options, fieldManager: 'test' },
    {
      type: RESOURCES.configMaps,
      pack: (text) => ({ data: { text } }),
      unpack: (object) => (object as unknown as { readonly data: { readonly text: string } }).data.text,
    },
  );
  const texts = Array.from({ length: RECORDS }, (_, i) => Array.from({ length: PARTS }, (__, k) => `${i}/${k};`));
  const digests = texts.map((parts) => createHash('sha256').update(parts.join('')).digest('hex'));
  const keys = texts.map((_, i) => `record-${i}`);
  const names: string[] = [];
  for (const [i, parts] of texts.entries()) {
    for (const [k, text] of parts.entries()) {
      names.push(partName(keys[i] ?? '', digests[i] ?? '', k));
      const metadata = { name: names.at(-1), namespace: 'default' };
      await client.create(RESOURCES.configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { text } });
    }
  }
  const read = (i: number): Promise<string> =>
    store.read(keys[i] ?? '', 'default', { digest: digests[i] ?? '', count: PARTS });
  expect(await Promise.all(keys.map((_, i) => read(i)))).toEqual(texts.map((parts) => parts.join('')));
  expect(client.most).toBe(8);
  expect(client.order).toEqual(names);
});
