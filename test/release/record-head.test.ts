import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/base/logger.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { decodeSummary, encodeRelease } from '../../src/release/codec.ts';
import { createConfigMapDriver } from '../../src/release/configmap-driver.ts';
import { HEAD_CHARACTERS, readRecordHead, type RecordEnds } from '../../src/release/record-head.ts';
import { releaseKey } from '../../src/release/release-key.ts';
import type { Release } from '../../src/release/release.ts';
import { createSecretDriver } from '../../src/release/secret-driver.ts';
import { ObjectClient } from './object-client.ts';
import { sampleRelease } from './sample-release.ts';

/** Does not become smaller by packing. */
const noise = createHash('shake256', { outputLength: 9000 }).update('noise').digest('base64');
const large = (change: Parameters<typeof sampleRelease>[0] = {}): Release => ({
  ...sampleRelease(change),
  manifest: `---\n# ${noise}\n`,
});
const ends = (text: string): RecordEnds => ({
  start: text.slice(0, HEAD_CHARACTERS),
  end: text.slice(-12),
  length: text.length,
});
const packed = (json: string): string => gzipSync(json).toString('base64');

describe('the head of a record', () => {
  test.each([
    ['as it is usual', {}],
    ['with quotes and brackets in texts', { notes: 'say "{[" or \\" or \\\\', description: '}}]]' }],
    ['beyond ASCII', { notes: 'Größe: ✓ 🚢' }],
  ])('holds what lists show: %s', (_, info) => {
    const release = large({ info: { ...sampleRelease().info, ...info } });
    const text = encodeRelease(release);
    const whole = decodeSummary(text);
    const head = readRecordHead(ends(text));
    expect(head).toEqual({
      name: 'web',
      info: whole.info,
      chart: { metadata: whole.chart.metadata },
    });
  });

  const text = encodeRelease(large());
  test.each<[string, string]>([
    ['a record that is cut off', text.slice(0, 4000)],
    ['a record whose end is missing', `${text.slice(0, -16)}AAAAAAAAAAAAAAAA`],
    ['something that is not gzipped', Buffer.from(JSON.stringify(large())).toString('base64')],
    ['another order of fields', packed(JSON.stringify({ manifest: noise, name: 'web', chart: large().chart }))],
    ['a list', packed(`[${JSON.stringify(noise)}]`)],
    [
      'metadata that goes on behind the head',
      encodeRelease(
        large({ chart: { ...large().chart, metadata: { ...large().chart.metadata, description: noise } } }),
      ),
    ],
    ['no JSON at all', packed(noise)],
    ['noise behind a head', `H4sI${noise}`],
  ])('is not read from %s', (_, broken) => {
    expect(readRecordHead(ends(broken))).toBeUndefined();
  });
});

const clock = new VirtualClock({ start: 0 });
describe.each([
  ['configmap', createConfigMapDriver, RESOURCES.configMaps],
  ['secret', createSecretDriver, RESOURCES.secrets],
] as const)('lists from the driver %s', (_, create, type) => {
  const world = async () => {
    const client = new ObjectClient();
    const lines: string[] = [];
    const logger = {
      ...silentLogger,
      log: (level: string, message: string) => void lines.push(`${level}: ${message}`),
    };
    const driver = create({ client, clock, namespace: 'default', logger });
    for (const version of [1, 2, 3]) await driver.create(releaseKey('web', version), large({ version }));
    return { client, driver, lines };
  };
  const summaries = async (driver: ReturnType<typeof create>): Promise<string[]> => {
    const out: string[] = [];
    for (const header of await driver.headers({ newest: false, ahead: false })) {
      try {
        out.push(`${(await header.summary()).version}`);
      } catch (error) {
        header.leaveOut(error as Error);
      }
    }
    return out;
  };

  test('show what the records hold', async () => {
    expect(await summaries((await world()).driver)).toEqual(['1', '2', '3']);
  });

  test('leave out what is cut off, and copies under another name', async () => {
    const { client, driver, lines } = await world();
    const at = (version: number): string => `${type.resource}/default/${releaseKey('web', version)}`;
    const one = client.objects.get(at(1)) as unknown as { data: { release: string }; metadata: object };
    client.put(type, { ...one, data: { release: one.data.release.slice(0, 6000) } });
    client.put(type, { ...one, metadata: { ...one.metadata, name: releaseKey('web', 9) } });
    expect(await summaries(driver)).toEqual(['2', '3']);
    expect(lines).toEqual([
      expect.stringContaining(`${releaseKey('web', 1)}: unexpected end of file; it is left out`),
      expect.stringContaining(`${releaseKey('web', 9)}: it holds revision 1 of "web"; it is left out`),
    ]);
  });
});
