import { afterAll, beforeAll } from 'vitest';
import { type Case, compareAll } from './compare.ts';
import { openPair, type Pair } from './pair.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await openPair();
});
afterAll(() => pair.close());

const VALUES: readonly Case[] = [
  { run: 'install web app' },
  { run: 'install web app -f app/ci/more.yaml' },
  { run: 'install web app --values app/ci/more.yaml,other/plain.yaml' },
  { run: 'install web app -f app/ci/more.yaml --set greeting=hi,extra.a=2' },
  { run: 'install web app -f -', stdin: 'greeting: from stdin\n' },
  { run: 'install web app --set-string extra.a=1' },
  { run: 'install web app --set-file literal=other/content.txt' },
  { run: `install web app --set-json 'extra={"a":[1,null]}'` },
  { run: `install web app --set-json '{"extra":{"a":1}}'` },
  { run: "install web app --set-literal 'literal=a,b=c{d}'" },
  { run: 'install web app --set replicas=many' },
  { run: 'install web app --set replicas=-1 --skip-schema-validation' },
  { run: 'install web app --set a.b[=1' },
  { run: 'install web app -f other/none.yaml' },
  { run: 'install web plain -f other/bad.yaml' },
];

const NAMES: readonly Case[] = [
  { run: 'install plain --generate-name' },
  { run: 'install -g plain' },
  { run: 'install --name-template \'{{ "x" | upper | lower }}-y\' plain' },
  { run: "install --name-template '{{ .broken' plain" },
  { run: 'install web plain --generate-name' },
  { run: 'install plain' },
  { run: 'install' },
  { run: 'install Web plain' },
  { run: 'install this-name-is-longer-than-the-fifty-three-letters-that-go plain' },
  { run: 'install web plain extra words' },
  { run: 'install web nowhere' },
  { run: 'install web ./nowhere' },
  { run: 'install web ./other', ownWords: 'the path is told as it was given' },
  { run: 'install web plain --no-such-flag' },
  { run: 'install web plain --timeout soon' },
  { run: 'install web plain --wait=never' },
  { run: 'install web plain --output xml' },
  { run: 'install web plain --labels wrong' },
  { run: 'install web plain --labels name=mine' },
];

const FLAGS: readonly Case[] = [
  { run: 'install web app --atomic --timeout 60s' },
  { run: 'install web app --rollback-on-failure --timeout 60s' },
  { run: 'install web app --wait --timeout 60s' },
  { run: 'install web app --wait=watcher --timeout 60s' },
  { run: 'install web app --wait=legacy --timeout 60s' },
  { run: 'install web app --wait=hookOnly' },
  { run: 'install web app --wait=true --timeout 60s' },
  { run: 'install web app --wait=false' },
  { run: 'install web fixed --wait --wait-for-jobs --timeout 60s' },
  { run: 'install web app --create-namespace -n made', namespace: 'made' },
  { run: 'install web plain -n absent', namespace: 'absent' },
  { run: 'install web app --description mine' },
  { run: 'install web app --labels a=1,b=2' },
  { run: 'install web app -l a=1 -l b=2' },
  { run: 'install web app --hide-notes' },
  { run: 'install web app --render-subchart-notes', anyOrder: true },
  { run: 'install web app -o json' },
  { run: 'install web app --output yaml' },
  { run: 'install web app -o table --debug' },
  { run: 'install web hooks' },
  { run: 'install web hooks --no-hooks' },
  { run: 'install web hooks --set exit=1 --timeout 30s' },
  { run: 'install web hooks --set exit=1 --timeout 30s --rollback-on-failure' },
  { run: 'install web app --server-side' },
  { run: 'install web app --server-side=true' },
  { run: 'install web app --server-side=false' },
  { run: 'install web app --server-side=auto' },
  { run: 'install web app --server-side --force-conflicts' },
  { run: 'install web app --force-replace --server-side=false' },
  { run: 'install web app --force --server-side=false' },
  { run: 'install web app --force-replace' },
  { run: 'install web app --force-replace --force-conflicts' },
  { run: 'install web app --devel' },
  { run: 'install web app --version 1.2.3' },
  { run: 'install web app --version 9.9.9' },
  { run: 'install web app --dependency-update' },
  {
    run: 'install web app --ca-file a --cert-file b --key-file c',
    differs: 'files for fetching are not looked at for charts on disk',
  },
  { run: 'install web app --username u --password p --plain-http --insecure-skip-tls-verify --pass-credentials' },
  { run: 'install web app --keyring nothing.gpg' },
  { run: 'install web dns' },
  { run: 'install web dns --enable-dns' },
  { run: 'install web plain --post-renderer suffix' },
  { run: 'install web plain --post-renderer suffix --post-renderer-args -x' },
  { run: 'install web plain --post-renderer nothing', ownWords: 'a post-renderer is a program' },
  { before: ['install one shared'], run: 'install two shared' },
  { before: ['install one shared'], run: 'install two shared --take-ownership' },
  { run: 'install web plain --repo http://127.0.0.1:1' },
  { run: 'install web plain --verify' },
  { run: 'install web looker' },
  { run: 'install web unknown' },
  { run: 'install web unknown --disable-openapi-validation' },
  { run: 'install web unknown --server-side=false' },
  { run: 'install web unknown --disable-openapi-validation --server-side=false' },
];

const DRY: readonly Case[] = [
  { run: 'install web app --dry-run' },
  { run: 'install web app --dry-run=client' },
  { run: 'install web app --dry-run=server' },
  { run: 'install web app --dry-run=none' },
  { run: 'install web app --dry-run=true' },
  { run: 'install web app --dry-run=false' },
  { run: 'install web app --dry-run=maybe' },
  { run: 'install web app --dry-run=server --hide-secret' },
  { run: 'install web app --dry-run=client --hide-secret -o json' },
  { run: 'install web app --hide-secret' },
  { run: 'install web looker --dry-run=server' },
  { run: 'install web looker --dry-run=client' },
  { run: 'install web hooks --dry-run=client' },
  { run: 'install web nokind --dry-run=server' },
  { run: 'install web nokind --dry-run=client' },
];

const OTHERS: readonly Case[] = [
  { before: ['install web plain'], run: 'install web plain' },
  { before: ['install web plain', 'uninstall web --keep-history'], run: 'install web plain' },
  { before: ['install web plain', 'uninstall web --keep-history'], run: 'install web plain --replace' },
  { before: ['install web invalid'], run: 'install web plain --replace' },
  { before: ['install web plain'], run: 'install other plain --set data=two' },
  { before: ['install one plain --dry-run=client'], run: 'install one plain' },
  { run: 'install web old' },
  { run: 'install web lib' },
  { run: 'install web missing' },
  { run: 'install web future' },
  { run: 'install web invalid' },
  { run: 'install web invalid --rollback-on-failure' },
  { run: 'install web invalid --server-side=false' },
  { run: 'install web nokind' },
  { run: 'install web broken' },
  { run: 'install web notyaml' },
  { run: 'install web app --set fail=true' },
  { run: 'install web stuck --set image=registry.invalid/none --wait --timeout 8s' },
  { run: 'install web stuck --set image=registry.invalid/none --rollback-on-failure --timeout 8s' },
  { run: 'install ship yachts --skip-crds' },
  { run: 'install ship fleet' },
  { run: 'install boat boats --skip-crds' },
];

compareAll('values', () => pair, VALUES);
compareAll('names and wrong words', () => pair, NAMES);
compareAll('flags', () => pair, FLAGS);
compareAll('dry runs', () => pair, DRY);
compareAll('what fails, and what was there before', () => pair, OTHERS);
