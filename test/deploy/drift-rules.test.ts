import { describe, expect, it } from 'vitest';
import { type DriftRule, ignoredFields, readDriftRules } from '../../src/deploy/drift-rules.ts';
import { keepIgnored } from '../../src/deploy/keep-ignored.ts';
import type { KubeObject } from '../../src/kube/object.ts';

const WEB: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web-a', namespace: 'shop', annotations: { team: 'a' } },
  spec: {
    replicas: 2,
    template: {
      spec: {
        containers: [
          { name: 'web', image: 'web:1' },
          { name: 'log', image: 'log:1' },
        ],
      },
    },
  },
};
const TYPE = { group: 'apps', version: 'v1', kind: 'Deployment' };

describe('rules for drift', () => {
  it.each<[DriftRule, string, boolean]>([
    [{ paths: ['spec.replicas'] }, 'spec.replicas', true],
    [{ paths: ['.spec.replicas'] }, 'spec.replicas', true],
    [{ paths: ['spec'] }, 'spec.replicas', true],
    [{ paths: ['spec.rep'] }, 'spec.replicas', false],
    [{ paths: ['spec.*'] }, 'spec.replicas', true],
    [{ paths: ['spec.*.spec'] }, 'spec.template.spec.x', true],
    [{ paths: ['spec.template.spec.containers[*].image'] }, 'spec.template.spec.containers[name=web].image', true],
    [
      { paths: ['spec.template.spec.containers[name=log].image'] },
      'spec.template.spec.containers[name=web].image',
      false,
    ],
    [{ paths: ['metadata.annotations["a.b/c"]'] }, 'metadata.annotations["a.b/c"]', true],
    [{ paths: ['metadata.annotations[*]'] }, 'metadata.annotations["a]b/c"]', true],
    [{ kind: 'Deployment', name: 'web-*', namespace: 'shop', group: 'apps' }, 'anything', true],
    [{ kind: 'DaemonSet' }, 'anything', false],
    [{ name: 'web' }, 'anything', false],
    [{ group: '' }, 'anything', false],
  ])('%j on %s: %s', (rule, path, expected) => {
    expect(ignoredFields(WEB, [rule])(path)).toBe(expected);
  });

  it('come with an object too', () => {
    const annotations = { 'pintle.dev/ignore-drift': 'spec.replicas, metadata.labels' };
    const ignores = ignoredFields({ ...WEB, metadata: { ...WEB.metadata, annotations } }, []);
    expect(['spec.replicas', 'metadata.labels.x', 'spec.paused'].map(ignores)).toEqual([true, true, false]);
  });

  it('are read from files, with every fault told', () => {
    expect(readDriftRules({ ignore: [{ kind: 'A', paths: ['x'] }] }, 'f')).toEqual([{ kind: 'A', paths: ['x'] }]);
    const bad = { ignore: [{ kind: 1 }, { path: 'x' }, 'y', { paths: [] }] };
    expect(() => readDriftRules(bad, 'rules.yaml')).toThrow('rules.yaml: ignore[0].kind: must be a text');
    try {
      readDriftRules(bad, 'rules.yaml');
    } catch (error) {
      expect((error as { related: Error[] }).related.map(({ message }) => message)).toEqual([
        'rules.yaml: ignore[1].path: there is no such field',
        'rules.yaml: ignore[2]: must be a mapping',
        'rules.yaml: ignore[3].paths: must be a list of texts',
      ]);
    }
    expect(() => readDriftRules([], 'f')).toThrow('f: ignore: must be a list of rules');
  });
});

describe('what is written with rules', () => {
  const live: KubeObject = {
    ...WEB,
    metadata: { ...WEB.metadata, annotations: { team: 'b' } },
    spec: {
      replicas: 7,
      paused: true,
      template: {
        spec: {
          containers: [
            { name: 'log', image: 'log:9', imagePullPolicy: 'Always' },
            { name: 'web', image: 'web:9' },
          ],
        },
      },
    },
  };

  it('has the values of the cluster where they are left alone, and the manifest elsewhere', () => {
    const ignores = ignoredFields(WEB, [{ paths: ['spec.replicas', 'spec.template.spec.containers[name=log]'] }]);
    expect(keepIgnored({ target: WEB, live }, TYPE, ignores)).toEqual({
      ...WEB,
      spec: {
        replicas: 7,
        template: {
          spec: {
            containers: [
              { name: 'web', image: 'web:1' },
              { name: 'log', image: 'log:9' },
            ],
          },
        },
      },
    });
  });

  it('keeps metadata that is left alone, and the name', () => {
    const ignores = ignoredFields(WEB, [{ paths: ['metadata'] }]);
    const kept = keepIgnored({ target: WEB, live }, TYPE, ignores);
    expect(kept.metadata).toEqual({ name: 'web-a', namespace: 'shop', annotations: { team: 'b' } });
    expect(keepIgnored({ target: WEB, live }, TYPE, () => true)).toMatchObject({ spec: { replicas: 7 } });
  });

  it('leaves out what others removed and may stay away', () => {
    const { replicas: _, ...rest } = WEB['spec'] as { replicas: number };
    const without = { ...WEB, spec: rest };
    const ignores = ignoredFields(WEB, [{ paths: ['spec.replicas'] }]);
    expect(keepIgnored({ target: WEB, live: without }, TYPE, ignores)).toEqual(without);
    expect(keepIgnored({ target: WEB, live: without }, TYPE, () => false)).toEqual(WEB);
  });
});
