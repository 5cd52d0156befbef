import { isObject } from '../../../base/json.ts';
import type { Faults } from '../faults.ts';
import { isEmpty } from '../wire.ts';
import { checkListAndMapTypes } from './list-types.ts';
import { checkValidationRules } from './validation-rules.ts';
import { asSchema, type Schema } from './schema-walk.ts';
import { structuralFaults } from './structural.ts';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const META_FIELDS: ReadonlySet<string> = new Set(['metadata', 'kind', 'apiVersion']);

/** Fields of a schema, in Go's order and names, that may stand at its root beside a status subresource. */
const ROOT_FIELDS =
  'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations';
const ROOT_KEYS: ReadonlySet<string> = new Set([
  ...ROOT_FIELDS.split(' ').map((name) => name.charAt(0).toLowerCase() + name.slice(1)),
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
]);

/** Refuses schemas that Kubernetes cannot use. apiextensions: validateCustomResourceDefinitionValidation */
export function checkSchema(schema: Schema, path: string, hasStatus: boolean, faults: Faults): void {
  const before = faults.count;
  if (hasStatus) checkRoot(schema, path, faults);
  if (schema.nullable === true) faults.forbidden(`${path}.nullable`, 'nullable cannot be true at the root');
  const unsupported = unsupportedField(schema);
  if (unsupported === undefined) faults.addAll(structuralFaults(schema, path));
  checkPart(schema, { isRoot: true, inMeta: false, defaultsForbidden: undefined }, path, faults);
  if (unsupported !== undefined && faults.count === before) {
    faults.invalid(path, '', `OpenAPIV3Schema '${unsupported}' is not supported`);
  }
}

function checkRoot(schema: Schema, path: string, faults: Faults): void {
  if (schema.type !== undefined && schema.type !== 'object') {
    const detail =
      'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    faults.invalid(`${path}.type`, schema.type, detail);
    return;
  }
  const isForeign = ([key, value]: [string, unknown]): boolean =>
    !ROOT_KEYS.has(key) && value !== undefined && value !== false && !(isObject(value) && isEmpty(value));
  if (Object.entries(schema).some(isForeign)) {
    const detail = `only [${ROOT_FIELDS}] fields are allowed at the root of the schema if the status subresource is enabled`;
    faults.invalid(path, schema, detail);
  }
}

/** A field, anywhere in the schema, that structural schemas cannot have at all. */
function unsupportedField(schema: Schema): string | undefined {
  if ((schema.id ?? '') !== '') return 'id';
  if ((schema.$schema ?? '') !== '') return 'schema';
  if ((schema.$ref ?? '') !== '') return '$ref';
  if (!isEmpty(schema.patternProperties)) return 'patternProperties';
  if (!isEmpty(schema.dependencies)) return 'dependencies';
  if (schema.additionalItems !== undefined) return 'additionalItems';
  if (!isEmpty(schema.definitions)) return 'definitions';
  if (Array.isArray(schema.items) || schema['x-kubernetes-preserve-unknown-fields'] === false) return 'items';
  for (const [, part] of allParts(schema)) {
    const found = unsupportedField(part);
    if (found !== undefined) return found;
  }
  return undefined;
}

function allParts(schema: Schema): (readonly [string, Schema])[] {
  const parts: (readonly [string, Schema])[] = [];
  const add = (end: string, part: unknown): void => {
    const found = asSchema(part);
    if (found !== undefined) parts.push([end, found]);
  };
  add('.additionalProperties', schema.additionalProperties);
  for (const [key, part] of Object.entries(schema.properties ?? {})) add(`.properties[${key}]`, part);
  add('.not', schema.not);
  schema.allOf?.forEach((part, i) => add(`.allOf[${i}]`, part));
  schema.oneOf?.forEach((part, i) => add(`.oneOf[${i}]`, part));
  schema.anyOf?.forEach((part, i) => add(`.anyOf[${i}]`, part));
  for (const [key, part] of Object.entries(schema.definitions ?? {})) add(`.definitions[${key}]`, part);
  add('.items', schema.items);
  if (Array.isArray(schema.items)) schema.items.forEach((part, i) => add(`.items[${i}]`, part));
  for (const [key, part] of Object.entries(schema.dependencies ?? {})) add(`.dependencies[${key}]`, part);
  return parts;
}

interface Place {
  readonly isRoot: boolean;
  /** Inside of metadata, kind or apiVersion. */
  readonly inMeta: boolean;
  /** Why defaults are refused here. */
  readonly defaultsForbidden: string | undefined;
}

/** apiextensions: ValidateCustomResourceDefinitionOpenAPISchema */
function checkPart(schema: Schema, place: Place, path: string, faults: Faults): void {
  checkKeywords(schema, place, path, faults);
  if (schema.uniqueItems === true) {
    const detail = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    faults.forbidden(`${path}.uniqueItems`, detail);
  }
  const { additionalProperties } = schema;
  if (additionalProperties !== undefined && additionalProperties !== true && !isEmpty(schema.properties)) {
    faults.forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive');
  }
  for (const [end, part] of allParts(schema)) checkPart(part, placeOf(end, schema, place), `${path}${end}`, faults);
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    faults.invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined');
  }
  checkListAndMapTypes(schema, path, faults);
  checkValidationRules(schema['x-kubernetes-validations'], `${path}.x-kubernetes-validations`, faults);
}

function placeOf(end: string, parent: Schema, place: Place): Place {
  const below = { ...place, isRoot: false };
  if (end === '.additionalProperties' && place.inMeta) {
    return { ...below, defaultsForbidden: 'inside additionalProperties applying to object metadata' };
  }
  const [, key] = /^\.properties\[(.*)\]$/.exec(end) ?? [];
  const isResource = place.isRoot || parent['x-kubernetes-embedded-resource'] === true;
  if (key === undefined || !isResource || !META_FIELDS.has(key)) return below;
  return {
    isRoot: false,
    inMeta: true,
    defaultsForbidden: place.isRoot ? `in top-level ${key}` : place.defaultsForbidden,
  };
}

function checkKeywords(schema: Schema, place: Place, path: string, faults: Faults): void {
  const { type = '' } = schema;
  const unsupported = (field: string): void => faults.forbidden(`${path}.${field}`, `${field} is not supported`);
  if (type !== '' && !TYPES.includes(type)) faults.notSupported(`${path}.type`, type, TYPES);
  if (schema.default !== undefined && place.defaultsForbidden !== undefined) {
    faults.forbidden(`${path}.default`, `must not be set ${place.defaultsForbidden}`);
  }
  if ((schema.id ?? '') !== '') unsupported('id');
  if (schema.additionalItems !== undefined) unsupported('additionalItems');
  if (!isEmpty(schema.patternProperties)) unsupported('patternProperties');
  if (!isEmpty(schema.definitions)) unsupported('definitions');
  if (schema.dependencies !== undefined) unsupported('dependencies');
  if (schema.$ref !== undefined) unsupported('$ref');
  if (type === 'null') faults.forbidden(`${path}.type`, 'type cannot be set to null, use nullable as an alternative');
  if (Array.isArray(schema.items) && schema.items.length > 0) {
    faults.forbidden(`${path}.items`, 'items must be a schema object and not an array');
  }
  if (place.inMeta && schema['x-kubernetes-embedded-resource'] === true) {
    faults.forbidden(`${path}.x-kubernetes-embedded-resource`, 'must not be used inside of resource meta');
  }
}
