import { afterAll, beforeAll } from 'vitest';
import { type Case, compareAll } from './compare.ts';
import { openPair, type Pair } from './pair.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await openPair();
});
afterAll(() => pair.close());

const INSTALLED = ['install web app --set greeting=old,extra.a=1'];

/** Cases that begin with the release above. */
function after(runs: readonly string[], before: readonly string[] = INSTALLED): Case[] {
  return runs.map((run) => ({ before, run }));
}

const VALUES = after([
  'upgrade web app',
  'upgrade web app --set greeting=new',
  'upgrade web app -f app/ci/more.yaml',
  'upgrade web app --set-string greeting=1 --set-file literal=other/content.txt',
  `upgrade web app --set-json 'extra={"b":2}' --set-literal literal=a,b`,
  'upgrade web app --reuse-values',
  'upgrade web app --reuse-values --set extra.b=2',
  'upgrade web app --reset-values',
  'upgrade web app --reset-values --reuse-values --set replicas=2',
  'upgrade web app --reset-then-reuse-values --set replicas=2',
  'upgrade web app --set replicas=many',
  'upgrade web app --set replicas=-1 --skip-schema-validation',
  'upgrade web app -f other/none.yaml',
]);

const FLAGS = after([
  'upgrade web app --atomic --timeout 60s',
  'upgrade web app --rollback-on-failure --timeout 60s',
  'upgrade web app --wait --timeout 60s --set replicas=2',
  'upgrade web app --wait=legacy --timeout 60s --set replicas=2',
  'upgrade web app --wait --wait-for-jobs --timeout 60s',
  'upgrade web app --description mine',
  'upgrade web app --labels a=1',
  'upgrade web app --hide-notes',
  'upgrade web app --values other/plain.yaml --post-renderer suffix --post-renderer-args x',
  'upgrade web app --output json --debug',
  'upgrade web app -o json',
  'upgrade web app -o yaml --set greeting=new',
  'upgrade web app --debug -o table',
  'upgrade web app --server-side=true',
  'upgrade web app --server-side=false',
  'upgrade web app --server-side=auto',
  'upgrade web app --server-side=maybe',
  'upgrade web app --force-conflicts',
  'upgrade web app --force-replace --server-side=false --set greeting=new',
  'upgrade web app --force --server-side=false',
  'upgrade web app --force --force-conflicts',
  'upgrade web app --cleanup-on-fail',
  'upgrade web app --no-hooks',
  'upgrade web app --take-ownership',
  'upgrade web app --devel --version 1.2.3 --dependency-update',
  'upgrade web app --disable-openapi-validation',
  'upgrade web app --enable-dns --skip-crds --create-namespace',
  'upgrade web app --keyring nothing.gpg --username u --password p --plain-http --insecure-skip-tls-verify --pass-credentials',
  'upgrade web app --history-max 1',
  'upgrade web app --history-max many',
  'upgrade web app --install',
  'upgrade web app -i --set greeting=new',
]);

const REPLACE: readonly Case[] = [
  { before: INSTALLED, run: 'upgrade web app --render-subchart-notes', anyOrder: true },
  { before: INSTALLED, run: 'upgrade web app --repo http://127.0.0.1:1' },
  { before: INSTALLED, run: 'upgrade web app --verify' },
  {
    before: INSTALLED,
    run: 'upgrade web app --ca-file a --cert-file b --key-file c',
    differs: 'files for fetching are not looked at for charts on disk',
  },
  { before: INSTALLED, run: 'upgrade web app --force-replace', differs: 'replacing works whoever applied before' },
];

const DRY = after([
  'upgrade web app --dry-run',
  'upgrade web app --dry-run=client --set greeting=new',
  'upgrade web app --dry-run=server --hide-secret',
  'upgrade web app --dry-run=none',
  'upgrade web app --dry-run=false',
  'upgrade web app --hide-secret',
  'upgrade web app --dry-run=server -o json',
]);

const OTHERS: readonly Case[] = [
  { run: 'upgrade web app' },
  { run: 'upgrade web app --install' },
  { run: 'upgrade web app --install --create-namespace -n new-one', namespace: 'new-one' },
  { run: 'upgrade --install web app -o json' },
  { run: 'upgrade --install web app --dry-run=client' },
  { run: 'upgrade --install web invalid' },
  { run: 'upgrade --install web invalid --atomic' },
  { run: 'upgrade --install web lib' },
  { run: 'upgrade' },
  { run: 'upgrade web app --kube-context none' },
  { run: 'upgrade web app --install --kube-context none' },
  { run: 'upgrade web app --dry-run=client --kube-context none' },
  { run: 'upgrade web' },
  { run: 'upgrade web app more' },
  { run: 'upgrade Web app' },
  { run: 'upgrade web nowhere' },
  { run: 'upgrade web app --no-such' },
  { run: 'upgrade web app --timeout' },
  { run: 'upgrade web app -z' },
  ...after(
    [
      'upgrade web plain --set data=two',
      'upgrade web invalid',
      'upgrade web invalid --rollback-on-failure',
      'upgrade web invalid --cleanup-on-fail',
      'upgrade web invalid --server-side=false --rollback-on-failure',
      'upgrade web broken',
      'upgrade web broken --rollback-on-failure',
      'upgrade web notyaml',
      'upgrade web nokind',
      'upgrade web unknown',
      'upgrade web lib',
      'upgrade web old',
      'upgrade web missing',
      'upgrade web future',
      'upgrade web keeper',
      'upgrade web hooks',
      'upgrade web hooks --no-hooks',
    ],
    ['install web plain --labels a=1,b=2'],
  ),
  { before: ['install web plain --labels a=1,b=2'], run: 'upgrade web plain --labels a=null,c=3' },
  { before: ['install web fixed'], run: 'upgrade web fixed --set data=two' },
  { before: ['install web fixed'], run: 'upgrade web fixed --set data=two --rollback-on-failure' },
  { before: ['install web fixed --server-side=false'], run: 'upgrade web fixed --set data=two' },
  { before: ['install web plain --server-side=false'], run: 'upgrade web plain --set data=two' },
  { before: ['install web plain --server-side=false'], run: 'upgrade web plain --set data=two --server-side=true' },
  { before: ['install web app --server-side=false'], run: 'upgrade web app --set replicas=2,optional=true' },
  { before: ['install web app --set optional=true'], run: 'upgrade web app' },
  { before: ['install web keeper'], run: 'upgrade web plain' },
  { before: ['install web plain', 'uninstall web --keep-history'], run: 'upgrade web plain' },
  { before: ['install web plain', 'uninstall web --keep-history'], run: 'upgrade --install web plain' },
  { before: ['install web invalid'], run: 'upgrade web plain' },
  { before: ['install web invalid'], run: 'upgrade web plain --install' },
  { before: ['install web plain', 'upgrade web invalid'], run: 'upgrade web plain --set data=two' },
  { before: ['install one plain', 'install two plain'], run: 'upgrade two plain --set data=two' },
  {
    before: ['install web plain', 'upgrade web plain', 'upgrade web plain', 'upgrade web plain'],
    run: 'upgrade web plain --history-max 2',
  },
  {
    before: ['install web plain', 'upgrade web plain', 'upgrade web plain'],
    run: 'upgrade web plain',
    env: { HELM_MAX_HISTORY: '2' },
  },
  { before: ['install ship fleet'], run: 'upgrade ship fleet --set sails=5' },
  {
    before: ['install web stuck'],
    run: 'upgrade web stuck --set image=registry.invalid/none --wait --timeout 8s',
  },
  {
    before: ['install web stuck'],
    run: 'upgrade web stuck --set image=registry.invalid/none --rollback-on-failure --timeout 8s',
  },
  {
    before: ['install web stuck'],
    run: 'upgrade web stuck --set image=registry.invalid/none --rollback-on-failure --wait=legacy --timeout 8s',
    ownWords: 'what is not ready is named, whatever the strategy',
  },
];

compareAll('values', () => pair, VALUES);
compareAll('flags', () => pair, FLAGS);
compareAll('fetching and replacing', () => pair, REPLACE);
compareAll('dry runs', () => pair, DRY);
compareAll('what fails, and what was there before', () => pair, OTHERS);
