import { afterAll, beforeAll } from 'vitest';
import { type Case, compareAll } from './compare.ts';
import { openPair, type Pair } from './pair.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await openPair();
});
afterAll(() => pair.close());

/** A cluster that there is not. */
const AWAY = '--kube-context none';

const CASES: readonly Case[] = [
  {
    run: 'template web app -f app/ci/more.yaml --set greeting=hi --set-string extra.a=1 --set-file literal=other/content.txt',
  },
  { run: `template web app --values other/plain.yaml --set-json 'extra={"a":1}' --set-literal literal=a,b` },
  { run: 'template web app --set replicas=-1 --skip-schema-validation' },
  { run: 'template web app --set replicas=-1' },
  { run: 'template app' },
  { run: 'template app -g' },
  { run: 'template app --generate-name' },
  { run: 'template app --name-template \'{{ upper "x" | lower }}-y\'' },
  { run: 'template web app more' },
  { run: 'template web nowhere' },
  { run: 'template' },
  { run: 'template web app --validate' },
  { run: 'template web looker --validate' },
  { run: 'template web nokind --validate' },
  { run: 'template web unknown --validate' },
  { run: 'template web future --validate', ownWords: 'there is nothing to see with --debug' },
  { run: 'template web fleet --validate --include-crds' },
  { run: 'template web fleet --validate --skip-crds' },
  { run: 'template web looker', ownWords: 'there is nothing to see with --debug' },
  { run: 'template web looker --dry-run=server' },
  { run: 'template web looker --dry-run=client', ownWords: 'there is nothing to see with --debug' },
  { run: 'template web app --dry-run' },
  { run: 'template web app --dry-run=true' },
  { run: 'template web app --dry-run=none' },
  { run: 'template web app --dry-run=false' },
  { run: 'template web app --dry-run=maybe' },
  { run: 'template web app --dry-run=server --validate' },
  { run: `template web app ${AWAY}` },
  { run: `template web app --validate ${AWAY}` },
  { run: 'template web app --validate --kubeconfig /nowhere' },
  { run: 'template web app --validate', env: { HELM_KUBETOKEN: 'wrong' } },
  { run: 'template web app --is-upgrade --no-hooks' },
  { run: 'template web app --skip-tests --description mine --labels a=1 --hide-notes --render-subchart-notes' },
  { run: 'template web app -s templates/config.yaml --show-only charts/child/templates/config.yaml' },
  { run: 'template web app -s templates/none.yaml' },
  { run: 'template web app --output-dir written', anyOrder: true },
  { run: 'template web app --output-dir written --release-name', anyOrder: true },
  { run: 'template web future --kube-version 9.1' },
  { run: 'template web future --kube-version x' },
  { run: 'template web app -a foo/v1 --api-versions bar/v2' },
  { run: 'template web app --atomic --force --timeout 1s' },
  { run: 'template web app --rollback-on-failure --force-replace --wait --wait-for-jobs --replace --take-ownership' },
  { run: 'template web app --force-conflicts --server-side=false --create-namespace --disable-openapi-validation' },
  { run: 'template web dns --enable-dns' },
  { run: 'template web app --devel --version 1.2.3 --dependency-update' },
  { run: 'template web app --username u --password p --plain-http --insecure-skip-tls-verify --pass-credentials' },
  { run: 'template web app --keyring nothing.gpg' },
  {
    run: 'template web app --ca-file a --cert-file b --key-file c',
    differs: 'files for fetching are not looked at for charts on disk',
  },
  { run: 'template web plain --repo http://127.0.0.1:1' },
  { run: 'template web plain --verify' },
  { run: 'template web plain --post-renderer suffix --post-renderer-args -x' },
  { run: 'template web broken', ownWords: 'there is nothing to see with --debug' },
  { run: 'template web notyaml' },
  { run: 'template web notyaml --set data=two' },
  { run: 'template web lib' },
  { run: 'template web missing' },
];

compareAll(
  'template',
  () => pair,
  CASES.map((each) => ({ namespace: 'default', ...each })),
);
