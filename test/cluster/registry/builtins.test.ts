import { describe, expect, test } from 'vitest';
import { builtinStrategies } from '../../../src/cluster/registry/builtins.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';

describe('the strategies of built-in kinds', () => {
  test('are made once, by group and resource', () => {
    const strategies = builtinStrategies();
    expect(builtinStrategies()).toBe(strategies);
    expect(strategies.size).toBe(57);
    for (const [key, { type, storedAs }] of strategies) {
      const name = `${type.group}/${type.resource}`;
      expect(key).toBe(storedAs?.bucket === name ? `${name}/${type.version}` : name);
    }
  });

  test('are there for every resource that code names', () => {
    for (const { group, version, resource, kind, namespaced, shortNames } of Object.values(RESOURCES)) {
      const served = builtinStrategies().get(`${group}/${resource}`)?.type;
      expect(served).toMatchObject({ version, kind, namespaced });
      expect(served?.shortNames).toEqual(expect.arrayContaining([...shortNames]));
    }
  });

  test('put into the category all what kubectl shows for it', () => {
    const all = [...builtinStrategies().values()].filter(({ type }) => type.categories.includes('all'));
    expect(all.map(({ type }) => type.resource).toSorted()).toEqual([
      'cronjobs',
      'daemonsets',
      'deployments',
      'horizontalpodautoscalers',
      'horizontalpodautoscalers',
      'jobs',
      'pods',
      'replicasets',
      'replicationcontrollers',
      'services',
      'statefulsets',
    ]);
  });

  test('have a status exactly where discovery shows one', () => {
    for (const { type, hasStatus } of builtinStrategies().values()) {
      expect([type.resource, hasStatus]).toEqual([type.resource, type.subresources.includes('status')]);
    }
  });
});
