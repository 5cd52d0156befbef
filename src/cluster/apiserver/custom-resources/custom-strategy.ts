import { isObject } from '../../../base/json.ts';
import type {
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from '../../../kube/api/apiextensions-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import { nameIsDnsSubdomain } from '../../../kube/names.ts';
import type { KubeObject, ResourceType } from '../../../kube/object.ts';
import type { FieldError, FieldErrorType } from '../../registry/field-error.ts';
import { resourceType } from '../../registry/resource-type.ts';
import type { Draft, ScalePaths, Strategy, StrategyContext } from '../../registry/strategy.ts';
import type { CelSource } from '../cel/cel-source.ts';
import { hasRules, ruleFaults } from './rule-faults.ts';
import { schemaFaults } from './schema-faults.ts';
import { applySchemaDefaults, type Schema } from './structural-schema.ts';

/** Faults after which rules could not be evaluated. apiextensions: pkg/registry/customresource/strategy.go */
const BLOCKING: readonly FieldErrorType[] = [
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
];
const NOT_CHECKED: FieldError = {
  type: 'FieldValueInvalid',
  field: '',
  badValue: null,
  detail:
    'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
};

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

  readonly #cel: CelSource;

  constructor(spec: CustomResourceDefinitionSpec, version: CustomResourceDefinitionVersion, cel: CelSource) {
    this.#cel = cel;
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

  validateCreate(draft: KubeObject, context: StrategyContext): readonly FieldError[] {
    return this.#faults(draft, undefined, context);
  }

  validateUpdate(draft: KubeObject, old: KubeObject, context: StrategyContext): readonly FieldError[] {
    return this.#faults(draft, old, context);
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

  #faults(draft: KubeObject, old: KubeObject | undefined, context: StrategyContext): readonly FieldError[] {
    const schema = this.#schema;
    if (schema === undefined) return [];
    const faults = schemaFaults(draft, schema, '', old);
    if (!hasRules(schema)) return faults;
    if (faults.some(({ type }) => BLOCKING.includes(type))) return [...faults, NOT_CHECKED];
    const cel = this.#cel.get((key, start) => context.outside(key, start));
    return [...faults, ...ruleFaults(draft, old, schema, { cel, warn: (message) => context.warn(message) })];
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
