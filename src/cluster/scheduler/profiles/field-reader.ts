import { isObject } from '../../../base/json.ts';
import { isQualifiedName } from '../../../kube/names.ts';
import type { LocatedFault } from '../../../yaml/located-faults.ts';

/** A mapping of a file. */
export type Mapping = Readonly<Record<string, unknown>>;

const INT32: Range = [-0x8000_0000, 0x7fff_ffff];
const INT64: Range = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
type Range = readonly [least: number, most: number];

/**
 * Reads the fields of a configuration, and collects what is wrong in Kubernetes' words. What cannot be read is told and taken
 * as not given, so that the rest is looked at, too. apimachinery: pkg/util/validation/field/errors.go
 */
export class FieldReader {
  readonly faults: LocatedFault[] = [];

  /** Adds a fault of the field at `path`. */
  tell(path: string, text: string): void {
    this.faults.push({ path, text: `${path}: ${text}` });
  }

  invalid(path: string, value: unknown, detail: string): void {
    this.tell(path, `Invalid value: ${shown(value)}: ${detail}`);
  }

  required(path: string, detail: string): void {
    this.tell(path, detail === '' ? 'Required value' : `Required value: ${detail}`);
  }

  duplicate(path: string, value: string): void {
    this.tell(path, `Duplicate value: ${shown(value)}`);
  }

  forbidden(path: string, detail: string): void {
    this.tell(path, `Forbidden: ${detail}`);
  }

  unsupported(path: string, value: unknown, supported: readonly string[]): void {
    const list = supported.map((each) => shown(each)).join(', ');
    this.tell(path, `Unsupported value: ${shown(value)}: supported values: ${list}`);
  }

  /** A mapping that has no other fields than these. */
  fields(value: unknown, path: string, known: readonly string[]): Mapping {
    if (value === undefined || value === null) return {};
    if (!isObject(value)) {
      this.tell(path, 'must be a mapping');
      return {};
    }
    for (const key of Object.keys(value)) {
      const at = path === '' ? key : `${path}.${key}`;
      if (!known.includes(key))
        this.faults.push({ path: at, text: `strict decoding error: unknown field ${JSON.stringify(at)}` });
    }
    return value;
  }

  list(value: unknown, path: string): readonly unknown[] {
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return value as unknown[];
    this.tell(path, 'must be a list');
    return [];
  }

  /** Each entry of a list of mappings that have no other fields than these. */
  each<T>(
    value: unknown,
    { path, known }: { readonly path: string; readonly known: readonly string[] },
    read: (entry: Mapping, path: string, index: number) => T,
  ): readonly T[] {
    return this.list(value, path).map((entry, i) => {
      const at = `${path}[${i}]`;
      if (entry === null) this.tell(at, 'must be a mapping');
      return read(this.fields(entry, at, known), at, i);
    });
  }

  text(value: unknown, path: string): string | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string') return value;
    this.tell(path, 'must be a text');
    return undefined;
  }

  texts(value: unknown, path: string): readonly string[] {
    return this.list(value, path).map((entry, i) => this.text(entry, `${path}[${i}]`) ?? '');
  }

  boolean(value: unknown, path: string): boolean | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'boolean') return value;
    this.tell(path, 'must be true or false');
    return undefined;
  }

  int32(value: unknown, path: string): number | undefined {
    return this.#integer(value, path, INT32);
  }

  int64(value: unknown, path: string): number | undefined {
    return this.#integer(value, path, INT64);
  }

  #integer(value: unknown, path: string, [least, most]: Range): number | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    this.tell(path, 'must be a whole number');
    return undefined;
  }

  /** A name such as `nvidia.com/gpu`. apimachinery: pkg/apis/meta/v1/validation ValidateLabelName */
  labelName(name: string, path: string): void {
    for (const fault of isQualifiedName(name)) this.invalid(path, name, fault);
  }
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}
