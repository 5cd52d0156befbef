import type { GroupVersionKind } from './object.ts';
import { SERIALIZATION_TABLE_JSON } from './serialization-table.generated.ts';
import { TYPE_TABLE_JSON } from './type-table.generated.ts';

/** What a leaf holds; `time`, `microTime`, `quantity` and `intOrString` are texts (or numbers) with rules of their own. */
export type ScalarName =
  | 'string'
  | 'int32'
  | 'int64'
  | 'double'
  | 'boolean'
  | 'bytes'
  | 'time'
  | 'microTime'
  | 'quantity'
  | 'intOrString';

interface ScalarType {
  readonly kind: 'scalar';
  readonly scalar: ScalarName;
}

/** Any JSON. */
interface AnyType {
  readonly kind: 'any';
  /** Server-side apply takes it as one value; otherwise maps are merged by key and lists replaced. */
  readonly atomic: boolean;
}

export interface ListType {
  readonly kind: 'list';
  readonly element: FieldType;
  /** How server-side apply merges: not at all, as a set of scalars, or by the keys of the elements. */
  readonly listType: 'atomic' | 'set' | 'map';
  /** For `map`: the fields that tell elements apart. */
  readonly keys: readonly string[];
}

interface MapType {
  readonly kind: 'map';
  readonly value: FieldType;
  readonly atomic: boolean;
}

export interface StructType {
  readonly kind: 'struct';
  /** Name in the type table, `api.apps.v1.DeploymentSpec`; '' for types that are not in it. */
  readonly name: string;
  /** As Go's messages name it: `DeploymentSpec`. */
  readonly goName: string;
  readonly fields: ReadonlyMap<string, Field>;
  /** The type of fields that are not listed; undefined: there are no others. */
  readonly others?: FieldType | undefined;
  readonly atomic: boolean;
}

export type FieldType = ScalarType | AnyType | ListType | MapType | StructType;

/**
 * What becomes of a field that is empty when Go writes the object:
 * `omit` – zero values, empty lists and maps are left out; `pointer` – left out only if absent or null;
 * `zero` – written as its zero value; `null` – a pointer that is written as null.
 */
type EmptyRule = 'omit' | 'pointer' | 'zero' | 'null';

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly empty: EmptyRule;
  /** As Go's messages name the type: `int32`, `v1.PullPolicy`, `[]v1.Container`. */
  readonly goType: string;
  /** For keys of lists: what stands for an absent value. */
  readonly default?: string | number | boolean | undefined;
  /** What a strategic merge patch does: `merge`, `replace`, `retainKeys`; none means merge for structs, replace for lists. */
  readonly patchStrategies: readonly string[];
  readonly patchMergeKey: string;
}

interface RawField {
  readonly type: string;
  readonly default?: string;
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  readonly mapType?: 'atomic' | 'granular';
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
}

interface RawDefinition {
  readonly type?: string;
  readonly gvk?: readonly (readonly [string, string, string])[];
  readonly fields?: Readonly<Record<string, RawField>>;
}

interface Tables {
  readonly definitions: Readonly<Record<string, RawDefinition>>;
  readonly names: ReadonlyMap<string, string>;
  readonly flags: Readonly<Record<string, string>>;
  readonly atomic: ReadonlySet<string>;
}

let tables: Tables | undefined;
const structs = new Map<string, StructType>();

function load(): Tables {
  if (tables !== undefined) return tables;
  const { definitions } = JSON.parse(TYPE_TABLE_JSON) as { definitions: Record<string, RawDefinition> };
  const { fields, atomic } = JSON.parse(SERIALIZATION_TABLE_JSON) as {
    fields: Record<string, string>;
    atomic: readonly string[];
  };
  const names = new Map<string, string>();
  for (const [name, { gvk }] of Object.entries(definitions)) {
    for (const [group, version, kind] of gvk ?? []) names.set(`${group}/${version}/${kind}`, name);
  }
  tables = { definitions, names, flags: fields, atomic: new Set(atomic) };
  return tables;
}

/** The type of a built-in kind, or undefined. */
export function typeOf({ group, version, kind }: GroupVersionKind): StructType | undefined {
  const name = load().names.get(`${group}/${version}/${kind}`);
  return name === undefined ? undefined : structNamed(name);
}

/** The struct of that name in the type table, e.g. `api.core.v1.PodSpec`, or undefined. */
export function structNamed(name: string): StructType | undefined {
  const known = structs.get(name);
  if (known !== undefined) return known;
  const definition = load().definitions[name];
  if (definition === undefined || !isStruct(definition)) return undefined;
  const struct = new TableStruct(name, definition);
  structs.set(name, struct);
  return struct;
}

/** The metadata of every object. */
export function objectMetaType(): StructType {
  const type = structNamed('apimachinery.pkg.apis.meta.v1.ObjectMeta');
  if (type === undefined) throw new Error('the type table lacks ObjectMeta');
  return type;
}

/** The object wrapped in a type whose fields are resolved when first asked for: types may hold themselves. */
class TableStruct implements StructType {
  readonly kind = 'struct';
  readonly name: string;
  readonly goName: string;
  readonly atomic: boolean;
  readonly #definition: RawDefinition;
  #fields: ReadonlyMap<string, Field> | undefined;

  constructor(name: string, definition: RawDefinition) {
    this.name = name;
    this.goName = lastSegment(name);
    this.atomic = load().atomic.has(name);
    this.#definition = definition;
  }

  get fields(): ReadonlyMap<string, Field> {
    this.#fields ??= readFields(this.name, this.#definition);
    return this.#fields;
  }
}

function isStruct(definition: RawDefinition): boolean {
  return definition.fields !== undefined || definition.type === 'object';
}

function readFields(name: string, { fields = {} }: RawDefinition): ReadonlyMap<string, Field> {
  const flags = new Map<string, string>();
  for (const entry of (load().flags[name] ?? '').split(' ')) {
    const equals = entry.indexOf('=');
    if (equals > 0) flags.set(entry.slice(0, equals), entry.slice(equals + 1));
  }
  const out = new Map<string, Field>();
  for (const [field, raw] of Object.entries(fields)) {
    const flag = flags.get(field) ?? '';
    const type = fieldType(raw.type, raw);
    out.set(field, {
      name: field,
      type,
      empty: emptyRule(flag.charAt(0), raw.type),
      goType: flag.length > 1 ? flag.slice(1) : goType(raw.type),
      default: raw.default,
      patchStrategies: raw.patchStrategy?.split(',') ?? [],
      patchMergeKey: raw.patchMergeKey ?? '',
    });
  }
  return out;
}

/** Flags: v value with omitempty, p pointer with omitempty, s struct value with omitempty, n no omitempty, q pointer without, z omitzero. */
function emptyRule(flag: string, type: string): EmptyRule {
  switch (flag) {
    case 'v':
    case 'z':
      return 'omit';
    case 'p':
      return 'pointer';
    case 's':
    case 'n':
      return 'zero';
    case 'q':
      return 'null';
    default:
      return isReference(type) ? 'pointer' : 'omit';
  }
}

function isReference(type: string): boolean {
  return type.includes('.') && !type.startsWith('[]') && !type.startsWith('map:');
}

const SCALARS: ReadonlyMap<string, ScalarName> = new Map([
  ['string', 'string'],
  ['integer:int32', 'int32'],
  ['integer:int64', 'int64'],
  ['number:double', 'double'],
  ['boolean', 'boolean'],
  ['string:byte', 'bytes'],
  ['apimachinery.pkg.apis.meta.v1.Time', 'time'],
  ['apimachinery.pkg.apis.meta.v1.MicroTime', 'microTime'],
  ['apimachinery.pkg.api.resource.Quantity', 'quantity'],
  ['apimachinery.pkg.util.intstr.IntOrString', 'intOrString'],
]);

/** Definitions without a shape of their own. */
const ATOMIC_ANY: ReadonlySet<string> = new Set([
  'apimachinery.pkg.apis.meta.v1.FieldsV1',
  'apimachinery.pkg.runtime.RawExtension',
]);

function fieldType(text: string, options: RawField | undefined): FieldType {
  if (text.startsWith('[]')) {
    const listType = options?.listType ?? 'atomic';
    return { kind: 'list', element: fieldType(text.slice(2), undefined), listType, keys: options?.listMapKeys ?? [] };
  }
  if (text.startsWith('map:')) {
    return { kind: 'map', value: fieldType(text.slice(4), undefined), atomic: options?.mapType === 'atomic' };
  }
  const scalar = SCALARS.get(text);
  if (scalar !== undefined) return { kind: 'scalar', scalar };
  if (ATOMIC_ANY.has(text)) return { kind: 'any', atomic: true };
  const struct = structNamed(text);
  if (struct === undefined) return { kind: 'any', atomic: false };
  if (options?.mapType === 'granular' && struct.atomic) return granular(struct);
  return struct;
}

function granular(struct: StructType): StructType {
  return {
    kind: 'struct',
    name: struct.name,
    goName: struct.goName,
    atomic: false,
    get fields() {
      return struct.fields;
    },
  };
}

const GO_SCALARS: ReadonlyMap<string, string> = new Map([
  ['integer:int32', 'int32'],
  ['integer:int64', 'int64'],
  ['number:double', 'float64'],
  ['boolean', 'bool'],
  ['string:byte', '[]uint8'],
]);

function goType(type: string): string {
  if (type.startsWith('[]')) return `[]${goType(type.slice(2))}`;
  if (type.startsWith('map:')) return `map[string]${goType(type.slice(4))}`;
  return type.includes('.') ? goTypeName(type) : (GO_SCALARS.get(type) ?? type);
}

/** `v1.DeploymentSpec` for `api.apps.v1.DeploymentSpec`. */
function goTypeName(definition: string): string {
  return definition.split('.').slice(-2).join('.');
}

function lastSegment(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
