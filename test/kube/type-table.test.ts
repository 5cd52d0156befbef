import { expect, test } from 'vitest';
import { SERIALIZATION_TABLE_JSON } from '../../src/kube/serialization-table.generated.ts';
import { structNamed, typeOf, type FieldType } from '../../src/kube/type-table.ts';
import { TYPE_TABLE_JSON } from '../../src/kube/type-table.generated.ts';

test('kinds, fields and their merge rules', () => {
  const spec = structNamed('api.core.v1.PodSpec');
  expect(spec?.goName).toBe('PodSpec');
  expect(spec?.fields.get('volumes')).toMatchObject({
    type: { kind: 'list', listType: 'map', keys: ['name'], element: { kind: 'struct', name: 'api.core.v1.Volume' } },
    patchStrategies: ['merge', 'retainKeys'],
    patchMergeKey: 'name',
    empty: 'omit',
    goType: '[]v1.Volume',
  });
  expect(spec?.fields.get('nodeSelector')?.type).toEqual({
    kind: 'map',
    value: { kind: 'scalar', scalar: 'string' },
    atomic: true,
  });
  expect(spec?.fields.get('restartPolicy')).toMatchObject({ goType: 'v1.RestartPolicy', empty: 'omit' });
  expect(structNamed('apimachinery.pkg.apis.meta.v1.LabelSelector')?.atomic).toBe(true);
  const claim = structNamed('api.core.v1.PersistentVolumeSpec')?.fields.get('claimRef')?.type;
  expect(claim).toMatchObject({ kind: 'struct', atomic: false });
  expect(typeOf({ group: 'apps', version: 'v1', kind: 'Deployment' })).toBe(structNamed('api.apps.v1.Deployment'));
  expect(typeOf({ group: 'apps', version: 'v1', kind: 'Nothing' })).toBeUndefined();
});

test('both tables speak of the same fields, and every type resolves', () => {
  const { definitions } = JSON.parse(TYPE_TABLE_JSON) as {
    definitions: Record<string, { fields?: Record<string, unknown> }>;
  };
  const { fields, atomic } = JSON.parse(SERIALIZATION_TABLE_JSON) as {
    fields: Record<string, string>;
    atomic: string[];
  };
  for (const [name, flags] of Object.entries(fields)) {
    for (const entry of flags.split(' ')) {
      const [field = '', flag = ''] = entry.split('=');
      expect(definitions[name]?.fields, `${name}.${field}`).toHaveProperty([field]);
      expect('vpsnqz').toContain(flag.charAt(0));
    }
  }
  for (const name of atomic) expect(definitions).toHaveProperty([name]);
  let seen = 0;
  const visit = (type: FieldType): void => {
    if (type.kind === 'list') visit(type.element);
    else if (type.kind === 'map') visit(type.value);
    seen += 1;
  };
  for (const name of Object.keys(definitions)) {
    for (const field of structNamed(name)?.fields.values() ?? []) visit(field.type);
  }
  expect(seen).toBeGreaterThan(3000);
});
