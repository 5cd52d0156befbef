import { describe, expect, test } from 'vitest';
import { decodeObject } from '../../src/kube/decode.ts';
import { deepEqual } from '../../src/kube/equality.ts';
import { fieldElement, fieldSetOf } from '../../src/kube/field-set.ts';
import { LAST_APPLIED_ANNOTATION } from '../../src/kube/managed-fields.ts';
import type { GroupVersionKind, KubeObject } from '../../src/kube/object.ts';
import { applyServerSide, updateManagedFields } from '../../src/kube/server-side-apply.ts';
import { StatusError } from '../../src/kube/status-error.ts';
import { fc } from '../support/property.ts';

const DEPLOYMENT: GroupVersionKind = { group: 'apps', version: 'v1', kind: 'Deployment' };
const NOW = Date.parse('2026-01-01T00:00:00Z');

type Fields = Record<string, unknown>;

function deployment(spec: Fields, metadata: Fields = {}): KubeObject {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'ns', ...metadata }, spec };
}

function withContainers(...containers: Fields[]): KubeObject {
  return deployment({ selector: { matchLabels: { app: 'web' } }, template: { spec: { containers } } });
}

interface Apply {
  readonly live?: KubeObject;
  readonly manager?: string;
  readonly force?: boolean;
  readonly at?: number;
}

function apply(config: KubeObject, { live, manager = 'helm', force = false, at = 0 }: Apply = {}): KubeObject {
  return applyServerSide({ gvk: DEPLOYMENT, live, config, manager, force, now: NOW + at * 1000 }).object;
}

function spec(object: KubeObject): { replicas?: number; template: { spec: { containers: Fields[] } } } {
  return object['spec'] as ReturnType<typeof spec>;
}

function owners(object: KubeObject): Record<string, unknown> {
  const entries = object.metadata.managedFields ?? [];
  return Object.fromEntries(entries.map(({ manager, operation, fieldsV1 }) => [`${manager} ${operation}`, fieldsV1]));
}

function conflictOf(run: () => unknown): StatusError {
  try {
    run();
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  throw new Error('no conflict');
}

describe('an apply that creates', () => {
  test('owns what it says, and nothing else', () => {
    const object = apply(
      deployment({ replicas: 3, selector: { matchLabels: { app: 'web' } } }, { labels: { a: '1' } }),
    );
    expect(object).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: 'web',
        namespace: 'ns',
        labels: { a: '1' },
        managedFields: [
          {
            manager: 'helm',
            operation: 'Apply',
            apiVersion: 'apps/v1',
            time: '2026-01-01T00:00:00Z',
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:metadata': { 'f:labels': { 'f:a': {} } }, 'f:spec': { 'f:replicas': {}, 'f:selector': {} } },
          },
        ],
      },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: 'web' } },
        strategy: {},
        template: { metadata: {}, spec: { containers: null } },
      },
      status: {},
    });
  });

  test('keys of lists have their defaults', () => {
    const object = apply(
      withContainers({ name: 'c', ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }] }),
    );
    expect(JSON.stringify(owners(object))).toContain('"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}"');
    expect(JSON.stringify(owners(object))).toContain('"k:{\\"containerPort\\":80,\\"protocol\\":\\"UDP\\"}"');
  });
});

describe('an apply that changes', () => {
  const first = apply(withContainers({ name: 'a', image: '1', args: ['x'] }, { name: 'b', image: '1' }));

  test('removes what it applied before and does not any more', () => {
    const second = apply(withContainers({ name: 'b', image: '2' }, { name: 'c', image: '1' }), { live: first, at: 5 });
    expect(spec(second).template.spec.containers).toEqual([
      { name: 'b', image: '2', resources: {} },
      { name: 'c', image: '1', resources: {} },
    ]);
    expect(second.metadata.managedFields?.[0]?.time).toBe('2026-01-01T00:00:05Z');
  });

  test('leaves what others have', () => {
    const other = apply(withContainers({ name: 'a', image: '1' }), { live: first, manager: 'other' });
    const second = apply(withContainers({ name: 'b', image: '1' }), { live: other });
    expect(spec(second).template.spec.containers.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(spec(second).template.spec.containers[0]).toEqual({ name: 'a', image: '1', resources: {} });
  });

  test('does nothing if it says the same again, not even a new time', () => {
    const config = withContainers({ name: 'a', image: '1', args: ['x'] }, { name: 'b', image: '1' });
    expect(apply(config, { live: first, at: 60 })).toBe(first);
  });

  test('a second manager with the same values shares them', () => {
    const both = apply(withContainers({ name: 'a', image: '1' }), { live: first, manager: 'other', at: 1 });
    expect(Object.keys(owners(both)).sort()).toEqual(['helm Apply', 'other Apply']);
  });

  test('elements that only the server has keep their places', () => {
    const live = apply(withContainers({ name: 'a' }, { name: 'x' }, { name: 'b' }), { manager: 'other' });
    const merged = apply(withContainers({ name: 'b' }, { name: 'a' }), { live });
    expect(spec(merged).template.spec.containers.map(({ name }) => name)).toEqual(['x', 'b', 'a']);
  });
});

describe('conflicts', () => {
  const object = decodeObject(DEPLOYMENT, withContainers({ name: 'a', image: '1' }), 'Strict').object;
  const created = updateManagedFields({
    gvk: DEPLOYMENT,
    before: undefined,
    after: object,
    manager: 'kubectl-client-side-apply',
    now: NOW,
  });

  test('one', () => {
    const error = conflictOf(() => apply(withContainers({ name: 'a', image: '2' }), { live: created }));
    expect(error.status).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message:
        'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using apps/v1: .spec.template.spec.containers[name="a"].image',
      reason: 'Conflict',
      code: 409,
      details: {
        causes: [
          {
            reason: 'FieldManagerConflict',
            message: 'conflict with "kubectl-client-side-apply" using apps/v1',
            field: '.spec.template.spec.containers[name="a"].image',
          },
        ],
      },
    });
  });

  test('several, by manager', () => {
    const live = apply(deployment({ replicas: 1, minReadySeconds: 1 }), { live: created, manager: 'other' });
    const config = deployment({
      replicas: 2,
      minReadySeconds: 2,
      template: { spec: { containers: [{ name: 'a', image: '2' }] } },
    });
    expect(conflictOf(() => apply(config, { live })).message).toBe(
      [
        'Apply failed with 3 conflicts: conflicts with "kubectl-client-side-apply" using apps/v1:',
        '- .spec.template.spec.containers[name="a"].image',
        'conflicts with "other":',
        '- .spec.minReadySeconds',
        '- .spec.replicas',
      ].join('\n'),
    );
  });

  test('force takes the fields', () => {
    const result = applyServerSide({
      gvk: DEPLOYMENT,
      live: created,
      config: withContainers({ name: 'a', image: '2' }),
      manager: 'helm',
      force: true,
      now: NOW,
    });
    expect(result.conflicts).toEqual([
      { manager: '"kubectl-client-side-apply" using apps/v1', field: '.spec.template.spec.containers[name="a"].image' },
    ]);
    expect(JSON.stringify(owners(result.object)['kubectl-client-side-apply Update'])).not.toContain('f:image');
    expect(JSON.stringify(owners(result.object)['helm Apply'])).toContain('f:image');
  });

  test('the subresource is named', () => {
    const scaled = updateManagedFields({
      gvk: DEPLOYMENT,
      before: created,
      after: { ...created, spec: { ...spec(created), replicas: 5 } },
      manager: 'hpa',
      subresource: 'scale',
      now: NOW,
    });
    expect(conflictOf(() => apply(deployment({ replicas: 2 }), { live: scaled })).message).toBe(
      'Apply failed with 1 conflict: conflict with "hpa" with subresource "scale" using apps/v1: .spec.replicas',
    );
  });

  test('kubectl takes over from its client-side apply what nobody changed', () => {
    const lastApplied = { [LAST_APPLIED_ANNOTATION]: JSON.stringify(withContainers({ name: 'a', image: '1' })) };
    const live = { ...created, metadata: { ...created.metadata, annotations: lastApplied } };
    const config = withContainers({ name: 'a', image: '2' });
    const result = apply(config, { live, manager: 'kubectl' });
    expect(result.metadata.annotations?.[LAST_APPLIED_ANNOTATION]).toContain('"image":"2"');
    expect(() => apply(config, { live, manager: 'helm' })).toThrow('1 conflict');
    const changed = {
      ...live,
      spec: { ...spec(live), template: { spec: { containers: [{ name: 'a', image: '3' }] } } },
    };
    expect(() => apply(config, { live: changed, manager: 'kubectl' })).toThrow('1 conflict');
  });
});

describe('objects from before', () => {
  test('fields of objects without managedFields belong to before-first-apply', () => {
    const live = decodeObject(DEPLOYMENT, deployment({ replicas: 1 }, { uid: 'u' }), 'Strict').object;
    const result = apply(deployment({ minReadySeconds: 5 }), { live });
    expect(owners(result)).toEqual({
      'helm Apply': { 'f:spec': { 'f:minReadySeconds': {} } },
      'before-first-apply Update': { 'f:spec': { 'f:replicas': {} } },
    });
    expect(() => apply(deployment({ replicas: 2 }), { live })).toThrow('before-first-apply');
  });

  test('ignored fields are owned by nobody', () => {
    const { object } = applyServerSide({
      gvk: DEPLOYMENT,
      live: undefined,
      config: { ...deployment({ replicas: 1 }), status: { replicas: 1 } },
      manager: 'm',
      force: false,
      now: NOW,
      ignoredFields: fieldSetOf([fieldElement('status')]),
    });
    expect(owners(object)).toEqual({ 'm Apply': { 'f:spec': { 'f:replicas': {} } } });
  });
});

describe('configurations that are refused', () => {
  test.each<[string, KubeObject, number, string]>([
    [
      'unknown field',
      deployment({ foo: 1 }),
      500,
      'failed to create typed patch object (ns/web; apps/v1, Kind=Deployment): .spec.foo: field not declared in schema',
    ],
    [
      'wrong type',
      deployment({ replicas: 'x' }),
      500,
      'failed to create typed patch object (ns/web; apps/v1, Kind=Deployment): .spec.replicas: expected numeric (int or float), got string',
    ],
    [
      'element without keys',
      withContainers({ image: 'x' }),
      500,
      'failed to create typed patch object (ns/web; apps/v1, Kind=Deployment): .spec.template.spec.containers: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn\'t have default values for any key fields)',
    ],
    [
      'twice the same',
      withContainers({ name: 'a' }, { name: 'a' }),
      500,
      'failed to create typed patch object (ns/web; apps/v1, Kind=Deployment): .spec.template.spec.containers: duplicate entries for key [name="a"]',
    ],
    ['managedFields', deployment({}, { managedFields: [] }), 400, 'metadata.managedFields must be nil'],
    [
      'other version',
      { ...deployment({}), apiVersion: 'apps/v2' },
      400,
      'Incorrect version specified in apply patch. Specified patch version: apps/v2, expected: apps/v1',
    ],
  ])('%s', (_, config, code, message) => {
    const error = conflictOf(() => apply(config));
    expect([error.code, error.message]).toEqual([code, message]);
  });
});

describe('laws', () => {
  const names = fc.shuffledSubarray(['a', 'b', 'c', 'd'], { minLength: 1 });
  const config = names.chain((all) =>
    fc
      .tuple(...all.map((name) => fc.record({ name: fc.constant(name), image: fc.constantFrom('1', '2') })))
      .map((containers) => withContainers(...containers)),
  );

  test('applying twice is applying once', () => {
    fc.assert(
      fc.property(config, config, (one, two) => {
        const live = apply(one);
        const before = JSON.stringify([live, two]);
        const result = apply(two, { live });
        expect(apply(two, { live: result, at: 9 })).toBe(result);
        expect(JSON.stringify([live, two])).toBe(before);
      }),
    );
  });

  test('a single manager gets what it says', () => {
    fc.assert(
      fc.property(config, config, (one, two) => {
        const containers = (object: KubeObject) => spec(object).template.spec.containers ?? [];
        const wanted = containers(decodeObject(DEPLOYMENT, two, 'Ignore').object);
        const result = apply(two, { live: apply(one) });
        expect(deepEqual(containers(result), wanted)).toBe(true);
      }),
    );
  });
});
