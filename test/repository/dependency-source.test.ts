import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChartDependency } from '../../src/chart/chart.ts';
import { RepositoryDependencies } from '../../src/repository/dependency-source.ts';
import { fetchChart } from '../../src/repository/fetch-chart.ts';
import { NO_REPOSITORIES, repositoryEntry, writeRepositories } from '../../src/repository/repositories-file.ts';
import { digestOf, sha256 } from '../../src/repository/sha256.ts';
import type { RepositoryContext } from '../../src/repository/places.ts';
import { fakeNetwork, type FakeNetwork } from './fake-network.ts';

const NAMES = ['one', 'two', 'three'];
const archiveOf = (name: string): string => `the archive of ${name}`;

let fake: FakeNetwork;
let context: RepositoryContext;
/** Digests that the index tells wrongly. */
let wrong: string | undefined;

beforeEach(() => {
  fake = fakeNetwork();
  wrong = undefined;
  context = fake.context(({ url }) => {
    if (url.endsWith('index.yaml')) return { body: indexOf(new URL(url).host) };
    const name = /(\w+)-1\.0\.0\.tgz$/.exec(url)?.[1];
    return name === undefined ? { status: 404 } : { body: archiveOf(name) };
  });
  const entries = [repositoryEntry('far', 'http://far.org'), repositoryEntry('near', 'http://near.org')];
  writeRepositories(context.paths.config, { ...NO_REPOSITORIES, repositories: entries });
});
afterEach(() => fake.close());

/** An index with an entry that is no chart, of which every reading tells. */
function indexOf(host: string): string {
  const entries = Object.fromEntries(
    NAMES.map((name) => [
      name,
      [
        {
          name,
          version: '1.0.0',
          apiVersion: 'v2',
          urls: [`http://${host}/${name}-1.0.0.tgz`],
          digest: sha256(name === wrong ? '' : archiveOf(name)),
        },
      ],
    ]),
  );
  return JSON.stringify({ apiVersion: 'v1', entries: { ...entries, odd: [{ version: '1.0.0' }] } });
}

const dependency = (name: string): ChartDependency => ({ name, version: '1.x', repository: 'http://near.org' });
const readings = (host: string): number => fake.notes.filter((line) => line.includes(host)).length;

async function bring(source: RepositoryDependencies): Promise<string[]> {
  const out: string[] = [];
  for (const name of NAMES) {
    const version = await source.resolve(dependency(name));
    const { archive } = await source.fetch({ ...dependency(name), version: version ?? '' });
    out.push(Buffer.from(archive).toString());
  }
  return out;
}

describe('dependencies in repositories', () => {
  it('need each index read once, and no other than theirs', async () => {
    const source = new RepositoryDependencies(context, { access: {}, report: () => {} });
    await source.prepare(NAMES.map(dependency), 'update');
    expect([readings('near.org'), readings('far.org')]).toEqual([1, 1]);
    expect(await bring(source)).toEqual(NAMES.map(archiveOf));
    expect(fake.notes.length).toBe(2);
    const again = new RepositoryDependencies(context, { access: {}, skipRefresh: true, report: () => {} });
    await again.prepare(NAMES.map(dependency), 'update');
    expect(await bring(again)).toEqual(NAMES.map(archiveOf));
    expect(fake.notes.length).toBe(3);
  });

  it('are what the index says', async () => {
    [, wrong] = NAMES;
    const source = new RepositoryDependencies(context, { access: {}, report: () => {} });
    await source.prepare(NAMES.map(dependency), 'update');
    await expect(bring(source)).rejects.toMatchObject({
      code: 'verification-failed',
      message: expect.stringContaining('http://near.org/two-1.0.0.tgz: the archive does not have the digest') as string,
    });
  });

  it('send the login of their repository', async () => {
    const entry = repositoryEntry('near', 'http://near.org', { username: 'anna', password: 'secret' });
    writeRepositories(context.paths.config, { ...NO_REPOSITORIES, repositories: [entry] });
    const source = new RepositoryDependencies(context, { access: {}, report: () => {} });
    await source.prepare(NAMES.map(dependency), 'update');
    await bring(source);
    expect(fake.sent.length).toBe(4);
    expect(new Set(fake.sent.map(({ headers }) => headers?.['authorization']))).toEqual(
      new Set([`Basic ${Buffer.from('anna:secret').toString('base64')}`]),
    );
  });
});

describe('an archive that is known by its address', () => {
  it('is looked for in indexes that name its host alone', async () => {
    const source = new RepositoryDependencies(context, { access: {}, report: () => {} });
    await source.prepare([], 'update');
    fake.notes.length = 0;
    await fetchChart(context, { reference: 'http://near.org/one-1.0.0.tgz', version: '', access: {} });
    expect([fake.notes.length, fake.notes[0]?.includes(join(context.paths.cache, 'near-index.yaml'))]).toEqual([
      1,
      true,
    ]);
    writeFileSync(join(context.paths.cache, 'far-index.yaml'), 'no: [index');
    await fetchChart(context, { reference: 'http://near.org/one-1.0.0.tgz', version: '', access: {} });
  });
});

describe('an index that leads to a registry', () => {
  it('is followed to the version that it names, without the login of the repository', async () => {
    const archive = Buffer.from(archiveOf('web'));
    const layer = {
      mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
      digest: digestOf(archive),
      size: 1,
    };
    const config = { mediaType: 'application/vnd.cncf.helm.config.v1+json', digest: digestOf('{}'), size: 2 };
    const version = { name: 'web', version: '1.0.0', apiVersion: 'v2', urls: ['oci://r.org/charts/web:1.0.0'] };
    const answers: Readonly<Record<string, string | Uint8Array>> = {
      'http://near.org/index.yaml': JSON.stringify({ apiVersion: 'v1', entries: { web: [version] } }),
      'https://r.org/v2/charts/web/manifests/1.0.0': JSON.stringify({ config, layers: [layer] }),
      [`https://r.org/v2/charts/web/blobs/${layer.digest}`]: archive,
    };
    context = fake.context(({ url }) => {
      const body = answers[url];
      return body === undefined ? { status: 404 } : { body };
    });
    const entry = repositoryEntry('near', 'http://near.org', { username: 'anna', password: 'secret' });
    writeRepositories(context.paths.config, { ...NO_REPOSITORIES, repositories: [entry] });
    const source = new RepositoryDependencies(context, { access: {}, report: () => {} });
    const wanted = { ...dependency('web'), version: '1.0.0' };
    await source.prepare([wanted], 'update');
    fake.sent.length = 0;
    const { archive: brought } = await source.fetch(wanted);
    const fetched = await fetchChart(context, { reference: 'near/web', version: '1.x', access: {} });
    expect([fetched.name, brought, fetched.archive]).toEqual(['web-1.0.0.tgz', archive, archive]);
    expect(fake.sent.map(({ headers }) => headers?.['authorization'])).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
