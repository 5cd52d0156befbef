import type { Faults } from '../faults.ts';
import { asSchema, type Schema } from './schema-walk.ts';

const MAP_TYPES = ['atomic', 'granular'];
const LIST_TYPES = ['atomic', 'set', 'map'];
const IN_SET = 'must be atomic as item of a list with x-kubernetes-list-type=set';

/** Refuses x-kubernetes-list-type and -map-type that do not fit what they stand on. */
export function checkListAndMapTypes(schema: Schema, path: string, faults: Faults): void {
  const mapType = schema['x-kubernetes-map-type'];
  const listType = schema['x-kubernetes-list-type'];
  if (mapType !== undefined) {
    checkTypeIs(schema, 'object', 'map', path, faults);
    if (!MAP_TYPES.includes(mapType)) faults.notSupported(`${path}.x-kubernetes-map-type`, mapType, MAP_TYPES);
  }
  if (listType !== undefined) {
    checkTypeIs(schema, 'array', 'list', path, faults);
    if (schema.type === 'array' && listType === 'set') checkSetItems(asSchema(schema.items), path, faults);
    if (!LIST_TYPES.includes(listType)) faults.notSupported(`${path}.x-kubernetes-list-type`, listType, LIST_TYPES);
  }
  if ((schema['x-kubernetes-list-map-keys'] ?? []).length > 0 && listType !== 'map') {
    const detail = 'must be map if x-kubernetes-list-map-keys is non-empty';
    if (listType === undefined) faults.required(`${path}.x-kubernetes-list-type`, detail);
    else faults.invalid(`${path}.x-kubernetes-list-type`, listType, detail);
  }
  if (listType === 'map') checkMapList(schema, path, faults);
  const items = asSchema(schema.items);
  if (items !== undefined && (listType === 'map' || listType === 'set')) {
    if (items.nullable === true) {
      faults.forbidden(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${listType}`);
    }
    if (listType === 'map') checkKeysAreThere(schema, items, path, faults);
  }
}

function checkTypeIs({ type = '' }: Schema, wanted: string, what: string, path: string, faults: Faults): void {
  const detail = `must be ${wanted} if x-kubernetes-${what}-type is specified`;
  if (type === '') faults.required(`${path}.type`, detail);
  else if (type !== wanted) faults.invalid(`${path}.type`, type, detail);
}

function checkSetItems(items: Schema | undefined, path: string, faults: Faults): void {
  const listType = items?.['x-kubernetes-list-type'];
  if (items?.type === 'array' && listType !== undefined && listType !== 'atomic') {
    faults.invalid(`${path}.items.x-kubernetes-list-type`, listType, IN_SET);
  }
  if (items?.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') {
    faults.invalid(`${path}.items.x-kubernetes-map-type`, listType ?? null, IN_SET);
  }
}

function checkMapList(schema: Schema, path: string, faults: Faults): void {
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const keysPath = `${path}.x-kubernetes-list-map-keys`;
  if (keys.length === 0) faults.required(keysPath, 'must not be empty if x-kubernetes-list-type is map');
  if (schema.items === undefined) {
    faults.required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map');
    return;
  }
  const items = asSchema(schema.items);
  if (items === undefined) {
    faults.invalid(`${path}.items`, schema.items, 'must only have a single schema if x-kubernetes-list-type is map');
    return;
  }
  if (items.type !== 'object') {
    const detail = "must be object if parent array's x-kubernetes-list-type is map";
    faults.invalid(`${path}.items.type`, items.type ?? '', detail);
    return;
  }
  keys.forEach((key, i) => {
    const property = items.properties?.[key];
    if (property === undefined) faults.invalid(keysPath, keys, 'entries must all be names of item properties');
    else if (property.type === 'array' || property.type === 'object') {
      const detail = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      faults.invalid(`${path}.items.properties[${key}].type`, 'object', detail);
    }
    if (keys.indexOf(key) < i) faults.invalid(keysPath, keys, 'must not contain duplicate entries');
  });
}

function checkKeysAreThere(schema: Schema, items: Schema, path: string, faults: Faults): void {
  for (const key of schema['x-kubernetes-list-map-keys'] ?? []) {
    const property = items.properties?.[key];
    if (property === undefined) continue;
    const at = `${path}.items.properties[${key}]`;
    const about = 'this property is in x-kubernetes-list-map-keys, so it';
    if (items.required?.includes(key) !== true && property.default === undefined) {
      faults.required(`${at}.default`, `${about} must have a default or be a required property`);
    }
    if (property.nullable === true) faults.forbidden(`${at}.nullable`, `${about} cannot be nullable`);
  }
}
