import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Logger } from '../../src/base/logger.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { chooseDriver, type DriverRequest } from '../../src/release/choose-driver.ts';
import { createConfigMapDriver } from '../../src/release/configmap-driver.ts';
import { MemoryDriver, type MemoryRecords } from '../../src/release/memory-driver.ts';
import type { KubeDriverOptions } from '../../src/release/kube-record-driver.ts';
import { recordCipher, type RecordCipher } from '../../src/release/record-cipher.ts';
import type { Release } from '../../src/release/release.ts';
import { releaseKey } from '../../src/release/release-key.ts';
import { createSecretDriver } from '../../src/release/secret-driver.ts';
import { releaseDriverContract, START_SECONDS } from '../contract/release-driver.ts';
import { type LightCluster, lightCluster } from '../deploy/light-cluster.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { failure, ObjectClient } from './object-client.ts';
import { sampleRelease } from './sample-release.ts';

const clock = new VirtualClock({ start: START_SECONDS * 1000 });
const logger = silentLogger;
const KEY = releaseKey('web', 1);

async function serverWithNamespaces(): Promise<LightCluster> {
  const cluster = await lightCluster();
  await cluster.client.create(RESOURCES.namespaces, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'other' },
  });
  return cluster;
}

describe('the driver on ConfigMaps', () => {
  releaseDriverContract(async () => {
    const { client } = await serverWithNamespaces();
    return (namespace) => createConfigMapDriver({ client, clock, namespace, logger });
  });
});

describe('the driver on Secrets', () => {
  releaseDriverContract(async () => {
    const { client } = await serverWithNamespaces();
    return (namespace) => createSecretDriver({ client, clock, namespace, logger });
  });
});

describe('the driver in memory', () => {
  releaseDriverContract(async () => {
    const records: MemoryRecords = new Map();
    return (namespace) => new MemoryDriver({ clock, namespace, records });
  });
});

describe('the objects of records', () => {
  test('are what Helm writes', async () => {
    const client = new ObjectClient();
    const options = { client, clock, namespace: 'default', logger };
    await createSecretDriver(options).create(KEY, sampleRelease({ labels: { team: 'a' } }));
    await createConfigMapDriver(options).create(KEY, sampleRelease({ labels: { team: 'a' } }));
    const metadata = {
      name: 'sh.helm.release.v1.web.v1',
      namespace: 'default',
      labels: {
        team: 'a',
        createdAt: String(START_SECONDS),
        name: 'web',
        owner: 'helm',
        status: 'deployed',
        version: '1',
      },
    };
    const secret = client.objects.get(`secrets/default/${KEY}`) as unknown as { data: { release: string } };
    const map = client.objects.get(`configmaps/default/${KEY}`) as unknown as { data: { release: string } };
    expect(secret).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      type: 'helm.sh/release.v1',
      data: secret.data,
    });
    expect(map).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: map.data });
    const text = Buffer.from(secret.data.release, 'base64').toString();
    expect(text).toBe(map.data.release);
    const release = JSON.parse(gunzipSync(Buffer.from(text, 'base64')).toString()) as object;
    expect(release).toMatchObject({ name: 'web', version: 1 });
    expect(release).not.toHaveProperty('labels');
  });

  test('that cannot be read are told of and left out of lists', async () => {
    const client = new ObjectClient();
    const lines: string[] = [];
    const log: Logger = { log: (level, message) => lines.push(`${level}: ${message}`) };
    const driver = createConfigMapDriver({ client, clock, namespace: 'default', logger: log });
    await driver.create(KEY, sampleRelease());
    await driver.create(releaseKey('web', 2), sampleRelease({ version: 2 }));
    const broken = client.objects.get(`configmaps/default/${KEY}`);
    client.objects.set(`configmaps/default/${KEY}`, { ...broken, data: { release: 'H4sI' } } as never);
    expect((await driver.list()).map((each) => each.version)).toEqual([2]);
    expect(lines).toEqual([`warn: cannot read ConfigMap default/${KEY}: it is not JSON; it is left out`]);
    await expect(driver.get(KEY)).rejects.toMatchObject({ code: 'release-corrupt' });
  });
});

describe('failures of the API', () => {
  test('keep their text', async () => {
    const client = new ObjectClient();
    const driver = createSecretDriver({ client, clock, namespace: 'default', logger });
    client.fault = (verb) => failure(403, 'Forbidden', `no ${verb} here`);
    const errors = [
      [driver.create(KEY, sampleRelease()), 'create: failed to create: no create here'],
      [driver.update(KEY, sampleRelease()), 'update: failed to update: no update here'],
      [driver.get(KEY), `get: failed to get "${KEY}": no get here`],
      [driver.list(), 'list: failed to list: no list here'],
      [driver.query({ name: 'web' }), 'query: failed to query with labels: no list here'],
    ] as const;
    for (const [promise, message] of errors)
      await expect(promise).rejects.toMatchObject({ code: 'api-error', message });
  });

  test('a namespace that is not there is no missing release', async () => {
    const client = new ObjectClient();
    client.fault = () => failure(404, 'NotFound', 'namespaces "a" not found');
    await expect(
      createSecretDriver({ client, clock, namespace: 'a', logger }).create(KEY, sampleRelease()),
    ).rejects.toMatchObject({
      code: 'api-error',
      message: 'create: failed to create: namespaces "a" not found',
      hint: expect.stringContaining('--create-namespace') as string,
    });
  });

  describe('a record that does not fit into one object', () => {
    const noise = (length: number): string =>
      Array.from({ length }, (_, i) => (Math.imul(i, 0x9e3779b1) >>> 0).toString(36)).join('');
    const large = (length: number): Release => {
      const { chart } = sampleRelease();
      return sampleRelease({ chart: { ...chart, files: [{ name: 'big.bin', data: noise(length) }] } });
    };
    const open = (client: ObjectClient, change: Partial<KubeDriverOptions> = {}) =>
      createSecretDriver({ client, clock, namespace: 'default', logger, ...change });

    test('is kept in parts and read whole', async () => {
      const client = new ObjectClient();
      const release = large(400_000);
      await open(client).create(KEY, release);
      expect(client.objects.size).toBeGreaterThan(2);
      expect((await open(client).get(KEY)).chart.files).toEqual(release.chart.files);
      expect(await open(client).list()).toHaveLength(1);
    });

    test('leaves no part behind when it is changed or deleted', async () => {
      const client = new ObjectClient();
      const driver = open(client);
      await driver.create(KEY, large(400_000));
      const count = client.objects.size;
      await driver.update(KEY, large(400_001));
      expect(client.objects.size).toBe(count);
      await driver.update(KEY, sampleRelease());
      expect(client.objects.size).toBe(1);
      await driver.update(KEY, large(400_000));
      await open(client).delete(KEY);
      expect(client.objects.size).toBe(0);
    });

    test('is corrupt when a part is missing', async () => {
      const client = new ObjectClient();
      await open(client).create(KEY, large(400_000));
      const part = [...client.objects.keys()].find((key) => key.endsWith('.1'));
      client.objects.delete(part ?? '');
      await expect(open(client).get(KEY)).rejects.toMatchObject({
        code: 'release-corrupt',
        message: expect.stringMatching(/part 1 of \d is missing/) as unknown,
      });
    });

    test('is refused when the cluster takes less, with the files that make it so', async () => {
      const client = new ObjectClient();
      client.fault = () => failure(422, 'Invalid', 'data: Too long: may not be more than 1048576 bytes');
      await expect(open(client).create(KEY, large(1000))).rejects.toMatchObject({
        code: 'release-too-large',
        hint: expect.stringContaining('big.bin') as unknown,
      });
    });
  });

  describe('an encrypted record', () => {
    const cipher = recordCipher(Buffer.from('ab'.repeat(32)));
    const open = (client: ObjectClient, key?: RecordCipher) =>
      createConfigMapDriver({ client, clock, namespace: 'default', logger, cipher: key });

    test('shows nothing of the release', async () => {
      const client = new ObjectClient();
      await open(client, cipher).create(KEY, sampleRelease());
      expect((await open(client, cipher).get(KEY)).name).toBe(sampleRelease().name);
      const text = (client.objects.values().next().value as { data?: { release?: string } }).data?.release ?? '';
      expect(text).toMatch(/^pintle-aes256gcm:[0-9a-f]{12}:/);
      expect(text).not.toContain('H4sI');
    });

    test('is not read without its key, or with another', async () => {
      const client = new ObjectClient();
      await open(client, cipher).create(KEY, sampleRelease());
      await expect(open(client).get(KEY)).rejects.toMatchObject({
        code: 'release-corrupt',
        message: expect.stringMatching(/is encrypted/) as unknown,
      });
      const other = recordCipher(Buffer.alloc(32, 1));
      await expect(open(client, other).get(KEY)).rejects.toMatchObject({
        message: expect.stringMatching(/encrypted with key/) as unknown,
      });
      expect(() => recordCipher(Buffer.from('short'))).toThrow('no key of 32 bytes');
    });

    test('one in clear is read with a key too', async () => {
      const client = new ObjectClient();
      await open(client).create(KEY, sampleRelease());
      expect((await open(client, cipher).get(KEY)).name).toBe(sampleRelease().name);
    });

    test('that was changed is told', () => {
      const sealed = cipher.seal(Buffer.from('text').toString('base64'));
      const changed = `${sealed.slice(0, -6)}${sealed.at(-6) === 'A' ? 'B' : 'A'}${sealed.slice(-5)}`;
      expect(() => cipher.open(changed)).toThrow('its seal is broken');
    });
  });

  test('a label that selects nothing valid is refused', async () => {
    const driver = createSecretDriver({ client: new ObjectClient(), clock, namespace: 'default', logger });
    await expect(driver.query({ name: 'a,b' })).rejects.toMatchObject({
      message: expect.stringMatching(/^invalid label value: "a,b": /) as unknown,
    });
  });
});

describe('chooseDriver', () => {
  const request = (client: ObjectClient, change: Partial<DriverRequest> = {}): DriverRequest => ({
    client,
    clock,
    namespace: 'default',
    name: 'web',
    default: 'configmap',
    logger,
    ...change,
  });

  test.each([
    ['secret', 'Secret'],
    ['secrets', 'Secret'],
    ['configmap', 'ConfigMap'],
    ['configmaps', 'ConfigMap'],
    ['memory', 'Memory'],
    ['', 'ConfigMap'],
    [undefined, 'ConfigMap'],
  ])('HELM_DRIVER=%s is %s', async (requested, name) => {
    expect((await chooseDriver(request(new ObjectClient(), { requested }))).name).toBe(name);
  });

  test.each([
    ['sql', 'the sql driver needs to know its database'],
    ['etcd', 'unknown driver "etcd"'],
    ['constructor', 'unknown driver "constructor"'],
  ])('HELM_DRIVER=%s is refused', async (requested, message) => {
    await expect(chooseDriver(request(new ObjectClient(), { requested }))).rejects.toMatchObject({
      code: 'usage',
      message,
    });
  });

  test('a release stays with the driver that has it', async () => {
    const client = new ObjectClient();
    await createSecretDriver({ client, clock, namespace: 'default', logger }).create(KEY, sampleRelease());
    expect((await chooseDriver(request(client))).name).toBe('Secret');
    expect((await chooseDriver(request(client, { name: 'other' }))).name).toBe('ConfigMap');
    expect((await chooseDriver(request(client, { requested: 'configmap' }))).name).toBe('ConfigMap');
  });

  test('who may not read the other kind of objects is not stopped by it', async () => {
    const client = new ObjectClient();
    client.fault = (_, type) => (type.resource === 'secrets' ? failure(403, 'Forbidden', 'no') : undefined);
    const driver = await chooseDriver(request(client));
    await driver.create(KEY, sampleRelease());
    const both = await chooseDriver(request(client, { name: undefined }));
    expect(await both.list()).toHaveLength(1);
  });

  test('without a name, releases of both drivers are there, and each stays where it is', async () => {
    const client = new ObjectClient();
    const options = { client, clock, namespace: 'default', logger };
    await createSecretDriver(options).create(KEY, sampleRelease());
    await createConfigMapDriver(options).create(releaseKey('db', 1), sampleRelease({ name: 'db' }));
    const driver = await chooseDriver(request(client, { name: undefined }));
    expect((await driver.list()).map((each) => each.name).sort()).toEqual(['db', 'web']);
    expect(await driver.query({ name: 'web' })).toHaveLength(1);
    await driver.update(KEY, sampleRelease({ status: 'superseded' }));
    await driver.create(releaseKey('web', 2), sampleRelease({ version: 2 }));
    await driver.create(releaseKey('new', 1), sampleRelease({ name: 'new' }));
    expect([...client.objects.keys()].sort()).toEqual([
      'configmaps/default/sh.helm.release.v1.db.v1',
      'configmaps/default/sh.helm.release.v1.new.v1',
      'secrets/default/sh.helm.release.v1.web.v1',
      'secrets/default/sh.helm.release.v1.web.v2',
    ]);
    await driver.delete(KEY);
    await expect(driver.get(KEY)).rejects.toMatchObject({ code: 'release-not-found' });
  });

  test('memory lasts as long as its cluster', async () => {
    const client = new ObjectClient();
    const memory = request(client, { requested: 'memory' });
    await (await chooseDriver(memory)).create(KEY, sampleRelease());
    expect(await (await chooseDriver(memory)).list()).toHaveLength(1);
    expect(await (await chooseDriver({ ...memory, client: new ObjectClient() })).list()).toEqual([]);
  });
});
