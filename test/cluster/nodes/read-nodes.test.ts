import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PintleError } from '../../../src/base/errors.ts';
import { formatLocation } from '../../../src/base/source.ts';
import { planText } from '../../../src/cluster/nodes/plan-text.ts';
import { NODE_FIELDS, parseNodes, POOL_FIELDS } from '../../../src/cluster/nodes/read-nodes.ts';
import { compileSchema } from '../../../src/schema/compile-schema.ts';
import { fromYaml } from '../../../src/yaml/index.ts';

const root = join(import.meta.dirname, '../../..');
const schema = JSON.parse(readFileSync(join(root, 'schemas/nodes.schema.json'), 'utf8')) as {
  readonly properties: Record<'nodes' | 'pools', { readonly items: { readonly properties: object } }>;
};
const validator = await compileSchema(schema);
const EXAMPLES = [...readFileSync(join(root, 'docs/nodes.md'), 'utf8').matchAll(/```yaml\n([^]*?)```/g)].map(
  ([, text = '']) => text,
);

function faultsOf(text: string): readonly string[] {
  try {
    parseNodes(text, 'nodes.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof PintleError)) throw error;
    return [error, ...error.related].map(
      ({ message, location }) => `${location === undefined ? '' : formatLocation(location)} ${message}`,
    );
  }
}

describe('a file of nodes', () => {
  it('has a short form', () => {
    const { nodes, pools } = parseNodes(
      [
        'nodes:',
        '  - name: control',
        '    taints: ["node-role.kubernetes.io/control-plane:NoSchedule"]',
        '  - name: worker',
        '    count: 3',
        '    zone: [a, b]',
        '    region: eu',
        '    instanceType: m5.large',
        '    capacity: {cpu: 4, memory: 16Gi, nvidia.com/gpu: 1}',
        '    allocatable: {cpu: 3500m}',
        '    labels: {disk: ssd}',
        '    taints: [{key: gpu, value: "yes", effect: NoExecute}, "spot=1:PreferNoSchedule"]',
        '    images: [nginx:1.29]',
        '    version: v1.34.1',
        'pools:',
        '  - {name: burst, max: 4, boot: 1m, idle: 5m, zone: c, capacity: {cpu: 2}}',
      ].join('\n'),
      'nodes.yaml',
    );
    expect(
      nodes.map(({ nodeName, index, labels }) => [nodeName, index, labels?.['topology.kubernetes.io/zone']]),
    ).toEqual([
      ['control', 0, undefined],
      ['worker-1', 1, 'a'],
      ['worker-2', 2, 'b'],
      ['worker-3', 3, 'a'],
    ]);
    expect(nodes[3]).toMatchObject({
      capacity: { cpu: 4, memory: '16Gi', 'nvidia.com/gpu': 1 },
      allocatable: { cpu: '3500m' },
      labels: { disk: 'ssd', 'topology.kubernetes.io/region': 'eu', 'node.kubernetes.io/instance-type': 'm5.large' },
      taints: [
        { key: 'gpu', value: 'yes', effect: 'NoExecute' },
        { key: 'spot', value: '1', effect: 'PreferNoSchedule' },
      ],
      images: ['nginx:1.29'],
      version: 'v1.34.1',
    });
    expect(pools).toEqual([
      {
        name: 'burst',
        min: 0,
        max: 4,
        bootMillis: 60_000,
        idleMillis: 300_000,
        template: {
          capacity: { cpu: 2 },
          labels: { 'topology.kubernetes.io/zone': 'c', agentpool: 'burst' },
          annotations: {},
        },
      },
    ]);
    expect(parseNodes(planText({ nodes, pools }), 'again')).toEqual({ nodes, pools });
  });

  it('may be what kubectl prints of nodes', () => {
    const node = (name: string): string =>
      [
        'apiVersion: v1',
        'kind: Node',
        `metadata: {name: ${name}, labels: {topology.kubernetes.io/zone: a}, uid: x}`,
        'spec: {taints: [{key: gpu, effect: NoSchedule}, {key: node.kubernetes.io/not-ready, effect: NoExecute}]}',
        'status: {capacity: {cpu: "2", pods: "20"}, allocatable: {cpu: 1900m}, nodeInfo: {kubeletVersion: v1.34.0}, images: [{names: [nginx@sha256:ab, "nginx:1"]}]}',
        '',
      ].join('\n');
    const expected = {
      capacity: { cpu: '2', pods: '20' },
      allocatable: { cpu: '1900m' },
      labels: { 'topology.kubernetes.io/zone': 'a' },
      annotations: {},
      taints: [{ key: 'gpu', effect: 'NoSchedule' }],
      images: ['nginx:1'],
      version: 'v1.34.0',
    };
    const both = [
      { ...expected, nodeName: 'one', index: 0 },
      { ...expected, nodeName: 'two', index: 1 },
    ];
    expect(parseNodes(`${node('one')}---\n${node('two')}`, 'n').nodes).toEqual(both);
    const items = [node('one'), node('two')].map((text) => JSON.stringify(fromYaml(text)));
    expect(parseNodes(`{"kind": "List", "items": [${items.join(',')}]}`, 'n').nodes).toEqual(both);
    expect(parseNodes(node('one'), 'n').nodes).toEqual(both.slice(0, 1));
  });

  it('is refused with the place of every fault', () => {
    const text = [
      'nodes:',
      '  - name: Worker',
      '    count: 0',
      '    capacity: {cpu: many}',
      '    labels: {a: 1}',
      '    taints: [gpu]',
      '    colour: red',
      '  - {name: a, version: latest}',
      '  - {name: a, zone: [1]}',
      'pools:',
      '  - {name: p, min: 3, max: 2}',
      '  - {name: p, idle: soon, count: 1}',
      'speed: 3',
    ].join('\n');
    expect(faultsOf(text)).toEqual([
      'nodes.yaml:13:1 nodes.yaml: speed: there is no such field; known are nodes, pools',
      expect.stringMatching(/^nodes\.yaml:7:5 .*nodes\[0\]\.colour: there is no such field/),
      expect.stringMatching(/^nodes\.yaml:2:5 .*nodes\[0\]\.name: must be a name/),
      expect.stringMatching(/^nodes\.yaml:3:5 .*nodes\[0\]\.count: must be a whole number from 1/),
      expect.stringMatching(/^nodes\.yaml:5:14 .*nodes\[0\]\.labels\.a: must be a text/),
      expect.stringMatching(/^nodes\.yaml:6:14 .*nodes\[0\]\.taints\[0\]: must be KEY=VALUE:EFFECT/),
      expect.stringMatching(/^nodes\.yaml:4:16 .*nodes\[0\]\.capacity\.cpu: must be a quantity/),
      expect.stringMatching(/^nodes\.yaml:8:15 .*nodes\[1\]\.version: must be the version/),
      expect.stringMatching(/^nodes\.yaml:9:15 .*nodes\[2\].zone: must be the name of a zone/),
      expect.stringMatching(/^nodes\.yaml:9:6 .*nodes\[2\]\.name: there is a node "a" already/),
      expect.stringMatching(/^nodes\.yaml:11:15 .*pools\[0\]\.min: must not be above max/),
      expect.stringMatching(/^nodes\.yaml:12:27 .*pools\[1\]\.count: there is no such field/),
      expect.stringMatching(/^nodes\.yaml:12:5 .*pools\[1\]\.max: must say how many/),
      expect.stringMatching(/^nodes\.yaml:12:6 .*pools\[1\]\.name: there is a pool "p" already/),
      expect.stringMatching(/^nodes\.yaml:12:15 .*pools\[1\]\.idle: must be a duration/),
    ]);
    expect(faultsOf('nodes: []')).toEqual(
      [' nodes.yaml: nodes: must name at least one node'].map((each) => `nodes.yaml:1:1${each}`),
    );
    expect(faultsOf('nodes: {a: 1}')[0]).toContain('nodes: must be a list');
    expect(faultsOf('nodes: [')[0]).toMatch(/did not find expected/);
    expect(faultsOf('kind: Pod')[0]).toContain('there is no such field');
    expect(faultsOf('nodes: [{name: a, count: 5000}, {name: b}]')[0]).toContain('at most 5000');
  });

  it('has a schema that is shipped and knows the fields that the code knows', () => {
    const { nodes, pools } = schema.properties;
    expect(Object.keys(nodes.items.properties).sort()).toEqual([...NODE_FIELDS].sort());
    const poolFields = [...NODE_FIELDS.filter((field) => field !== 'count'), ...POOL_FIELDS];
    expect(Object.keys(pools.items.properties).sort()).toEqual(poolFields.sort());
    expect(EXAMPLES.length).toBeGreaterThan(0);
    for (const text of EXAMPLES) {
      expect(validator.validate(fromYaml(text))).toBeUndefined();
      expect(parseNodes(text, 'example').nodes.length).toBeGreaterThan(0);
    }
  });

  it.each([
    'nodes: [{count: 2}]',
    'nodes: [{name: a, cpu: 4}]',
    'nodes: [{name: a, count: 0}]',
    'nodes: [{name: a}]\npools: [{name: p}]',
    'nodes: [{name: a, taints: [gpu]}]',
  ])('is refused by the schema and the code: %s', (text) => {
    expect(validator.validate(fromYaml(text))).toBeDefined();
    expect(faultsOf(text)).not.toEqual([]);
  });
});
