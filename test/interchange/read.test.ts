import { afterAll, beforeAll } from 'vitest';
import { type Case, compareAll } from './compare.ts';
import { openPair, type Pair, type Runner } from './pair.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await openPair();
  await pair.namespace('many');
  await pair.namespace('few');
  const prepare = async (run: Runner): Promise<void> => {
    for (const line of MANY) await run(line, { namespace: 'many' });
    await run('install lonely plain', { namespace: 'few' });
  };
  await Promise.all([prepare(pair.helm), prepare(pair.pintle)]);
});
afterAll(() => pair.close());

/** Releases in every state that a command can leave them in. */
const MANY = [
  'install web app --set greeting=one,extra.b=2 --wait --labels team=shop,tier=front',
  'upgrade web app --set greeting=two,replicas=2 --wait --description "the second one"',
  'upgrade web plain --set data=x',
  'install jobs hooks',
  'install bad invalid --labels team=shop',
  'install gone plain',
  'uninstall gone --keep-history',
  'install ünknown plain',
  'upgrade --install db plain --labels team=data --server-side=false',
  'install ship fleet --wait',
  'test jobs --timeout 60s',
];

function among(runs: readonly string[]): Case[] {
  return runs.map((run) => ({ run, namespace: 'many', anyOrder: /^status(?!.* -o)|-d |--date/.test(run) }));
}

const LIST = among([
  'list',
  'ls',
  'list -A',
  'list --all-namespaces -q',
  'list -q',
  'list --short -o json',
  'list --short -o yaml',
  'list -o json',
  'list -o yaml',
  'list --output table',
  'list -o xml',
  'list --no-headers',
  'list -d -q',
  'list --date --reverse -q',
  'list -r',
  'list --uninstalled',
  'list --superseded',
  'list --superseded -o json',
  'list --uninstalling',
  'list --deployed',
  'list --failed',
  'list --failed --uninstalled -q',
  'list --pending',
  'list --pending -o yaml',
  'list -m 2',
  'list --max 2 --offset 1',
  'list --offset 99',
  'list -m x',
  'list -f w.b',
  'list --filter ^d',
  'list --filter (',
  'list -l team=shop',
  'list --selector team!=shop',
  'list --selector team in (',
  'list --time-format 2006',
  'list extra',
]);

const HISTORY = among([
  'history web',
  'hist web',
  'history web --max 1',
  'history web --max 0',
  'history web -o json',
  'history web -o yaml --max 2',
  'history web -o xml',
  'history bad',
  'history gone -o json',
  'history none',
  'history',
  'history web jobs',
]);

const STATUS = among([
  'status web',
  'status web --revision 1',
  'status web --revision 2 -o json',
  'status web --revision 9',
  'status web --revision x',
  'status gone',
  'status gone -o yaml',
  'status bad',
  'status bad -o json',
  'status jobs',
  'status db -o yaml',
  'status none',
  'status',
]);

const GET = among([
  'get all web',
  'get all web --revision 1',
  'get all web --template {{.Release.Name}}-{{.Release.Version}}',
  "get all web --template '{{.Release.Chart.Metadata.Name}} {{.Release.Info.Status}} {{.Release.Info.Notes}}'",
  'get all web --template {{.Nothing',
  'get all jobs',
  'get all bad',
  'get all none',
  'get hooks jobs',
  'get hooks web --revision 1',
  'get hooks db',
  'get hooks none',
  'get manifest web',
  'get manifest web --revision 1',
  'get manifest web --revision 44',
  'get manifest none',
  'get metadata web',
  'get metadata web --revision 1',
  'get metadata web --revision 1 -o json',
  'get metadata web --revision 2 -o yaml',
  'get metadata db',
  'get metadata db -o json',
  'get metadata gone -o yaml',
  'get metadata none',
  'get notes web --revision 1',
  'get notes web --revision 2',
  'get notes db',
  'get notes none',
  'get values web',
  'get values web --revision 1',
  'get values web --revision 1 -a',
  'get values web --revision 1 --all -o json',
  'get values web --revision 1 -o yaml',
  'get values web -o json',
  'get values db',
  'get values db -o json',
  'get values db --all -o yaml',
  'get values none',
  'get values',
  'get values web --revision x',
]);

compareAll('list', () => pair, LIST);
compareAll('history', () => pair, HISTORY);
compareAll('status', () => pair, STATUS);
compareAll('get', () => pair, GET);
