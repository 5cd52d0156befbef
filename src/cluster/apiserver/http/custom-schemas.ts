import type { CustomResourceDefinition } from '../../../kube/api/apiextensions-v1.generated.ts';
import type { KubeObject } from '../../../kube/object.ts';
import type { CustomSchemas, Schema } from './openapi.ts';

/** The schemas that definitions give their kinds, by `group/version/kind`. */
export function customSchemas(definitions: readonly KubeObject[]): CustomSchemas {
  const schemas = new Map<string, Schema>();
  for (const definition of definitions) {
    const { group, names, versions } = (definition as KubeObject & CustomResourceDefinition).spec;
    for (const { name, schema } of versions) {
      const own = schema?.openAPIV3Schema as Schema | undefined;
      if (own !== undefined) schemas.set(`${group}/${name}/${names.kind}`, own);
    }
  }
  return schemas;
}
