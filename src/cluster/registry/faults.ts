import type { FieldError, FieldErrorType } from './field-error.ts';

/**
 * Collects the faults of one object, with the texts of apimachinery: pkg/util/validation/field/errors.go.
 * A value of undefined is not shown; where Go shows an empty string or null, pass that.
 */
export class Faults {
  readonly #list: FieldError[] = [];

  /** The faults so far, in the order in which they were found. */
  get list(): readonly FieldError[] {
    return this.#list;
  }

  get count(): number {
    return this.#list.length;
  }

  /** Takes over what other checks found. */
  addAll(errors: readonly FieldError[]): void {
    for (const error of errors) this.#list.push(error);
  }

  /** `Required value` */
  required(field: string, detail = ''): void {
    this.#add('FieldValueRequired', field, undefined, detail);
  }

  /** `Invalid value: …` */
  invalid(field: string, badValue: unknown, detail: string): void {
    this.#add('FieldValueInvalid', field, badValue, detail);
  }

  /** `Invalid value: …` once for each text, as the checks of names give them. */
  invalidEach(field: string, badValue: unknown, details: readonly string[]): void {
    for (const detail of details) this.#add('FieldValueInvalid', field, badValue, detail);
  }

  /** `Unsupported value: …: supported values: "A", "B"` */
  notSupported(field: string, badValue: unknown, supported: readonly string[]): void {
    const detail =
      supported.length === 0 ? '' : `supported values: ${supported.map((value) => JSON.stringify(value)).join(', ')}`;
    this.#add('FieldValueNotSupported', field, badValue, detail);
  }

  /** `Duplicate value: …` */
  duplicate(field: string, badValue: unknown, detail = ''): void {
    this.#add('FieldValueDuplicate', field, badValue, detail);
  }

  /** `Forbidden: …` */
  forbidden(field: string, detail: string): void {
    this.#add('FieldValueForbidden', field, undefined, detail);
  }

  /** `Not found: …` */
  notFound(field: string, badValue: unknown, detail = ''): void {
    this.#add('FieldValueNotFound', field, badValue, detail);
  }

  /** `Too long: may not be more than N bytes` */
  tooLong(field: string, limit: number): void {
    this.#add('FieldValueTooLong', field, undefined, `may not be more than ${limit} ${limit === 1 ? 'byte' : 'bytes'}`);
  }

  /** `Too many: N: must have at most M items` */
  tooMany(field: string, actual: number, limit: number): void {
    this.#add('FieldValueTooMany', field, actual, `must have at most ${limit} ${limit === 1 ? 'item' : 'items'}`);
  }

  #add(type: FieldErrorType, field: string, badValue: unknown, detail: string): void {
    this.#list.push(badValue === undefined ? { type, field, detail } : { type, field, badValue, detail });
  }
}
