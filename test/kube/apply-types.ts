import { objectMetaType, type Field, type FieldType, type StructType } from '../../src/kube/type-table.ts';
import { plainField } from '../../src/kube/typed-value.ts';

/** A type as the tables write it. */
export type Notation =
  | 'text'
  | 'number'
  | 'flag'
  /** Any JSON, as one value. */
  | 'json'
  /** Any JSON: maps by key, lists as one value. */
  | 'any'
  | { readonly ref: string; readonly as?: 'atomic' | 'separable' | 'associative' }
  /** Without `by` as one value; with none a set; else by these keys. */
  | { readonly list: Notation; readonly by?: readonly string[] }
  | { readonly map: Notation; readonly whole?: boolean }
  | {
      readonly fields: Readonly<Record<string, Notation>>;
      readonly defaults?: Readonly<Record<string, string | number | boolean>>;
      readonly others?: Notation;
      readonly whole?: boolean;
    };

export interface TypeSet {
  readonly root: Notation;
  readonly types: Readonly<Record<string, Notation>>;
}

/** The type of the set's root. */
export function plainType({ root, types }: TypeSet): FieldType {
  const made = new Map<string, FieldType>();
  const convert = (notation: Notation): FieldType => {
    switch (notation) {
      case 'text':
        return { kind: 'scalar', scalar: 'string' };
      case 'number':
        return { kind: 'scalar', scalar: 'double' };
      case 'flag':
        return { kind: 'scalar', scalar: 'boolean' };
      case 'json':
        return { kind: 'any', atomic: true };
      case 'any':
        return { kind: 'any', atomic: false };
      default:
        return 'ref' in notation ? named(notation.ref, notation.as) : container(notation);
    }
  };
  const container = (notation: Exclude<Notation, string | { readonly ref: string }>): FieldType => {
    if ('list' in notation) {
      const { list, by } = notation;
      const listType = by === undefined ? 'atomic' : by.length === 0 ? 'set' : 'map';
      return { kind: 'list', element: convert(list), listType, keys: by ?? [] };
    }
    const atomic = notation.whole ?? false;
    if ('map' in notation) return { kind: 'map', value: convert(notation.map), atomic };
    const { fields, defaults = {}, others } = notation;
    return {
      kind: 'struct',
      name: '',
      goName: 'Unstructured',
      atomic,
      fields: new Map(Object.entries(fields).map(([name, type]) => [name, field(name, convert(type), defaults[name])])),
      others: others === undefined ? undefined : convert(others),
    };
  };
  const named = (name: string, as: 'atomic' | 'separable' | 'associative' | undefined): FieldType => {
    const key = `${name} ${as ?? ''}`;
    const known = made.get(key);
    if (known !== undefined) return known;
    // Types may hold themselves.
    const type = {} as FieldType;
    made.set(key, type);
    Object.assign(type, overridden(convert(types[name] ?? 'any'), as));
    return type;
  };
  return convert(root);
}

/** The type of an object whose fields, beside those of every object, are those of the set's root. */
export function objectType(set: TypeSet): StructType {
  const type = plainType(set);
  const own: ReadonlyMap<string, Field> = type.kind === 'struct' ? type.fields : new Map<string, Field>();
  const others = type.kind === 'struct' ? type.others : type.kind === 'map' ? type.value : type;
  const text: FieldType = { kind: 'scalar', scalar: 'string' };
  return {
    kind: 'struct',
    name: '',
    goName: 'Unstructured',
    atomic: false,
    others,
    fields: new Map([
      ...own,
      ['apiVersion', plainField('apiVersion', text)],
      ['kind', plainField('kind', text)],
      ['metadata', plainField('metadata', objectMetaType())],
    ]),
  };
}

function field(name: string, type: FieldType, fallback: Field['default']): Field {
  const plain = plainField(name, type);
  return fallback === undefined ? plain : { ...plain, default: fallback };
}

/** The type where it is used otherwise than it says of itself. */
function overridden(type: FieldType, as: 'atomic' | 'separable' | 'associative' | undefined): FieldType {
  if (as === undefined) return type;
  const atomic = as === 'atomic';
  if (type.kind === 'list') return { ...type, listType: atomic ? 'atomic' : type.keys.length === 0 ? 'set' : 'map' };
  return type.kind === 'map' || type.kind === 'struct' ? { ...type, atomic } : type;
}
