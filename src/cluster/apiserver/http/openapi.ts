import { apiVersionOf, type ResourceType } from '../../../kube/object.ts';
import { TYPE_TABLE_JSON } from '../../../kube/type-table.generated.ts';
import { descriptions, fieldDescription } from './descriptions.ts';
import { subresourcesOf } from './discovery.ts';
import { metricsDefinitions } from './metrics-definitions.ts';
import type { RawDefinition, RawField } from './raw-definition.ts';

/** A schema as it is written; custom resources bring theirs. */
export type Schema = Readonly<Record<string, unknown>>;

let definitions: Readonly<Record<string, RawDefinition>> | undefined;

function table(): Readonly<Record<string, RawDefinition>> {
  definitions ??= {
    ...metricsDefinitions(),
    ...(JSON.parse(TYPE_TABLE_JSON) as { definitions: Record<string, RawDefinition> }).definitions,
  };
  return definitions;
}

const SCALARS: Readonly<Record<string, Schema>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  'integer:int32': { type: 'integer', format: 'int32' },
  'integer:int64': { type: 'integer', format: 'int64' },
  'number:double': { type: 'number', format: 'double' },
  'string:byte': { type: 'string', format: 'byte' },
  'string:date-time': { type: 'string', format: 'date-time' },
  object: { type: 'object' },
};

const KUBERNETES = /^(?:api|metrics|apimachinery|apiextensions-apiserver|kube-aggregator)\./;

/** `io.k8s.api.apps.v1.Deployment` */
function schemaName(name: string): string {
  return KUBERNETES.test(name) ? `io.k8s.${name}` : name;
}

/** Writes schemas, in the dialect of version 2 or 3, and keeps which others they need. */
class SchemaWriter {
  readonly schemas: Record<string, Schema> = {};
  readonly #prefix: string;
  readonly #three: boolean;

  constructor(three: boolean) {
    this.#three = three;
    this.#prefix = three ? '#/components/schemas/' : '#/definitions/';
  }

  /** Adds a definition and all that it needs; gives its reference. */
  reference(name: string): string {
    const full = schemaName(name);
    if (this.schemas[full] === undefined) {
      this.schemas[full] = {};
      this.schemas[full] = this.#definition(name);
    }
    return `${this.#prefix}${full}`;
  }

  #definition(name: string): Schema {
    const definition = table()[name];
    if (definition === undefined) return { type: 'object' };
    if (definition.fields === undefined) return this.#scalarDefinition(definition.type ?? 'object');
    const fields = Object.entries(definition.fields);
    const required = fields.filter(([, field]) => field.required === true).map(([key]) => key);
    const isKind = definition.gvk !== undefined;
    const described = descriptions().get(name)?.text;
    return {
      ...(described === undefined ? {} : { description: described }),
      type: 'object',
      ...(required.length > 0 ? { required } : {}),
      properties: Object.fromEntries(
        fields.map(([key, field]) => [key, withText(fieldDescription(name, key, isKind), this.#field(field))]),
      ),
      ...(definition.gvk === undefined
        ? {}
        : {
            'x-kubernetes-group-version-kind': definition.gvk.map(([group, version, kind]) => ({
              group,
              version,
              kind,
            })),
          }),
    };
  }

  #scalarDefinition(type: string): Schema {
    if (type !== 'string:int-or-string') return SCALARS[type] ?? { type: 'object' };
    return this.#three
      ? { oneOf: [{ type: 'integer' }, { type: 'string' }], format: 'int-or-string' }
      : { type: 'string', format: 'int-or-string' };
  }

  #field(field: RawField): Schema {
    const extensions = {
      ...(field.listType === undefined ? {} : { 'x-kubernetes-list-type': field.listType }),
      ...(field.listMapKeys === undefined ? {} : { 'x-kubernetes-list-map-keys': field.listMapKeys }),
      ...(field.mapType === undefined ? {} : { 'x-kubernetes-map-type': field.mapType }),
      ...(field.patchStrategy === undefined ? {} : { 'x-kubernetes-patch-strategy': field.patchStrategy }),
      ...(field.patchMergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': field.patchMergeKey }),
      ...(field.default === undefined ? {} : { default: field.default }),
    };
    return { ...this.#type(field.type), ...extensions };
  }

  #type(type: string): Schema {
    if (type.startsWith('[]')) return { type: 'array', items: this.#type(type.slice(2)) };
    if (type.startsWith('map:')) return { type: 'object', additionalProperties: this.#type(type.slice(4)) };
    return SCALARS[type] ?? this.use(type);
  }

  /** A schema that is another definition; in version 3 a reference allows nothing beside it. */
  use(name: string): Schema {
    const $ref = this.reference(name);
    return this.#three ? { allOf: [{ $ref }] } : { $ref };
  }
}

function withText(description: string | undefined, schema: Schema): Schema {
  return description === undefined ? schema : { description, ...schema };
}

const PARAMETERS = [
  ['dryRun', 'string'],
  ['fieldManager', 'string'],
  ['fieldValidation', 'string'],
] as const;

function parameter(name: string, type: string, three: boolean): Schema {
  return { name, in: 'query', uniqueItems: true, ...(three ? { schema: { type, uniqueItems: true } } : { type }) };
}

const ACTIONS: Readonly<Record<string, readonly [method: string, action: string]>> = {
  get: ['get', 'get'],
  list: ['get', 'list'],
  create: ['post', 'post'],
  update: ['put', 'put'],
  patch: ['patch', 'patch'],
  delete: ['delete', 'delete'],
  deletecollection: ['delete', 'deletecollection'],
};

function operation(verb: string, type: { group: string; version: string; kind: string }, three: boolean): Schema {
  const [, action] = ACTIONS[verb] ?? ['', verb];
  const writes = verb === 'create' || verb === 'update' || verb === 'patch';
  const parameters = [
    ...(writes ? PARAMETERS.map(([name, of]) => parameter(name, of, three)) : []),
    ...(verb === 'patch' ? [parameter('force', 'boolean', three)] : []),
  ];
  return {
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group: type.group, version: type.version, kind: type.kind },
    ...(parameters.length > 0 ? { parameters } : {}),
    responses: { '200': { description: 'OK' } },
  };
}

function pathsOf(type: ResourceType, three: boolean): [string, Schema][] {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${apiVersionOf(type)}`;
  const collection = `${root}${type.namespaced ? '/namespaces/{namespace}' : ''}/${type.resource}`;
  const pick = (
    verbs: readonly string[],
    of: readonly string[],
    kind = type as { group: string; version: string; kind: string },
  ): Schema =>
    Object.fromEntries(
      of
        .filter((verb) => verbs.includes(verb))
        .map((verb) => [ACTIONS[verb]?.[0] ?? verb, operation(verb, kind, three)]),
    );
  return [
    [collection, pick(type.verbs, ['list', 'create', 'deletecollection'])],
    [`${collection}/{name}`, pick(type.verbs, ['get', 'update', 'patch', 'delete'])],
    ...subresourcesOf(type).map((sub): [string, Schema] => [
      `${collection}/{name}/${sub.name}`,
      pick(sub.verbs, ['get', 'create', 'update', 'patch'], sub),
    ]),
  ];
}

/** Schemas of custom resources by `group/version/kind`. */
export type CustomSchemas = ReadonlyMap<string, Schema>;

function addKinds(writer: SchemaWriter, types: readonly ResourceType[], custom: CustomSchemas): void {
  const names = new Map<string, string>();
  for (const [name, { gvk }] of Object.entries(table())) {
    for (const each of gvk ?? []) names.set(each.join('/'), name);
  }
  for (const { group, version, kind } of types) {
    for (const suffix of ['', 'List']) {
      const name = names.get(`${group}/${version}/${kind}${suffix}`);
      if (name !== undefined) writer.reference(name);
    }
    const schema = custom.get(`${group}/${version}/${kind}`);
    if (schema !== undefined) {
      const reversed = group.split('.').reverse().join('.');
      writer.schemas[`${reversed}.${version}.${kind}`] = {
        ...schema,
        properties: {
          apiVersion: { type: 'string' },
          kind: { type: 'string' },
          ...(schema['properties'] as object | undefined),
          metadata: writer.use('apimachinery.pkg.apis.meta.v1.ObjectMeta'),
        },
        'x-kubernetes-group-version-kind': [{ group, version, kind }],
      };
    }
  }
}

const INFO = { title: 'Kubernetes', version: 'v1.35.2' };

/** The document of one group and version, `GET /openapi/v3/apis/GROUP/VERSION`. */
export function openApiV3(types: readonly ResourceType[], custom: CustomSchemas = new Map()): Schema {
  const writer = new SchemaWriter(true);
  addKinds(writer, types, custom);
  return {
    openapi: '3.0.0',
    info: INFO,
    paths: Object.fromEntries(types.flatMap((type) => pathsOf(type, true))),
    components: { schemas: writer.schemas },
  };
}

/** The document of everything, `GET /openapi/v2`. */
export function openApiV2(types: readonly ResourceType[], custom: CustomSchemas = new Map()): Schema {
  const writer = new SchemaWriter(false);
  addKinds(writer, types, custom);
  return {
    swagger: '2.0',
    info: INFO,
    paths: Object.fromEntries(types.flatMap((type) => pathsOf(type, false))),
    definitions: writer.schemas,
  };
}
