import { describe, expect, test } from 'vitest';
import { create, set, stored, update, withValues, type Json } from './support.ts';

const NAME = 'widgets.example.com';
const DEFINITION: Json = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: NAME },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object' } } } },
      },
    ],
  },
};
const V = 'spec.versions[0]';
const S = `${V}.schema.openAPIV3Schema`;
const SHOWN = 'spec.validation.openAPIV3Schema';
const SPEC = `${SHOWN}.properties[spec]`;

function refusal(values: Json): string | undefined {
  return create(withValues(DEFINITION, values)).message;
}

describe('a new definition', () => {
  test('gets the rest of its names and a stored version', () => {
    expect(stored(DEFINITION)).toMatchObject({
      spec: { names: { singular: 'widget', listKind: 'WidgetList' }, conversion: { strategy: 'None' } },
      status: { storedVersions: ['v1'] },
    });
  });

  test.each<[Json, string]>([
    [{ 'spec.group': 'example' }, 'spec.group: Invalid value: "example": should be a domain with at least one dot'],
    [{ 'spec.scope': 'x' }, 'spec.scope: Unsupported value: "x": supported values: "Cluster", "Namespaced"'],
    [{ [`${V}.schema`]: undefined }, `${V}.schema.openAPIV3Schema: Required value`],
    [
      { [`${V}.storage`]: false },
      'spec.versions: Invalid value: [{"Name":"v1","Served":true,"Storage":false,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}]: must have exactly one version marked as storage version',
    ],
    [{ [`${S}.type`]: undefined }, `${SHOWN}.type: Required value: must not be empty at the root`],
    [
      { [`${S}.properties.spec.type`]: undefined },
      `${SPEC}.type: Required value: must not be empty for specified object fields`,
    ],
    [
      { [`${S}.properties.spec.properties.a`]: { type: 'array' } },
      `${SPEC}.properties[a].items: Required value: must be specified`,
    ],
    [
      { [`${S}.properties.spec.properties.a`]: { type: 'foo' } },
      `${SPEC}.properties[a].type: Unsupported value: "foo": supported values: "array", "boolean", "integer", "number", "object", "string"`,
    ],
    [
      { [`${S}.properties.metadata`]: { type: 'object', description: 'x' } },
      `${SHOWN}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified`,
    ],
    [
      {
        [`${S}.properties.spec.additionalProperties`]: { type: 'string' },
        [`${S}.properties.spec.properties.a`]: { type: 'string' },
      },
      `${SPEC}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`,
    ],
    [
      { [`${S}.properties.spec.anyOf`]: [{ type: 'integer' }] },
      `${SPEC}.anyOf[0].type: Forbidden: must be empty to be structural`,
    ],
    [{ [`${S}.properties.spec.$ref`]: '#/x' }, `${SPEC}.$ref: Forbidden: $ref is not supported`],
    [
      { 'spec.preserveUnknownFields': true },
      'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
    ],
    [
      { [`${V}.additionalPrinterColumns`]: [{ name: 'a', type: 'x', jsonPath: '.b' }] },
      'spec.additionalPrinterColumns[0].type: Invalid value: "x": must be one of boolean,date,integer,number,string',
    ],
    [
      { [`${V}.subresources`]: { scale: { specReplicasPath: '.x', statusReplicasPath: '.status.x' } } },
      'spec.subresources.scale.specReplicasPath: Invalid value: ".x": should be a json path under .spec',
    ],
    [
      { 'spec.conversion': { strategy: 'Webhook' } },
      '[spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook, spec.conversion.conversionReviewVersions: Required value]',
    ],
    [
      {
        [`${S}.properties.spec.properties.a`]: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k'],
          items: { type: 'object', properties: { k: { type: 'string' } } },
        },
      },
      `${SPEC}.properties[a].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
    ],
  ])('is refused with %o', (values, message) => {
    expect(refusal(values)).toContain(message);
  });

  test('has the name of its resource', () => {
    expect(refusal({ 'metadata.name': 'x' })).toBe(
      'CustomResourceDefinition.apiextensions.k8s.io "x" is invalid: metadata.name: Invalid value: "x": must be spec.names.plural+"."+spec.group',
    );
  });

  test('shows faults of versions that differ where they are', () => {
    const second = { name: 'v2', served: true, storage: false, schema: { openAPIV3Schema: {} } };
    expect(refusal({ 'spec.versions[1]': second })).toContain(
      'spec.versions[1].schema.openAPIV3Schema.type: Required value: must not be empty at the root',
    );
  });

  test('needs an approval in the groups of Kubernetes', () => {
    const name = 'widgets.a.k8s.io';
    const values = { 'spec.group': 'a.k8s.io', 'metadata.name': name };
    expect(refusal(values)).toContain('protected groups must have approval annotation "api-approved.kubernetes.io"');
    const annotations = { 'api-approved.kubernetes.io': 'unapproved, for tests' };
    expect(refusal({ ...values, 'metadata.annotations': annotations })).toBeUndefined();
  });

  test('may use what real schemas use', () => {
    const spec = {
      type: 'object',
      required: ['size'],
      properties: {
        size: { type: 'integer', minimum: 1, default: 1 },
        port: { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        rules: { type: 'array', items: { type: 'object', properties: { a: { type: 'string' } } } },
      },
      oneOf: [{ required: ['size'] }, { required: ['port'] }],
      'x-kubernetes-validations': [{ rule: 'self.size > 0', message: 'too small' }],
    };
    const values = {
      [`${S}.properties.spec`]: spec,
      [`${S}.properties.status`]: { type: 'object' },
      [`${V}.subresources`]: { status: {} },
      [`${V}.selectableFields`]: [{ jsonPath: '.spec.size' }],
    };
    expect(refusal(values)).toBeUndefined();
  });
});

describe('a changed definition', () => {
  function changed(old: Json, values: Json): string | undefined {
    return update(old, (draft) => {
      for (const [path, value] of Object.entries(values)) set(draft, path, value);
    }).message;
  }

  test('keeps its group, and its kind once it is established', () => {
    const established = withValues(stored(DEFINITION), {
      'status.conditions': [{ type: 'Established', status: 'True' }],
    });
    const names = { 'spec.names.kind': 'Gadget', 'spec.names.listKind': 'GadgetList' };
    expect(changed(stored(DEFINITION), names)).toBeUndefined();
    expect(changed(established, names)).toContain('spec.names.kind: Invalid value: "Gadget": field is immutable');
    expect(changed(stored(DEFINITION), { 'spec.group': 'a.example.com' })).toContain(
      'spec.group: Invalid value: "a.example.com": field is immutable',
    );
  });

  test('keeps the versions that objects may be stored in', () => {
    expect(changed(stored(DEFINITION), { 'spec.versions[0].name': 'v2' })).toContain(
      'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version',
    );
  });
});
