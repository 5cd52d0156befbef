import type { Format } from './formats.ts';
import type { JsonType } from './json-type.ts';
import type { Pattern } from './pattern.ts';
import type { Decimal } from './rational.ts';
import { formatPlace } from './reference.ts';

/** A compiled schema: keywords that count, with everything that they refer to. Made by the compiler, changed by nobody. */
export class SchemaNode {
  readonly url: string;
  readonly pointer: string;
  draft = 2020;
  /** The named schema that it lies in. */
  resource: SchemaNode = this;
  dynamicAnchors: Map<string, SchemaNode> | undefined;
  /** `true`, `false` and `{}` */
  bool: boolean | undefined;

  ref: SchemaNode | undefined;
  recursiveRef: SchemaNode | undefined;
  recursiveAnchor = false;
  dynamicRef: { readonly target: SchemaNode; readonly anchor: string } | undefined;
  dynamicAnchor = '';

  types: readonly JsonType[] | undefined;
  enum: readonly unknown[] | undefined;
  const: { readonly value: unknown } | undefined;
  format: Format | undefined;
  not: SchemaNode | undefined;
  allOf: readonly SchemaNode[] = [];
  anyOf: readonly SchemaNode[] = [];
  oneOf: readonly SchemaNode[] = [];
  if: SchemaNode | undefined;
  thenSchema: SchemaNode | undefined;
  elseSchema: SchemaNode | undefined;

  minProperties: number | undefined;
  maxProperties: number | undefined;
  required: readonly string[] = [];
  properties: ReadonlyMap<string, SchemaNode> | undefined;
  patternProperties: readonly { readonly pattern: Pattern; readonly schema: SchemaNode }[] = [];
  additionalProperties: boolean | SchemaNode | undefined;
  propertyNames: SchemaNode | undefined;
  dependencies: ReadonlyMap<string, readonly string[] | SchemaNode> | undefined;
  dependentRequired: ReadonlyMap<string, readonly string[]> | undefined;
  dependentSchemas: ReadonlyMap<string, SchemaNode> | undefined;
  unevaluatedProperties: SchemaNode | undefined;

  minItems: number | undefined;
  maxItems: number | undefined;
  uniqueItems = false;
  /** `items` where it is a list (up to 2019-09), `prefixItems` since. */
  prefixItems: readonly SchemaNode[] | undefined;
  /** `items` where it is one schema. */
  items: SchemaNode | undefined;
  additionalItems: boolean | SchemaNode | undefined;
  contains: SchemaNode | undefined;
  minContains: number | undefined;
  maxContains: number | undefined;
  unevaluatedItems: SchemaNode | undefined;

  minLength: number | undefined;
  maxLength: number | undefined;
  pattern: Pattern | undefined;

  minimum: Decimal | undefined;
  maximum: Decimal | undefined;
  exclusiveMinimum: Decimal | undefined;
  exclusiveMaximum: Decimal | undefined;
  multipleOf: Decimal | undefined;

  #location: string | undefined;
  #looksAtProperties: boolean | undefined;

  constructor(url: string, pointer: string) {
    this.url = url;
    this.pointer = pointer;
  }

  /** URL with fragment. */
  get location(): string {
    this.#location ??= formatPlace(this.url, this.pointer);
    return this.#location;
  }

  /** Any keyword is about the properties that an object has. */
  get looksAtProperties(): boolean {
    this.#looksAtProperties ??=
      this.minProperties !== undefined ||
      this.maxProperties !== undefined ||
      this.properties !== undefined ||
      this.patternProperties.length > 0 ||
      this.additionalProperties !== undefined ||
      this.propertyNames !== undefined;
    return this.#looksAtProperties;
  }

  /** No property is left for `unevaluatedProperties`. */
  get evaluatesAllProperties(): boolean {
    return this.additionalProperties !== undefined;
  }

  /** No item is left for `unevaluatedItems`. */
  get evaluatesAllItems(): boolean {
    return this.items !== undefined || this.additionalItems !== undefined;
  }
}
