import { afterAll, beforeAll } from 'vitest';
import { type Case, compareAll } from './compare.ts';
import { openPair, type Pair, type Runner } from './pair.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await openPair();
  await pair.namespace('here');
  await pair.namespace('there');
  const prepare = async (run: Runner): Promise<void> => {
    await run('install web plain', { namespace: 'here' });
    await run('install far plain', { namespace: 'there' });
  };
  await Promise.all([prepare(pair.helm), prepare(pair.pintle)]);
});
afterAll(() => pair.close());

const NOWHERE = { KUBECONFIG: '/dev/null' };

const CASES: readonly Case[] = [
  { run: 'list -n there' },
  { run: '-n there list' },
  { run: 'list --namespace there' },
  { run: 'list -nthere' },
  { run: 'list --kubeconfig {kubeconfig}', env: { KUBECONFIG: '/nowhere' } },
  { run: 'list --kubeconfig /nowhere' },
  { run: 'list --kube-context pintle-test' },
  { run: 'list --kube-context none' },
  { run: 'list', env: { HELM_KUBECONTEXT: 'none' } },
  { run: 'list --kube-apiserver {server} --kube-token {token} --kube-ca-file {ca}', env: NOWHERE },
  { run: 'list --kube-apiserver {server} --kube-token {token} --kube-insecure-skip-tls-verify', env: NOWHERE },
  {
    run: 'list --kube-apiserver {server} --kube-token {token} --kube-ca-file {ca} --kube-tls-server-name localhost',
    env: NOWHERE,
  },
  {
    run: 'list',
    env: { ...NOWHERE, HELM_KUBEAPISERVER: '{server}', HELM_KUBETOKEN: '{token}', HELM_KUBECAFILE: '{ca}' },
  },
  {
    run: 'list',
    env: {
      ...NOWHERE,
      HELM_KUBEAPISERVER: '{server}',
      HELM_KUBETOKEN: '{token}',
      HELM_KUBEINSECURE_SKIP_TLS_VERIFY: 'true',
    },
  },
  {
    run: 'list',
    env: {
      ...NOWHERE,
      HELM_KUBEAPISERVER: '{server}',
      HELM_KUBETOKEN: '{token}',
      HELM_KUBECAFILE: '{ca}',
      HELM_KUBETLS_SERVER_NAME: 'localhost',
    },
  },
  {
    run: 'list',
    env: { HELM_KUBETLS_SERVER_NAME: 'elsewhere.example' },
    ownWords: 'Node tells of connections in its own words',
  },
  { run: 'list --kube-context pintle-test', env: { HELM_KUBECONTEXT: 'none' } },
  { run: 'list', env: { KUBECONFIG: '/nowhere:{kubeconfig}' } },
  { run: 'list', env: { KUBECONFIG: '/nowhere' }, ownWords: 'a kubeconfig that is missing is named' },
  { run: 'list -n there', env: { HELM_NAMESPACE: 'here' } },
  { run: 'list', env: { HELM_NAMESPACE: 'nothing-here' } },
  { run: 'list', env: { HELM_DRIVER: 'secret' } },
  { run: 'list', env: { HELM_DRIVER: 'configmaps' } },
  { run: 'list', env: { HELM_DRIVER: 'floppy' }, ownWords: 'an unknown driver is an error like others' },
  { run: 'list', env: { HELM_BURST_LIMIT: 'many', HELM_QPS: 'many', HELM_MAX_HISTORY: 'many', HELM_DEBUG: 'maybe' } },
  { run: 'list', env: { HELM_COLOR: 'sometimes' } },
  { run: 'list', env: { HELM_KUBEINSECURE_SKIP_TLS_VERIFY: 'maybe' } },
  { run: 'list --kube-token wrong' },
  { run: 'list --kube-apiserver {server} --kube-token wrong --kube-ca-file {ca}', env: NOWHERE },
  { run: 'list --kube-ca-file /nowhere', ownWords: 'the file is named without the cluster' },
  { run: 'list --kube-as-user nobody' },
  { run: 'list --kube-as-user nobody --kube-as-group system:masters' },
  { run: 'install here plain --kube-as-user nobody', ownWords: 'records are read before objects' },
  { run: 'list', env: { HELM_KUBEASUSER: 'nobody', HELM_KUBEASGROUPS: 'system:masters,others' } },
  { run: 'list', env: { HELM_KUBEASUSER: 'nobody' } },
  { run: 'list --kube-as-group system:masters' },
  { run: 'list --burst-limit 5 --qps 50' },
  { run: 'list --burst-limit many' },
  { run: 'list --qps many' },
  { run: 'list', env: { HELM_BURST_LIMIT: '10', HELM_QPS: '20' } },
  { run: 'list --debug' },
  { run: 'list', env: { HELM_DEBUG: 'true' } },
  { run: 'list --color never' },
  { run: 'list --colour=never' },
  { run: 'list --color always' },
  { run: 'history web --color always' },
  { run: 'status web --color always', anyOrder: true },
  { run: 'list --color sometimes' },
  { run: 'list', env: { NO_COLOR: '1' } },
  { run: 'list', env: { HELM_COLOR: 'always' } },
  { run: 'list --registry-config a --repository-cache b --repository-config c --content-cache d' },
  { run: 'list', env: { HELM_DRIVER: 'configmap' } },
  { run: 'list', env: { HELM_DRIVER: 'secrets' } },
  { run: 'list', env: { HELM_DRIVER: 'memory' }, differs: 'records in memory need no file' },
  { run: 'list', env: { HELM_NAMESPACE: 'there' } },
  { run: 'status web --namespace here', env: { HELM_NAMESPACE: 'there' }, anyOrder: true },
  {
    run: 'list --kube-apiserver https://127.0.0.1:1 --kube-insecure-skip-tls-verify',
    env: NOWHERE,
    ownWords: 'Node tells of connections in its own words',
  },
  { run: 'frobnicate' },
  { run: 'list --help-me' },
];

compareAll(
  'global flags',
  () => pair,
  CASES.map((each) => ({ namespace: 'here', ...each })),
);
