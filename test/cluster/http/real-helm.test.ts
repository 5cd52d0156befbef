import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedFixture, serveForTest } from './served.ts';
import { expectGolden, transcript } from './transcript.ts';

const GUESTBOOK = join(import.meta.dirname, '..', '..', '..', 'charts', 'guestbook');

/** Half a year away: no report is due while the test runs, however long it takes. */
const SCHEDULE = `0 0 1 ${((new Date().getUTCMonth() + 6) % 12) + 1} *`;

let fixture: ServedFixture;

beforeAll(async () => {
  fixture = await serveForTest({ speed: 20 });
  cpSync(GUESTBOOK, join(fixture.folder, 'guestbook'), { recursive: true });
  const values = join(fixture.folder, 'guestbook', 'values.yaml');
  writeFileSync(values, readFileSync(values, 'utf8').replace('*/5 * * * *', SCHEDULE));
  const created = await fixture.helm(['create', 'starter']);
  expect(created.code).toBe(0);
  writeCrdChart(join(fixture.folder, 'fleet'));
});
afterAll(() => fixture.close());

/** A chart with a definition in crds/ and an object of it, with hooks around everything. */
function writeCrdChart(folder: string): void {
  const hook = (name: string, when: string, weight: number): string => `apiVersion: batch/v1
kind: Job
metadata:
  name: ${name}
  annotations:
    helm.sh/hook: ${when}
    helm.sh/hook-weight: "${weight}"
    helm.sh/hook-delete-policy: hook-succeeded
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: "busybox:1.36", command: [echo, ${name}]}]
`;
  mkdirSync(join(folder, 'crds'), { recursive: true });
  mkdirSync(join(folder, 'templates'));
  writeFileSync(join(folder, 'Chart.yaml'), 'apiVersion: v2\nname: fleet\nversion: 1.0.0\n');
  writeFileSync(
    join(folder, 'crds', 'ship.yaml'),
    `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ships.example.org}
spec:
  group: example.org
  names: {kind: Ship, plural: ships, singular: ship}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {sails: {type: integer}}}}}
`,
  );
  writeFileSync(
    join(folder, 'templates', 'ship.yaml'),
    'apiVersion: example.org/v1\nkind: Ship\nmetadata: {name: {{ .Release.Name }}}\nspec: {sails: {{ .Values.sails | default 3 }}}\n',
  );
  writeFileSync(
    join(folder, 'templates', 'hooks.yaml'),
    [
      hook('before', 'pre-install,pre-upgrade', 1),
      hook('after', 'post-install', 2),
      hook('gone', 'pre-delete,post-delete', 0),
    ].join('---\n'),
  );
}

async function golden(name: string, lines: readonly string[]): Promise<void> {
  const { helm, kubectl } = fixture;
  const text = await transcript({ helm, kubectl }, lines);
  expectGolden(`helm/served-${name}.txt`, text.replaceAll(SCHEDULE, '<schedule>'));
}

describe('the real helm', () => {
  it('runs a release through its life', () =>
    golden('guestbook', [
      'helm install gb guestbook --wait --timeout 60s',
      'helm list',
      'helm status gb',
      'helm test gb --logs',
      'helm upgrade gb guestbook --set replicaCount=3 --wait',
      'kubectl get deployment gb-guestbook -o \'jsonpath={.spec.replicas} {.status.readyReplicas}{"\\n"}\'',
      'helm upgrade gb guestbook --set image.repository=registry.invalid/none --rollback-on-failure --timeout 15s',
      'helm history gb',
      'helm rollback gb 1 --wait',
      'helm history gb -o json',
      'helm get values gb --all',
      'helm get notes gb',
      'helm get metadata gb',
      'helm get hooks gb',
      "helm get all gb --template '{{.Release.Name}} {{.Release.Info.Status}} {{.Release.Config}}'",
      'helm upgrade gb guestbook --dry-run=server --hide-secret',
      'helm install gb guestbook',
      'helm uninstall gb --wait --keep-history',
      'helm list --uninstalled',
      'helm uninstall gb',
      'kubectl get all,cm,secret,ing',
    ]));

  for (const mode of ['true', 'false'] as const) {
    it(`applies with --server-side=${mode}`, () =>
      golden(`starter-${mode}`, [
        `helm install my starter --wait --server-side=${mode}`,
        `helm upgrade my starter --set replicaCount=2 --wait --server-side=${mode}`,
        'helm test my',
        'helm rollback my --wait',
        'helm history my',
        'kubectl get deployment my-starter -o \'jsonpath={range .metadata.managedFields[*]}{.manager}/{.operation} {end}{"\\n"}\'',
        'helm upgrade --install my starter --set image.tag=1.29 --wait=legacy --take-ownership',
        'helm uninstall my --wait',
        'helm status my',
      ]));
  }

  it('installs definitions and runs hooks', () =>
    golden('fleet', [
      'helm install one fleet --wait --wait-for-jobs',
      'kubectl get ships',
      'helm upgrade one fleet --set sails=4 --wait',
      "kubectl get ship one -o 'jsonpath={.spec}'",
      'helm get hooks one',
      'helm uninstall one --wait',
      'kubectl get jobs,ships',
      'kubectl get crd -o name',
    ]));
});
