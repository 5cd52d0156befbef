import { describe, expect, test } from 'vitest';
import { diffObject } from '../../src/deploy/diff-objects.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { parseManifest } from '../../src/yaml/index.ts';

const DEPLOYMENT = { group: 'apps', version: 'v1', kind: 'Deployment' };
const read = (text: string): KubeObject => parseManifest(text) as unknown as KubeObject;

const last = read(`
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: default
  labels: {app: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: nginx:1
          resources: {limits: {cpu: 1000m, memory: 128Mi}}
          env: [{name: A, value: a}, {name: B, value: b}]
          ports: [{containerPort: 80}]
`);

/** What an API server makes of it: defaults, canonical quantities, status, and somebody's sidecar. */
const live = read(`
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: default
  uid: 1-2-3
  generation: 4
  labels: {app: web, injected: "yes"}
  annotations: {deployment.kubernetes.io/revision: "1"}
spec:
  replicas: 2
  progressDeadlineSeconds: 600
  selector: {matchLabels: {app: web}}
  strategy: {type: RollingUpdate}
  template:
    metadata: {labels: {app: web}}
    spec:
      restartPolicy: Always
      containers:
        - name: proxy
          image: envoy
        - name: web
          image: nginx:1
          imagePullPolicy: IfNotPresent
          resources: {limits: {cpu: "1", memory: 128Mi}}
          env: [{name: A, value: a}, {name: B, value: b}]
          ports: [{containerPort: 80, protocol: TCP}]
status: {replicas: 2}
`);

/** The object with one text in place of another. */
function edit(object: KubeObject, from: string, to: string): KubeObject {
  const text = JSON.stringify(object);
  if (!text.includes(from)) throw new Error(`${from} is not in the object`);
  return JSON.parse(text.replace(from, to)) as KubeObject;
}

describe('diffObject', () => {
  test('defaults, spellings of quantities and fields of others are no differences', () => {
    expect(diffObject({ last, next: last, live }, DEPLOYMENT)).toMatchObject({
      change: 'unchanged',
      changes: [],
      drift: [],
      gone: false,
    });
  });

  test('tells what the new manifest changes, by path', () => {
    const next = edit(edit(last, '"nginx:1"', '"nginx:2"'), '{"name":"B","value":"b"}', '{"name":"C","value":"c"}');
    const diff = diffObject({ last, next, live }, DEPLOYMENT);
    expect(diff.change).toBe('changed');
    expect(diff.drift).toEqual([]);
    const container = 'spec.template.spec.containers[name=web]';
    expect(diff.changes).toEqual([
      { path: `${container}.env[name=B]`, change: 'removed', before: { name: 'B', value: 'b' } },
      { path: `${container}.env[name=C]`, change: 'added', after: { name: 'C', value: 'c' } },
      { path: `${container}.image`, change: 'changed', before: 'nginx:1', after: 'nginx:2' },
    ]);
  });

  test('tells drift that the new manifest takes back', () => {
    const scaled = edit(live, '"replicas":2,"progress', '"replicas":5,"progress');
    const diff = diffObject({ last, next: last, live: scaled }, DEPLOYMENT);
    expect(diff.change).toBe('changed');
    expect(diff.changes).toEqual([{ path: 'spec.replicas', change: 'changed', before: 5, after: 2 }]);
    expect(diff.drift).toEqual([{ path: 'spec.replicas', change: 'changed', before: 2, after: 5 }]);
  });

  test('tells drift that the new manifest agrees with', () => {
    const scaled = edit(live, '"replicas":2,"progress', '"replicas":5,"progress');
    const next = edit(last, '"replicas":2', '"replicas":5');
    const diff = diffObject({ last, next, live: scaled }, DEPLOYMENT);
    expect(diff.change).toBe('unchanged');
    expect(diff.drift).toHaveLength(1);
  });

  test('a field that the release gives up is removed, one that it never had stays out of it', () => {
    const next = edit(last, '"replicas":2,', '');
    const diff = diffObject({ last, next, live }, DEPLOYMENT);
    expect(diff.changes).toEqual([{ path: 'spec.replicas', change: 'removed', before: 2 }]);
  });

  test.each<[string, 'last' | 'next' | 'live', Partial<Record<'last' | 'next' | 'live', KubeObject>>, object]>([
    ['new', 'next', { next: last }, { change: 'added', gone: false }],
    ['deleted meanwhile', 'next', { last, next: last }, { change: 'added', gone: true }],
    ['no longer wanted', 'live', { last, live }, { change: 'removed', gone: false }],
    ['no longer wanted and gone', 'last', { last }, { change: 'unchanged', gone: true }],
    ['there without the release', 'live', { next: last, live }, { change: 'unchanged', drift: [] }],
  ])('an object that is %s', (_, __, states, expected) => {
    const diff = diffObject({ last: undefined, next: undefined, live: undefined, ...states }, DEPLOYMENT);
    expect(diff).toMatchObject(expected);
  });

  test('kinds that are not built in are compared too, lists as they stand', () => {
    const type = { group: 'example.com', version: 'v1', kind: 'Thing' };
    const thing = (spec: object): KubeObject => ({
      apiVersion: 'example.com/v1',
      kind: 'Thing',
      metadata: { name: 'a' },
      spec,
    });
    const diff = diffObject(
      {
        last: thing({ rules: [{ host: 'a' }, { host: 'b' }], tags: ['x'] }),
        next: thing({ rules: [{ host: 'a' }, { host: 'c' }], tags: ['x', 'y'] }),
        live: thing({ rules: [{ host: 'a', port: 80 }, { host: 'b' }], tags: ['x'], extra: 1 }),
      },
      type,
    );
    expect(diff.changes).toEqual([
      { path: 'spec.rules[1].host', change: 'changed', before: 'b', after: 'c' },
      { path: 'spec.tags', change: 'changed', before: ['x'], after: ['x', 'y'] },
    ]);
  });

  test('nulls and empty maps of a manifest are nothing', () => {
    const next = { ...last, metadata: { ...last.metadata, annotations: {}, creationTimestamp: null } } as never;
    expect(diffObject({ last, next, live }, DEPLOYMENT).change).toBe('unchanged');
  });

  test('keys with dots are quoted in paths', () => {
    const next = { ...last, metadata: { ...last.metadata, annotations: { 'example.com/team': 'a' } } };
    expect(diffObject({ last, next, live }, DEPLOYMENT).changes).toEqual([
      { path: 'metadata.annotations["example.com/team"]', change: 'added', after: 'a' },
    ]);
  });
});

describe('secrets', () => {
  const SECRET = { group: '', version: 'v1', kind: 'Secret' };
  const secret = (fields: object): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's' },
    ...fields,
  });
  const states = {
    last: secret({ stringData: { password: 'hunter2', user: 'ann' } }),
    next: secret({ stringData: { password: 'letmein', user: 'ann' } }),
    live: secret({ data: { password: 'aHVudGVyMg==', user: 'YW5u' }, type: 'Opaque' }),
  };

  test('are masked, in every part', () => {
    const diff = diffObject(states, SECRET);
    expect(diff.changes).toEqual([
      { path: 'data.password', change: 'changed', before: '-------- # (7 bytes)', after: '++++++++ # (7 bytes)' },
    ]);
    expect(diff.before?.['data']).toEqual({ password: '-------- # (7 bytes)', user: 'REDACTED # (3 bytes)' });
    const text = JSON.stringify(diff);
    for (const word of ['hunter2', 'letmein', 'aHVudGVyMg', 'bGV0bWVpbg', 'YW5u']) expect(text).not.toContain(word);
  });

  test('are masked where they are new, gone or drifted', () => {
    for (const some of [{ next: states.next }, { last: states.last, live: states.live }]) {
      const diff = diffObject({ last: undefined, next: undefined, live: undefined, ...some }, SECRET);
      expect(JSON.stringify(diff)).not.toMatch(/bGV0bWVpbg|aHVudGVyMg|YW5u/);
    }
    const drifted = { ...states, next: states.last, live: secret({ data: { password: 'eA==', user: 'YW5u' } }) };
    const diff = diffObject(drifted, SECRET);
    expect(diff.drift).toEqual([
      { path: 'data.password', change: 'changed', before: '-------- # (7 bytes)', after: '++++++++ # (1 bytes)' },
    ]);
  });

  test('are shown when that is asked for', () => {
    expect(diffObject(states, SECRET, true).changes).toEqual([
      { path: 'data.password', change: 'changed', before: 'aHVudGVyMg==', after: 'bGV0bWVpbg==' },
    ]);
  });
});
