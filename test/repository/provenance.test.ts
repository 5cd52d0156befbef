import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateKey } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveFolder, type TwoClients, twoClients } from './two-clients.ts';

let clients: TwoClients;
const inWork = (...path: readonly string[]): string => join(clients.folder, 'work', ...path);

beforeAll(async () => {
  clients = await twoClients();
  const keys = await Promise.all(
    [
      { name: 'Anna Schmid', email: 'anna@example.com' },
      { name: 'Bert', email: 'bert@example.com' },
    ].map((user, i) =>
      generateKey({
        type: 'rsa',
        rsaBits: 2048,
        userIDs: [user],
        format: 'object',
        ...(i === 1 ? { passphrase: 'open sesame' } : {}),
      }),
    ),
  );
  writeFileSync(inWork('secret.gpg'), Buffer.concat(keys.map(({ privateKey }) => privateKey.write())));
  writeFileSync(inWork('public.gpg'), Buffer.concat(keys.map(({ publicKey }) => publicKey.write())));
  writeFileSync(inWork('bert.gpg'), keys[1]?.publicKey.write() ?? '');
  writeFileSync(inWork('armoured.asc'), keys[0]?.publicKey.armor() ?? '');
  writeFileSync(inWork('passphrase'), 'open sesame\n');
  await clients.helm(['create', inWork('demo')]);
});
afterAll(() => clients.close());

/** Signs the chart with one program, into a folder in `work`. */
async function sign(by: 'helm' | 'pintle', key: string, ...flags: readonly string[]): Promise<string> {
  mkdirSync(inWork(by), { recursive: true });
  const args = ['package', inWork('demo'), '--sign', '--key', key, '--keyring', inWork('secret.gpg'), '-d', inWork(by)];
  const { code, err } = await clients[by]([...args, ...flags]);
  expect(code, err).toBe(0);
  return `${by}/demo-0.1.0.tgz`;
}

async function same(...args: readonly string[]): Promise<string> {
  const { helm, pintle } = await clients.both(args);
  expect({ ...pintle, err: pintle.err.replaceAll(/^ {2}Hint: .*\n/gm, '') }, args.join(' ')).toEqual(helm);
  return pintle.out + pintle.err;
}

describe('provenance files', () => {
  it.each(['helm', 'pintle'] as const)('of %s are taken by both', async (by) => {
    expect(await same('verify', await sign(by, 'Anna'), '--keyring', 'public.gpg')).toMatch(
      /^Signed by: Anna Schmid <anna@example.com>\nUsing Key With Fingerprint: [0-9A-F]{40}\nChart Hash Verified: sha256:[0-9a-f]{64}\n$/,
    );
    const archive = await sign(by, 'bert@', '--passphrase-file', inWork('passphrase'));
    expect(await same('verify', archive, '--keyring', 'public.gpg')).toContain('Signed by: Bert <bert@example.com>');
    await same('template', 'x', archive, '--verify', '--keyring', 'public.gpg');
    expect((await clients.both(['verify', archive, '--keyring', 'armoured.asc'])).pintle.code).toBe(1);
  });

  it('hold what helm signs: the metadata and the sum of the archive', async () => {
    const archive = await sign('helm', 'Anna');
    const text = (path: string): string =>
      readFileSync(inWork(`${path}.prov`), 'utf8').split('-----BEGIN PGP SIG')[0] ?? '';
    const theirs = text(archive);
    const ours = text(await sign('pintle', 'Anna'));
    const withoutSum = (each: string): string => each.replace(/sha256:\w+/, 'sum');
    expect(withoutSum(ours)).toBe(withoutSum(theirs));
  });

  it('must fit the archive and the key', async () => {
    const archive = await sign('pintle', 'Anna');
    await same('verify', archive, '--keyring', 'bert.gpg');
    writeFileSync(inWork('other.tgz'), readFileSync(inWork(archive)));
    writeFileSync(inWork('other.tgz.prov'), readFileSync(inWork(`${archive}.prov`)));
    await same('verify', 'other.tgz', '--keyring', 'public.gpg');
    await same('verify', 'demo', '--keyring', 'public.gpg');
    await same('verify', 'none.tgz', '--keyring', 'public.gpg');
    await same('verify', 'secret.gpg', '--keyring', 'public.gpg');
    writeFileSync(inWork('unsigned.tgz'), readFileSync(inWork(archive)));
    await same('verify', 'unsigned.tgz', '--keyring', 'public.gpg');
    mkdirSync(inWork('changed'), { recursive: true });
    const changed = readFileSync(inWork(`${archive}.prov`), 'utf8');
    writeFileSync(inWork('changed', 'demo-0.1.0.tgz'), 'something else');
    writeFileSync(inWork('changed', 'demo-0.1.0.tgz.prov'), changed);
    await same('verify', 'changed/demo-0.1.0.tgz', '--keyring', 'public.gpg');
    writeFileSync(inWork('changed', 'demo-0.1.0.tgz'), readFileSync(inWork(archive)));
    writeFileSync(inWork('changed', 'demo-0.1.0.tgz.prov'), changed.replace('name: demo', 'name: demx'));
    const { pintle } = await clients.both(['verify', 'changed/demo-0.1.0.tgz', '--keyring', 'public.gpg']);
    expect(pintle).toMatchObject({ code: 1, err: expect.stringContaining('openpgp: invalid signature') });
    writeFileSync(inWork('changed', 'demo-0.1.0.tgz.prov'), 'nothing');
    await same('verify', 'changed/demo-0.1.0.tgz', '--keyring', 'public.gpg');
  });

  it('are kept when they have been checked, and fetched again when what is kept is no good', async () => {
    await sign('pintle', 'Anna');
    const served = inWork('pintle');
    const provenance = join(served, 'demo-0.1.0.tgz.prov');
    const good = readFileSync(provenance);
    const { server, url } = await serveFolder(served);
    const verify = async (): Promise<string> => {
      const args = ['template', 'x', `${url}/demo-0.1.0.tgz`, '--verify', '--keyring', inWork('public.gpg')];
      const { code, err } = await clients.pintle(args);
      return code === 0 ? 'good' : err;
    };
    const content = clients.ofPintle('helm-cache', 'content');
    const kept = (ending: string): string[] =>
      readdirSync(content, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith(ending));
    try {
      writeFileSync(provenance, 'nothing');
      expect(await verify()).toContain('signature block not found');
      expect(kept('.prov')).toEqual([]);
      writeFileSync(provenance, good);
      expect(await verify()).toBe('good');
      const [path = '', ...others] = kept('.prov');
      expect(others).toEqual([]);
      // What is kept is good without the server's.
      writeFileSync(provenance, 'nothing');
      expect(await verify()).toBe('good');
      writeFileSync(join(content, path), 'damaged');
      expect(await verify()).toContain('signature block not found');
      writeFileSync(provenance, good);
      writeFileSync(join(content, path.replace(/prov$/, 'chart')), 'damaged');
      expect(await verify()).toBe('good');
      expect(readFileSync(join(content, path))).toEqual(good);
    } finally {
      server.close();
    }
  });

  it.each([
    ['no key is named', []],
    ['no key has the name', ['--key', 'nobody']],
    ['several keys have it', ['--key', 'example.com']],
    ['there are public keys alone', ['--key', 'Anna', '--keyring', 'public.gpg']],
  ])('are not written when %s', async (_, flags) => {
    const args = ['package', 'demo', '--sign', '-d', 'out', '--keyring', 'secret.gpg', ...flags];
    const { helm, pintle } = await clients.both(args);
    expect({ ...pintle, err: pintle.err.replaceAll(/^ {2}Hint: .*\n/gm, '') }).toEqual(helm);
  });

  it('need the passphrase of the key', async () => {
    const args = ['package', 'demo', '--sign', '-d', 'out', '--keyring', 'secret.gpg', '--key', 'Bert'];
    const { pintle } = await clients.both(args);
    expect(pintle).toMatchObject({ code: 1, err: expect.stringContaining('--passphrase-file') });
    writeFileSync(inWork('wrong'), 'close\n');
    expect((await clients.both([...args, '--passphrase-file', 'wrong'])).pintle.code).toBe(1);
    expect((await clients.pintle([...args, '--passphrase-file', '-'], 'open sesame\n')).code).toBe(0);
  });
});
