import { isObject } from '../../../base/json.ts';
import type {
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from '../../../kube/api/apiextensions-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import { nameIsDnsSubdomain } from '../../../kube/names.ts';
import type { KubeObject, ResourceType } from '../../../kube/object.ts';
import type { FieldError } from '../../registry/field-error.ts';
import { resourceType } from '../../registry/resource-type.ts';
import type { Draft, ScalePaths, Strategy, StrategyContext } from '../../registry/strategy.ts';
import { schemaFaults } from './schema-faults.ts';
import { applySchemaDefaults, type Schema } from './structural-schema.ts';

/** The resource that one version of a definition describes. */
function resourceTypeOf(
  { group, names, scope }: CustomResourceDefinitionSpec,
  { name, subresources }: CustomResourceDefinitionVersion,
): ResourceType {
  const parts: string[] = [];
  if (isObject(subresources?.status)) parts.push('status');
  if (isObject(subresources?.scale)) parts.push('scale');
  const type = resourceType(`${group}/${name}`, names.kind, names.plural, {
    clusterScoped: scope === 'Cluster',
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    subresources: parts,
  });
  return { ...type, singular: names.singular ?? names.kind.toLowerCase() };
}

/** Custom resources: checked by the schema of their definition. apiextensions: pkg/registry/customresource/strategy.go */
export class CustomStrategy implements Strategy {
  readonly type: ResourceType;
  readonly hasStatus: boolean;
  readonly hasGeneration = true;
  readonly allowUnconditionalUpdate = false;
  readonly scale?: ScalePaths;
  readonly #schema: Schema | undefined;
  readonly #selectable: readonly string[];

  constructor(spec: CustomResourceDefinitionSpec, version: CustomResourceDefinitionVersion) {
    this.type = resourceTypeOf(spec, version);
    this.hasStatus = this.type.subresources.includes('status');
    this.#schema = version.schema?.openAPIV3Schema;
    this.#selectable = (version.selectableFields ?? []).map((each) => withoutDot(each.jsonPath));
    const scale = version.subresources?.scale;
    if (scale === undefined) return;
    this.scale = {
      replicas: withoutDot(scale.specReplicasPath),
      statusReplicas: withoutDot(scale.statusReplicasPath),
      selector: withoutDot(scale.labelSelectorPath ?? ''),
    };
  }

  validateName(name: string, isPrefix: boolean): readonly string[] {
    return nameIsDnsSubdomain(name, isPrefix);
  }

  applyDefaults(draft: Draft): void {
    if (this.#schema !== undefined) applySchemaDefaults(draft, this.#schema);
  }

  prepareForCreate(draft: Draft): void {
    if (this.hasStatus) delete draft['status'];
  }

  prepareForUpdate(draft: Draft, old: KubeObject, { subresource }: StrategyContext): void {
    if (subresource !== 'status') {
      if (!this.hasStatus) return;
      if (old['status'] === undefined) delete draft['status'];
      else draft['status'] = old['status'];
      return;
    }
    const { managedFields } = draft.metadata;
    for (const key of Object.keys(draft)) if (key !== 'status') delete draft[key];
    for (const key of Object.keys(old)) if (key !== 'status') draft[key] = old[key];
    draft.metadata = { ...old.metadata };
    if (managedFields !== undefined) draft.metadata['managedFields'] = managedFields;
  }

  validateCreate(draft: KubeObject): readonly FieldError[] {
    return this.#faults(draft);
  }

  validateUpdate(draft: KubeObject): readonly FieldError[] {
    return this.#faults(draft);
  }

  changesGeneration(draft: KubeObject, old: KubeObject): boolean {
    const keys = new Set([...Object.keys(draft), ...Object.keys(old)]);
    keys.delete('metadata');
    if (this.hasStatus) keys.delete('status');
    return [...keys].some((key) => !deepEqual(draft[key], old[key]));
  }

  selectableFields(object: KubeObject): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#selectable.map((path) => [path, textAt(object, path)]));
  }

  #faults(draft: KubeObject): readonly FieldError[] {
    return this.#schema === undefined ? [] : schemaFaults(draft, this.#schema, '');
  }
}

function withoutDot(path: string): string {
  return path.startsWith('.') ? path.slice(1) : path;
}

function textAt(object: KubeObject, path: string): string {
  let value: unknown = object;
  for (const key of path.split('.')) value = isObject(value) ? value[key] : undefined;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
