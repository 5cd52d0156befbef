import { describe, expect, it } from 'vitest';
import type { ApiServer } from '../../../src/cluster/apiserver/api-server.ts';
import type { KubeObject, ResourceType } from '../../../src/kube/object.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { resourceType } from '../../../src/cluster/registry/resource-type.ts';
import { refusal, testServer } from './support.ts';

const WIDGETS = resourceType('example.com/v1', 'Widget', 'widgets');
const KEY = { namespace: 'default', name: 'w' };

function definition(spec: object, root: object = {}): object {
  return {
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', ...root, properties: { spec: { type: 'object', ...spec } } } },
        },
      ],
    },
  };
}

async function served(spec: object, root: object = {}): Promise<Awaited<ReturnType<typeof testServer>>> {
  const server = await testServer();
  await server.client.create(RESOURCES.customResourceDefinitions, definition(spec, root));
  return server;
}

function widget(spec: object): object {
  return { metadata: { name: 'w', namespace: 'default' }, spec };
}

interface Case {
  readonly spec: object;
  readonly root?: object;
  readonly value: object;
  /** What follows `Widget.example.com "w" is invalid: `; undefined: it is taken. */
  readonly fault: string | undefined;
}

const RULE = (rule: string, more: object = {}): object => ({ 'x-kubernetes-validations': [{ rule, ...more }] });
const SIZES = { properties: { min: { type: 'integer' }, max: { type: 'integer' } } };

describe('rules of schemas', () => {
  it.each<Case>([
    { spec: { ...SIZES, ...RULE('self.min <= self.max') }, value: { min: 1, max: 2 }, fault: undefined },
    {
      spec: { ...SIZES, ...RULE('self.min <= self.max') },
      value: { min: 3, max: 2 },
      fault: 'spec: Invalid value: failed rule: self.min <= self.max',
    },
    {
      spec: {
        ...SIZES,
        ...RULE('self.min <= self.max', { message: 'min above max', fieldPath: '.min', reason: 'FieldValueForbidden' }),
      },
      value: { min: 3, max: 2 },
      fault: 'spec.min: Forbidden: min above max',
    },
    {
      spec: {
        ...SIZES,
        ...RULE('self.min <= self.max', { messageExpression: '"%d > %d".format([self.min, self.max])' }),
      },
      value: { min: 3, max: 2 },
      fault: 'spec: Invalid value: 3 > 2',
    },
    {
      spec: { properties: { n: { type: 'integer', ...RULE('self % 2 == 0', { message: 'odd' }) } } },
      value: { n: 3 },
      fault: 'spec.n: Invalid value: 3: odd',
    },
    {
      spec: { properties: { n: { type: 'number', ...RULE('self + 0.5 < 2.0') } } },
      value: { n: 2 },
      fault: 'spec.n: Invalid value: 2: failed rule: self + 0.5 < 2.0',
    },
    {
      spec: { ...SIZES, ...RULE('self.min > 0') },
      value: { max: 2 },
      fault: 'spec: Invalid value: "object": no such key: min evaluating rule: self.min > 0',
    },
    {
      spec: {
        properties: { 'a-b': { type: 'string' }, in: { type: 'string' } },
        ...RULE('self.a__dash__b == self.__in__'),
      },
      value: { 'a-b': 'x', in: 'y' },
      fault: 'spec: Invalid value: failed rule: self.a__dash__b == self.__in__',
    },
    {
      spec: { properties: { t: { type: 'string', format: 'date-time' } }, ...RULE('self.t.getFullYear() == 2024') },
      value: { t: '2023-01-01T00:00:00Z' },
      fault: 'spec: Invalid value: failed rule: self.t.getFullYear() == 2024',
    },
    {
      spec: { properties: { d: { type: 'string', format: 'duration' } }, ...RULE('self.d < duration("1m")') },
      value: { d: '90s' },
      fault: 'spec: Invalid value: failed rule: self.d < duration("1m")',
    },
    {
      spec: {
        properties: { p: { 'x-kubernetes-int-or-string': true } },
        ...RULE('type(self.p) == string || self.p > 10'),
      },
      value: { p: 3 },
      fault: 'spec: Invalid value: failed rule: type(self.p) == string || self.p > 10',
    },
    {
      spec: {
        properties: {
          list: {
            type: 'array',
            items: { type: 'object', properties: { n: { type: 'integer' } }, ...RULE('self.n > 0') },
          },
        },
      },
      value: { list: [{ n: 1 }, { n: 0 }] },
      fault: 'spec.list[1]: Invalid value: failed rule: self.n > 0',
    },
    {
      spec: {
        properties: { map: { type: 'object', additionalProperties: { type: 'string', ...RULE('size(self) < 3') } } },
      },
      value: { map: { k: 'long' } },
      fault: 'spec.map[k]: Invalid value: "long": failed rule: size(self) < 3',
    },
    {
      spec: SIZES,
      root: RULE('self.metadata.name != "w"', { message: 'not that name' }),
      value: {},
      fault: '<nil>: Invalid value: not that name',
    },
    {
      spec: { ...SIZES, required: ['min'], ...RULE('self.min > 0') },
      value: {},
      fault:
        '[spec.min: Required value, <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
    },
  ])('judge %o', async ({ spec, root, value, fault }) => {
    const { client } = await served(spec, root);
    if (fault === undefined) {
      await client.create(WIDGETS, widget(value));
      return;
    }
    const status = await refusal(client.create(WIDGETS, widget(value)));
    expect(status.message).toBe(`Widget.example.com "w" is invalid: ${fault}`);
    expect(status.code).toBe(422);
  });

  it('compare with what was there', async () => {
    const spec = { ...SIZES, ...RULE('self.max >= oldSelf.max', { message: 'may not shrink' }) };
    const { client } = await served(spec);
    await client.create(WIDGETS, widget({ max: 2 }));
    await client.patch(WIDGETS, KEY, 'merge', { spec: { max: 3 } });
    expect((await refusal(client.patch(WIDGETS, KEY, 'merge', { spec: { max: 1 } }))).message).toContain(
      'may not shrink',
    );
  });

  it('compare with what may have been there', async () => {
    const rule = 'oldSelf.hasValue() || self.max == 1';
    const { client } = await served({ ...SIZES, ...RULE(rule, { optionalOldSelf: true }) });
    expect((await refusal(client.create(WIDGETS, widget({ max: 2 })))).message).toContain(rule);
    await client.create(WIDGETS, widget({ max: 1 }));
    await client.patch(WIDGETS, KEY, 'merge', { spec: { max: 2 } });
  });

  it('find elements of lists by their keys', async () => {
    const items = {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string' }, n: { type: 'integer' } },
      ...RULE('self.n >= oldSelf.n'),
    };
    const list = { type: 'array', items, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] };
    const { client } = await served({ properties: { list } });
    const [a, b] = [
      { name: 'a', n: 2 },
      { name: 'b', n: 1 },
    ];
    await client.create(WIDGETS, widget({ list: [a, b] }));
    await client.patch(WIDGETS, KEY, 'merge', { spec: { list: [b, a] } });
    const worse = { spec: { list: [{ name: 'a', n: 1 }] } };
    expect((await refusal(client.patch(WIDGETS, KEY, 'merge', worse))).message).toContain(
      'spec.list[0]: Invalid value',
    );
  });

  it('only warn of what was wrong before and has not changed', async () => {
    const { server, client } = await served({ properties: { n: { type: 'integer' }, other: { type: 'integer' } } });
    await client.create(WIDGETS, widget({ n: 5 }));
    const stricter = definition({
      properties: { n: { type: 'integer', maximum: 3, ...RULE('self < 4') }, other: { type: 'integer', maximum: 3 } },
    }) as KubeObject;
    await client.patch(RESOURCES.customResourceDefinitions, { name: 'widgets.example.com' }, 'merge', {
      spec: stricter['spec'],
    });
    const warnings = await patchWith(server, WIDGETS, { spec: { other: 2 } });
    expect(warnings).toEqual(['spec.n: Invalid value: 5: failed rule: self < 4']);
    expect((await refusal(client.patch(WIDGETS, KEY, 'merge', { spec: { n: 6 } }))).message).toContain('spec.n');
  });
});

async function patchWith(server: ApiServer, type: ResourceType, body: object): Promise<readonly string[]> {
  const warnings: string[] = [];
  await server.handle({
    verb: 'patch',
    type,
    ...KEY,
    patchType: 'merge',
    body,
    user: { name: 'ann', groups: ['system:masters'] },
    warn: (message) => warnings.push(message),
  });
  return warnings;
}

describe('definitions with rules that are none', () => {
  const PATH = 'spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0]';

  it.each([
    [
      'self.nope > 1',
      {},
      'rule',
      "compilation failed: ERROR: <input>:1:5: undefined field 'nope'\n | self.nope > 1\n | ....^",
    ],
    [
      'nobody',
      {},
      'rule',
      "compilation failed: ERROR: <input>:1:1: undeclared reference to 'nobody' (in container '')\n | nobody\n | ^",
    ],
    ['"text"', {}, 'rule', 'cel expression must evaluate to a bool'],
    ['self.min > 1', { messageExpression: '1' }, 'messageExpression', 'messageExpression must evaluate to a string'],
  ])('%s', async (rule, more, field, detail) => {
    const { client } = await testServer();
    const crd = definition({ ...SIZES, ...RULE(rule, more) });
    const { message } = await refusal(client.create(RESOURCES.customResourceDefinitions, crd));
    expect(message).toMatch(/^CustomResourceDefinition\.apiextensions\.k8s\.io "widgets\.example\.com" is invalid: /);
    expect(message).toContain(`${PATH}.${field}: Invalid value: {"FieldPath":"","Message":"",`.slice(0, 20));
    expect(message).toContain(`${PATH}.${field}: Invalid value: `);
    expect(message).toContain(detail);
  });

  it('refuse an old state that cannot be found', async () => {
    const { client } = await testServer();
    const items = { type: 'object', ...RULE('self == oldSelf') };
    const crd = definition({ properties: { list: { type: 'array', items } } });
    expect((await refusal(client.create(RESOURCES.customResourceDefinitions, crd))).message).toContain(
      'oldSelf cannot be used on the uncorrelatable portion of the schema within',
    );
    const optional = definition({ ...SIZES, ...RULE('self.min > 1', { optionalOldSelf: true }) });
    expect((await refusal(client.create(RESOURCES.customResourceDefinitions, optional))).message).toContain(
      'optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule',
    );
  });
});
