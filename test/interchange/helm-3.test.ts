import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Case, compare } from './compare.ts';
import { plantHelm3 } from './helm-3.ts';
import { openPair, type Pair, runHelm } from './pair.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await openPair();
});
afterAll(() => pair.close());

const READ = ['status NAME', 'history NAME', 'get all NAME', 'get metadata NAME -o json', 'list -o json'];

/** Releases that helm 3.17.2 has left, by name, and what is done with each; every line begins anew. */
const LINES: Readonly<Record<string, readonly (string | Omit<Case, 'namespace'>)[]>> = {
  // Two revisions, the second with a label and a description.
  deployed: [
    ...READ,
    'get values NAME --all --revision 1',
    'upgrade NAME plain --set data=three',
    'upgrade NAME plain --reuse-values',
    'upgrade NAME plain --server-side=true --set data=three',
    'upgrade NAME app --rollback-on-failure --timeout 60s',
    'rollback NAME',
    'rollback NAME 1 --server-side=true',
    'uninstall NAME',
    'uninstall NAME --keep-history',
    'test NAME',
  ],
  failed: ['status NAME', 'upgrade NAME plain', 'install NAME plain --replace', 'rollback NAME', 'uninstall NAME'],
  upfailed: ['list', 'upgrade NAME plain --set data=three', 'rollback NAME', 'rollback NAME 1', 'uninstall NAME'],
  gone: [
    'status NAME',
    'list --uninstalled',
    'rollback NAME 1',
    'install NAME plain --replace',
    'install NAME plain',
    'upgrade NAME plain',
    'uninstall NAME',
  ],
  rolled: ['history NAME -o yaml', 'upgrade NAME plain --set data=three', 'rollback NAME 2'],
  pinstall: [
    'list --pending',
    'upgrade NAME plain',
    'rollback NAME',
    { run: 'install NAME plain', ownWords: 'a name is in use by an operation' },
    'uninstall NAME --no-hooks',
  ],
  pupgrade: ['status NAME', 'upgrade NAME plain', 'rollback NAME', 'rollback NAME 1', 'uninstall NAME'],
  prollback: ['history NAME', 'upgrade NAME plain', 'rollback NAME 2', 'rollback NAME 1 --no-hooks', 'uninstall NAME'],
  puninstall: ['list --uninstalling', 'status NAME', 'upgrade NAME plain', 'uninstall NAME --no-hooks'],
  inmap: ['list', 'upgrade NAME plain --set data=three', 'rollback NAME 1', 'uninstall NAME --keep-history'],
};

const CASES = Object.entries(LINES).flatMap(([release, lines]) =>
  lines.map((line, i) => {
    const each = typeof line === 'string' ? { run: line } : line;
    return { ...each, release, run: each.run.replace('NAME', release), namespace: `helm-3-${release}-${i}` };
  }),
);

describe.concurrent('operations that helm 3 has left unfinished', () => {
  it.each([
    ['pinstall', 'rollback', 'install pinstall plain'],
    ['pinstall', 'resume', 'upgrade --install pinstall plain'],
    ['pupgrade', 'rollback', 'upgrade pupgrade plain --set data=three'],
    ['pupgrade', 'resume', 'upgrade pupgrade plain --set data=three'],
    ['prollback', 'resume', 'upgrade prollback plain --set data=three'],
  ])('%s are recovered by --on-interrupted=%s: %s', async (release, policy, line) => {
    const namespace = `helm-3-${release}-${line.split(' ')[0] ?? ''}-${policy}`;
    await pair.namespace(namespace);
    await plantHelm3(pair.ours.embedded, release, namespace);
    const run = await pair.pintle(`${line} --on-interrupted=${policy} --timeout 60s`, { namespace });
    expect(run).toMatchObject({ code: 0 });
    // Helm goes on from there.
    const next = await runHelm(pair.ours, `upgrade ${release} plain --set data=four`, { namespace });
    expect(next).toMatchObject({ code: 0 });
  });
});

describe.concurrent('releases that helm 3 has left', () => {
  it.each(CASES.map((each) => [each.release, each.run, each] as const))('%s: %s', async (_, __, each) => {
    await pair.namespace(each.namespace);
    await Promise.all(
      [pair.theirs, pair.ours].map(({ embedded }) => plantHelm3(embedded, each.release, each.namespace)),
    );
    const env = each.release === 'inmap' ? { env: { HELM_DRIVER: 'configmap' } } : {};
    await compare(pair, { ...each, ...env });
    expect.hasAssertions();
  });
});
