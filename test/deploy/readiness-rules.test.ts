import { describe, expect, it } from 'vitest';
import { ruleTexts } from '../../src/deploy/custom-readiness-annotations.ts';
import { readReadinessRules } from '../../src/deploy/readiness-rules.ts';
import type { Resource } from '../../src/deploy/resource.ts';
import { waitReady } from '../../src/deploy/wait.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { lightCluster } from './light-cluster.ts';

function map(name: string, annotations: Readonly<Record<string, string>> = {}): Resource {
  const metadata = { name, namespace: 'default', annotations };
  return {
    type: RESOURCES.configMaps,
    object: { apiVersion: 'v1', kind: 'ConfigMap', metadata },
    key: { namespace: 'default', name },
  };
}

describe('rules from a file', () => {
  it('hold for the kinds and names that they speak of; an object knows better', () => {
    const rules = [
      { kind: 'Database', readyWhen: 'false' },
      { kind: 'ConfigMap', name: 'db-*', readyPath: '.data.x=1' },
      { group: '', failedWhen: 'true' },
    ];
    expect(ruleTexts(map('db-a'), rules)).toMatchObject({ readyPath: '.data.x=1' });
    expect(ruleTexts(map('other'), rules)).toMatchObject({ failedWhen: 'true' });
    expect(ruleTexts(map('db-a', { 'pintle.dev/ready-when': 'true' }), rules)).toEqual({
      readyWhen: 'true',
      failedWhen: undefined,
      readyPath: undefined,
    });
    expect(ruleTexts(map('other'), rules.slice(0, 2))).toBeUndefined();
  });

  it('decide on waits', async () => {
    const cluster = await lightCluster();
    const { client, clock } = cluster;
    await client.create(RESOURCES.configMaps, { ...map('a').object, data: { phase: 'starting' } });
    const rules = [{ kind: 'ConfigMap', readyWhen: "self.data.phase == 'Running'" }];
    const options = { timeout: 20_000, mode: 'ready' as const, rules };
    await expect(waitReady(cluster, [map('a')], options)).rejects.toThrow(/does not hold: self\.data\.phase/);
    clock.setTimer(5000, () => {
      void client.patch(RESOURCES.configMaps, map('a').key, 'merge', { data: { phase: 'Running' } });
    });
    const began = clock.now();
    await waitReady(cluster, [map('a')], options);
    expect(clock.now() - began).toBe(5000);
  });

  it('are read with every fault told', () => {
    const good = { readiness: [{ kind: 'A', readyWhen: 'true' }] };
    expect(readReadinessRules(good, 'f')).toEqual(good.readiness);
    try {
      readReadinessRules({ readiness: [{ kind: 'A' }, 3, { when: 'x', readyPath: 1 }] }, 'rules.yaml');
      expect.unreachable();
    } catch (error) {
      const { message, related } = error as { message: string; related: readonly Error[] };
      expect([message, ...related.map((each) => each.message)]).toEqual([
        'rules.yaml: readiness[0]: needs one of readyWhen, failedWhen and readyPath',
        'rules.yaml: readiness[1]: must be a mapping',
        'rules.yaml: readiness[2].when: there is no such field',
        'rules.yaml: readiness[2].readyPath: must be a text',
      ]);
    }
    expect(() => readReadinessRules('x', 'f')).toThrow('f: readiness: must be a list of rules');
  });
});
