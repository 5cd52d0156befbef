import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { decodeObject } from '../../src/kube/decode.ts';
import { applyJsonPatch } from '../../src/kube/json-patch.ts';
import { applyMergePatch } from '../../src/kube/merge-patch.ts';
import { groupVersionKind } from '../../src/kube/object.ts';
import { parseQuantity } from '../../src/kube/quantity.ts';
import { applyStrategicMergePatch, createThreeWayMergePatch } from '../../src/kube/strategic-merge-patch.ts';
import { isolatedEnvironment, realTools } from '../support/real-tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'pintle-kubectl-'));
const file = join(folder, 'object.json');
afterAll(() => rmSync(folder, { recursive: true }));

const POD = { group: '', version: 'v1', kind: 'Pod' };

/** The object or the error text. */
function realPatch(object: unknown, type: string, patch: unknown): unknown {
  writeFileSync(file, JSON.stringify(object));
  const args = ['patch', '--local', '-f', file, `--type=${type}`, '-p', JSON.stringify(patch), '-o', 'json'];
  const { status, stdout, stderr } = spawnSync(realTools().kubectl, args, {
    encoding: 'utf8',
    env: isolatedEnvironment(folder),
  });
  return status === 0 ? JSON.parse(stdout) : stderr.replace(/^error: /, '').trim();
}

function attempt(run: () => unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(run()));
  } catch (error) {
    return (error as Error).message.trim();
  }
}

/** The object after Go has read and written it; the image is changed on the way, or kubectl would write nothing. */
function realRoundTrip(object: unknown): unknown {
  writeFileSync(file, JSON.stringify(object).replaceAll('i:2', 'i:1'));
  const args = ['set', 'image', '--local', '-f', file, 'c=i:2', '-o', 'json'];
  return JSON.parse(execFileSync(realTools().kubectl, args, { encoding: 'utf8', env: isolatedEnvironment(folder) }));
}

class Pods {
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  subset<T>(all: readonly T[]): T[] {
    const left = all.filter(() => this.#random.next() < 0.6);
    const out: T[] = [];
    while (left.length > 0) out.push(...left.splice(this.#random.below(left.length), 1));
    return out;
  }

  pod(): { metadata: Record<string, unknown>; spec: Record<string, unknown> } & Record<string, unknown> {
    const image = () => `i${this.#random.below(2)}`;
    const env = () => this.subset(['A', 'B', 'C']).map((name) => ({ name, value: image() }));
    const containers = this.subset(['c1', 'c2', 'c3', 'c4']).map((name) => ({ name, image: image(), env: env() }));
    const volumes = this.subset(['v1', 'v2']).map((name) =>
      this.#random.below(2) === 0 ? { name, emptyDir: {} } : { name, hostPath: { path: '/x' } },
    );
    const finalizers = this.subset(['x/a', 'x/b', 'x/c']);
    const labels = Object.fromEntries(this.subset(['a', 'b', 'c']).map((key) => [key, image()]));
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', labels, finalizers },
      spec: { containers, volumes },
    };
  }
}

describe('patches, against kubectl patch --local', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('three-way patches, seed %i', (seed) => {
    const pods = new Pods(seed);
    const [original, modified, current] = [pods.pod(), pods.pod(), pods.pod()];
    const patch = createThreeWayMergePatch({ original, modified, current });
    expect(attempt(() => applyStrategicMergePatch(POD, current, patch))).toEqual(
      realPatch(current, 'strategic', patch),
    );
  });

  const pod = new Pods(42).pod();
  test.each<[unknown]>([
    [
      {
        spec: {
          containers: [
            { name: 'c1', $patch: 'delete' },
            { name: 'z', image: 'x' },
          ],
        },
      },
    ],
    [{ spec: { containers: [{ $patch: 'replace' }, { name: 'z' }], volumes: null } }],
    [{ spec: { '$setElementOrder/containers': [{ name: 'c4' }, { name: 'c1' }] } }],
    [{ metadata: { '$deleteFromPrimitiveList/finalizers': ['x/a'], labels: { $patch: 'replace', n: '1' } } }],
    [{ spec: { containers: [{ image: 'x' }] } }],
    [{ spec: { containers: [{ name: 'c1', $patch: 'odd' }] } }],
    [{ spec: { affinity: { nodeAffinity: null }, securityContext: { runAsUser: 1 } } }],
  ])('strategic %j', (patch) => {
    expect(attempt(() => applyStrategicMergePatch(POD, pod, patch))).toEqual(realPatch(pod, 'strategic', patch));
  });

  test.each<[readonly unknown[]]>([
    [[{ op: 'replace', path: '/spec/foo', value: 1 }]],
    [[{ op: 'remove', path: '/spec/foo' }]],
    [[{ op: 'add', path: '/spec/containers/9', value: {} }]],
    [[{ op: 'add', path: '/spec/containers/-1', value: { name: 'm' } }]],
    [[{ op: 'test', path: '/metadata/name', value: 'q' }]],
    [
      [
        { op: 'copy', from: '/metadata/name', path: '/metadata/labels/n' },
        { op: 'move', from: '/spec/volumes', path: '/spec/v' },
      ],
    ],
  ])('json %j', (patch) => {
    expect(attempt(() => applyJsonPatch(pod, patch))).toEqual(realPatch(pod, 'json', patch));
  });

  test.each<[unknown]>([
    [{ metadata: { labels: { a: null, n: { q: null } } } }],
    [{ spec: { containers: [{ name: 'x', foo: null }], volumes: { a: { b: null } } } }],
  ])('merge %j', (patch) => {
    expect(attempt(() => applyMergePatch(pod, patch))).toEqual(realPatch(pod, 'merge', patch));
  });
});

describe('decoding, against what kubectl reads and writes', () => {
  const template = { spec: { containers: [{ name: 'c', image: 'i:2', ports: [{ containerPort: 0 }], stdin: false }] } };
  test.each<[Record<string, unknown>]>([
    [
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'p', creationTimestamp: '2020-01-01T02:00:00+02:00', labels: {}, annotations: null },
        spec: {
          containers: [
            {
              name: 'c',
              image: 'i:2',
              args: [],
              env: [{ name: 'a', value: '', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }],
              resources: { limits: { cpu: '1.5', memory: '1.5Gi' } },
              livenessProbe: { httpGet: { path: '/', port: 80 } },
              securityContext: {},
            },
          ],
          terminationGracePeriodSeconds: 0,
          affinity: {},
          nodeSelector: {},
          hostNetwork: false,
          volumes: [
            { name: 'v', emptyDir: { sizeLimit: '1024Mi' } },
            { name: 'w', secret: { optional: false } },
          ],
        },
        status: {
          conditions: [{ type: 'Ready', status: 'True' }],
          containerStatuses: [{ name: 'c', state: { running: {} } }],
        },
      },
    ],
    [
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'd' },
        spec: { replicas: 0, paused: false, template },
      },
    ],
    [{ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'd' }, spec: { template } }],
    [
      {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata: { name: 's' },
        spec: {
          template,
          volumeClaimTemplates: [{ metadata: { name: 'x' }, spec: { resources: { requests: { storage: '1G' } } } }],
        },
      },
    ],
    [{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j' }, spec: { template } }],
    [
      {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: { name: 'j' },
        spec: { schedule: '* * * * *', jobTemplate: { spec: { template } } },
      },
    ],
  ])('%#', (object) => {
    const gvk = groupVersionKind(object as { apiVersion: string; kind: string } & Record<string, unknown>);
    expect(decodeObject(gvk, object, 'Strict').object).toEqual(realRoundTrip(object));
  });

  test('quantities', () => {
    const numbers = [
      '1',
      '10',
      '0.5',
      '1.5',
      '1.500',
      '1024',
      '1000',
      '007',
      '.25',
      '-3',
      '+4',
      '123456789012345678',
      '0.0000000001',
    ];
    const suffixes = ['', 'n', 'u', 'm', 'k', 'M', 'G', 'T', 'Ki', 'Mi', 'Gi', 'Ei', 'e3', 'E-2'];
    const texts = numbers.flatMap((number) => suffixes.map((suffix) => `${number}${suffix}`));
    const limits = Object.fromEntries(texts.map((text, i) => [`x/${i}`, text]));
    const object = realRoundTrip({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', resources: { limits } }] },
    }) as { spec: { containers: { resources: { limits: Record<string, string> } }[] } };
    const written = object.spec.containers[0]?.resources.limits ?? {};
    expect(texts.map((text) => parseQuantity(text).text)).toEqual(texts.map((_, i) => written[`x/${i}`]));
  });
});
