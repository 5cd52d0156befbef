import { afterAll, beforeAll } from 'vitest';
import { type Case, compareAll } from './compare.ts';
import { openPair, type Pair } from './pair.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await openPair();
});
afterAll(() => pair.close());

const TWO = ['install web app --set optional=true', 'upgrade web app --set replicas=2,greeting=two'];

function after(before: readonly string[], runs: readonly string[]): Case[] {
  return runs.map((run) => ({ before, run }));
}

const ROLLBACK: readonly Case[] = [
  ...after(TWO, [
    'rollback web',
    'rollback web 0',
    'rollback web 1',
    'rollback web 2',
    'rollback web 7',
    'rollback web -- -1',
    'rollback web one',
    'rollback web 1 --wait --timeout 60s',
    'rollback web 1 --wait=legacy --timeout 60s',
    'rollback web 1 --wait-for-jobs --wait --timeout 60s',
    'rollback web 1 --dry-run',
    'rollback web 1 --dry-run=client',
    'rollback web 1 --dry-run=server',
    'rollback web 1 --no-hooks',
    'rollback web 1 --cleanup-on-fail',
    'rollback web 1 --force-replace --server-side=false',
    'rollback web 1 --force --server-side=false',
    'rollback web 1 --force-conflicts',
    'rollback web 1 --force-replace --force-conflicts',
    'rollback web 1 --server-side=true',
    'rollback web 1 --server-side=false',
    'rollback web 1 --server-side=auto',
    'rollback web 1 --server-side=maybe',
    'rollback web 1 --history-max 1',
    'rollback web 1 --timeout x',
  ]),
  { before: TWO, run: 'rollback web 1 --force-replace', differs: 'replacing works whoever applied before' },
  { run: 'rollback' },
  { run: 'rollback web --kube-context none' },
  { run: 'rollback web' },
  { run: 'rollback Web' },
  { before: ['install web plain'], run: 'rollback web' },
  { before: ['install web plain'], run: 'rollback web 1' },
  { before: ['install web hooks', 'upgrade web hooks --set x=2'], run: 'rollback web 1 --timeout 30s' },
  { before: ['install web plain', 'upgrade web invalid'], run: 'rollback web' },
  { before: ['install web invalid', 'upgrade web plain'], run: 'rollback web 1' },
  { before: ['install web plain', 'uninstall web --keep-history'], run: 'rollback web 1' },
  { before: ['install web fixed', 'upgrade web plain'], run: 'rollback web 1 --wait --wait-for-jobs --timeout 60s' },
];

const UNINSTALL: readonly Case[] = [
  ...after(
    ['install web app'],
    [
      'uninstall web',
      'delete web',
      'del web',
      'un web',
      'uninstall web --keep-history',
      'uninstall web --keep-history --description gone',
      'uninstall web --dry-run',
      'uninstall web --dry-run=false',
      'uninstall web --dry-run=maybe',
      'uninstall web --no-hooks',
      'uninstall web --wait --timeout 60s',
      'uninstall web --wait=legacy --timeout 60s',
      'uninstall web --wait=hookOnly',
      'uninstall web --cascade foreground',
      'uninstall web --cascade=orphan',
      'uninstall web --cascade nowhere',
      'uninstall web --ignore-not-found',
      'uninstall web other',
      'uninstall web --timeout x',
    ],
  ),
  { run: 'uninstall' },
  { run: 'uninstall web --kube-context none' },
  { run: 'uninstall web' },
  { run: 'uninstall web --ignore-not-found' },
  { run: 'uninstall Web' },
  { before: ['install one plain', 'install two plain'], run: 'uninstall one two' },
  { before: ['install web keeper'], run: 'uninstall web' },
  { before: ['install web hooks'], run: 'uninstall web --timeout 30s' },
  { before: ['install web hooks'], run: 'uninstall web --no-hooks' },
  { before: ['install web plain', 'upgrade web invalid'], run: 'uninstall web' },
  {
    before: ['install web app', 'upgrade web invalid'],
    run: 'uninstall web',
    orphans: ['ConfigMap/web-child', 'Deployment/web-web', 'Secret/web-secret', 'Service/web-web'],
  },
  { before: ['install web plain', 'uninstall web --keep-history'], run: 'uninstall web' },
  { before: ['install web plain', 'uninstall web --keep-history'], run: 'uninstall web --keep-history' },
  { before: ['install ship fleet'], run: 'uninstall ship' },
];

const TEST: readonly Case[] = [
  { before: ['install web app'], run: 'test web --timeout 60s' },
  { before: ['install web app'], run: 'test web --logs --timeout 60s' },
  { before: ['install web app'], run: 'test web --filter name=none --timeout 60s' },
  { before: ['install web app', 'test web'], run: 'test web' },
  { before: ['install web hooks'], run: 'test web --timeout 60s' },
  { before: ['install web hooks'], run: 'test web --filter name=web-good --timeout 60s' },
  { before: ['install web hooks'], run: "test web --filter '!name=web-bad' --timeout 60s" },
  { before: ['install web plain'], run: 'test web' },
  { run: 'test web' },
  { run: 'test' },
  { run: 'test web --kube-context none' },
];

compareAll('rollback', () => pair, ROLLBACK);
compareAll('uninstall', () => pair, UNINSTALL);
compareAll('test', () => pair, TEST);
