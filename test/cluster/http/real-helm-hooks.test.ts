import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/kube/object.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { type Run, type ServedFixture, serveForTest } from './served.ts';

let fixture: ServedFixture;

beforeAll(async () => {
  fixture = await serveForTest({ speed: 100 });
  writeChart(join(fixture.folder, 'hooked'));
});
afterAll(() => fixture.close());

/** Events, weight and deletion policies of each hook. */
const HOOKS: Readonly<Record<string, readonly [events: string, weight: number, policy?: string]>> = {
  'z-first': ['pre-install', -5, 'before-hook-creation,hook-succeeded'],
  'a-second': ['pre-install', 3],
  installed: ['post-install', 0],
  upgrading: ['pre-upgrade', 0, 'before-hook-creation,hook-failed'],
  upgraded: ['post-upgrade', 0],
  back: ['pre-rollback,post-rollback', 0],
  going: ['pre-delete', 0, 'before-hook-creation,hook-succeeded'],
  gone: ['post-delete', 0],
  'check-b': ['test', 1],
  'check-a': ['test', 2],
};

/** A chart with a ConfigMap, a Deployment, and a Job for each hook; `--set fail=NAME` makes that one fail. */
function writeChart(folder: string): void {
  mkdirSync(join(folder, 'templates'), { recursive: true });
  writeFileSync(join(folder, 'Chart.yaml'), 'apiVersion: v2\nname: hooked\nversion: 1.0.0\n');
  const hooks = Object.entries(HOOKS).map(([name, [events, weight, policy]]) => {
    const metadata = `metadata:
  name: ${name}
  annotations:
    helm.sh/hook: ${events}
    helm.sh/hook-weight: "${weight}"
${policy === undefined ? '' : `    helm.sh/hook-delete-policy: ${policy}\n`}`;
    const exit = `{{ if eq .Values.fail "${name}" }}3{{ else }}0{{ end }}`;
    const pod = `{restartPolicy: Never, containers: [{name: main, image: "busybox:1.36", command: [sh, -c, "echo ${name} says so; exit ${exit}"]}]}`;
    return events === 'test'
      ? `apiVersion: v1\nkind: Pod\n${metadata}spec: ${pod}\n`
      : `apiVersion: batch/v1\nkind: Job\n${metadata}spec: {backoffLimit: 0, template: {spec: ${pod}}}\n`;
  });
  writeFileSync(join(folder, 'values.yaml'), 'fail: ""\ndata: one\n');
  writeFileSync(join(folder, 'templates', 'hooks.yaml'), hooks.join('---\n'));
  writeFileSync(
    join(folder, 'templates', 'main.yaml'),
    `apiVersion: v1
kind: ConfigMap
metadata: {name: main}
data: {value: {{ .Values.data }}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.27"}]}
`,
  );
}

/** A namespace in which what appears is written down. */
interface Stage {
  /** Runs helm there and gives what came of it, with the names of hooks that appeared meanwhile and what became of the ConfigMap. */
  readonly helm: (line: string) => Promise<Run & { readonly story: readonly string[] }>;
  /** Names of objects of a type. */
  readonly names: (type: keyof typeof RESOURCES) => Promise<string[]>;
  readonly stop: () => void;
}

async function openStage(namespace: string, mode: string): Promise<Stage> {
  const { client, clock } = fixture.embedded.cluster;
  await client.create(RESOURCES.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await clock.settle();
  let story: string[] = [];
  const note = (text: string): void => void story.push(text);
  const data = (object: KubeObject): string =>
    (object as KubeObject & { readonly data?: { readonly value?: string } }).data?.value ?? '';
  const watches = [
    ...[RESOURCES.jobs, RESOURCES.pods].map((type) =>
      client.watch(
        type,
        { namespace },
        {
          event: (event) => {
            if (event.type !== 'ADDED') return;
            const { name = '', annotations } = event.object.metadata;
            if (annotations?.['helm.sh/hook'] !== undefined) note(name);
          },
        },
      ),
    ),
    client.watch(
      RESOURCES.configMaps,
      { namespace },
      {
        event: (event) => {
          if (event.type !== 'BOOKMARK' && event.object.metadata.name === 'main')
            note(event.type === 'DELETED' ? 'main is gone' : `main=${data(event.object)}`);
        },
      },
    ),
  ];
  return {
    helm: async (line) => {
      story = [];
      const server = /^(?:install|upgrade|rollback)\b/.test(line) ? [`--server-side=${mode}`] : [];
      const run = await fixture.helm([...line.split(' '), ...server, '-n', namespace]);
      return { ...run, story };
    },
    names: async (type) =>
      (await client.list(RESOURCES[type], { namespace })).items.map(({ metadata }) => metadata.name ?? '').sort(),
    stop: () => watches.forEach((watch) => watch.stop()),
  };
}

describe.concurrent.each(['true', 'false'])("helm's hooks, with --server-side=%s", (mode) => {
  it('run in every phase, by weight, and go as their policies say', async () => {
    const { helm, names, stop } = await openStage(`phases-${mode}`, mode);
    expect(await helm('install web hooked')).toMatchObject({
      code: 0,
      story: ['z-first', 'a-second', 'main=one', 'installed'],
    });
    expect(await names('jobs')).toEqual(['a-second', 'installed']);
    expect(await helm('upgrade web hooked --set data=two')).toMatchObject({
      code: 0,
      story: ['upgrading', 'main=two', 'upgraded'],
    });
    expect(await helm('upgrade web hooked --set data=three --no-hooks')).toMatchObject({
      code: 0,
      story: ['main=three'],
    });
    expect(await helm('rollback web 1')).toMatchObject({ code: 0, story: ['back', 'main=one', 'back'] });
    expect(await helm('test web --logs')).toMatchObject({
      code: 0,
      story: ['check-b', 'check-a'],
      stdout: expect.stringMatching(
        /POD LOGS: check-b\ncheck-b says so\n[^]*POD LOGS: check-a\ncheck-a says so/,
      ) as string,
    });
    expect(await helm('uninstall web --wait')).toMatchObject({ code: 0, story: ['going', 'main is gone', 'gone'] });
    expect(await names('jobs')).toEqual(['a-second', 'back', 'gone', 'installed', 'upgraded', 'upgrading']);
    expect(await names('secrets')).toEqual([]);
    stop();
  });

  it('stop what follows when they fail', async () => {
    const { helm, names, stop } = await openStage(`failures-${mode}`, mode);
    expect(await helm('install web hooked --set fail=z-first')).toMatchObject({
      code: 1,
      story: ['z-first'],
      stderr: expect.stringMatching(
        /INSTALLATION FAILED: failed pre-install: .*Job\/failures-\w+\/z-first not ready. status: Failed/,
      ) as string,
    });
    expect(await helm('uninstall web')).toMatchObject({ code: 0 });
    expect(await helm('install web hooked --set fail=installed --rollback-on-failure')).toMatchObject({
      code: 1,
      story: ['z-first', 'a-second', 'main=one', 'installed', 'going', 'main is gone', 'gone'],
    });
    expect(await helm('install web hooked')).toMatchObject({ code: 0 });
    expect(await helm('upgrade web hooked --set fail=upgrading,data=two')).toMatchObject({
      code: 1,
      story: ['upgrading'],
    });
    expect(await names('jobs')).not.toContain('upgrading');
    expect(await helm('upgrade web hooked --set fail=upgraded,data=two --rollback-on-failure')).toMatchObject({
      code: 1,
      story: ['upgrading', 'main=two', 'upgraded', 'back', 'main=one', 'back'],
    });
    expect((await helm('history web')).stdout).toMatch(/1 .*superseded[^]*2 .*failed[^]*3 .*failed[^]*4 .*deployed/);
    expect(await helm('upgrade web hooked --set fail=check-a')).toMatchObject({ code: 0 });
    expect(await helm('test web')).toMatchObject({
      code: 1,
      story: ['check-b', 'check-a'],
      stdout: expect.stringMatching(/check-b\n[^]*Succeeded[^]*check-a\n[^]*Failed/) as string,
    });
    expect(await helm('upgrade web hooked --set fail=going')).toMatchObject({ code: 0 });
    expect(await helm('uninstall web')).toMatchObject({ code: 1, story: ['going'] });
    expect(await helm('uninstall web --no-hooks')).toMatchObject({ code: 0, story: ['main is gone'] });
    stop();
  });
});

describe.concurrent('helm uninstall --cascade', () => {
  it.each([
    ['background', [0, 0]],
    ['foreground', [0, 0]],
    ['orphan', [1, 2]],
  ] as const)('%s', async (cascade, left) => {
    const { helm, names, stop } = await openStage(`cascade-${cascade}`, 'true');
    await helm('install web hooked --no-hooks --wait');
    expect(await helm(`uninstall web --no-hooks --wait --cascade=${cascade}`)).toMatchObject({ code: 0 });
    expect(await names('deployments')).toEqual([]);
    await expect.poll(async () => [(await names('replicaSets')).length, (await names('pods')).length]).toEqual(left);
    stop();
  });
});
