import { isObject, sortedKeys } from '../base/json.ts';
import { findDuplicates, isEqual } from './equal.ts';
import type { Failure, FailureKind } from './failure.ts';
import { jsonType } from './json-type.ts';
import { escapeToken, pointerOf } from './pointer.ts';
import { type AnyNumber, Decimal, isNumber } from './rational.ts';
import { SchemaNode } from './schema-node.ts';
import { intersect, isSettled, type Unevaluated, unevaluatedOf } from './unevaluated.ts';

/** Finds the metaschema for parts of a schema that have a dialect of their own. */
export interface MetaRules {
  readonly meta: SchemaNode;
  /** The metaschema of the resource at a pointer; undefined if none begins there. */
  metaAt(pointer: string): SchemaNode | undefined;
}

/** How {@link validateNode} works. */
export interface ValidateOptions {
  /** The value is a schema, checked against its metaschema. */
  readonly rules?: MetaRules | undefined;
}

/** All that is wrong with a value; undefined if nothing is. jsonschema: validator.go. */
export function validateNode(schema: SchemaNode, value: unknown, options: ValidateOptions = {}): Failure | undefined {
  const run = new Validation(schema, options.rules, {
    value,
    path: [],
    scope: { schema, keyword: '', id: 0, parent: undefined },
    unevaluated: unevaluatedOf(value, schema, false),
    quiet: false,
  });
  const failure = run.run();
  if (failure === undefined) return undefined;
  const causes = failure.kind.kind === 'group' ? failure.causes : [failure];
  return { path: [], kind: { kind: 'schema', location: schema.location }, causes };
}

/** The schemas that led here, innermost first. */
interface Scope {
  readonly schema: SchemaNode;
  /** The keyword of a reference that was followed. */
  readonly keyword: string;
  /** The same for scopes of the same value. */
  readonly id: number;
  readonly parent: Scope | undefined;
}

interface ValidationInput {
  readonly value: unknown;
  readonly path: readonly string[];
  readonly scope: Scope;
  readonly unevaluated: Unevaluated;
  /** Only whether it fails is of interest. */
  readonly quiet: boolean;
}

const QUIET_FAILURE: Failure = { path: [], kind: { kind: 'group' }, causes: [] };

/** One schema on one value. */
class Validation {
  readonly unevaluated: Unevaluated;
  readonly #schema: SchemaNode;
  readonly #value: unknown;
  readonly #path: readonly string[];
  readonly #scope: Scope;
  readonly #quiet: boolean;
  #rules: MetaRules | undefined;
  readonly #failures: Failure[] = [];

  constructor(schema: SchemaNode, rules: MetaRules | undefined, input: ValidationInput) {
    this.#schema = schema;
    this.#value = input.value;
    this.#path = input.path;
    this.#scope = input.scope;
    this.unevaluated = input.unevaluated;
    this.#quiet = input.quiet;
    this.#rules = rules;
  }

  run(): Failure | undefined {
    const schema = this.#schema;
    if (schema.bool !== undefined) return schema.bool ? undefined : this.#failure({ kind: 'false' });
    const early = this.#cycle() ?? this.#kindOfValue();
    if (early !== undefined) return early;
    if (schema.ref !== undefined) {
      const failure = this.#reference(schema.ref, '$ref');
      if (schema.draft < 2019) return failure;
      this.#add(failure);
    }
    const value = this.#value;
    if (Array.isArray(value)) this.#array(value);
    else if (typeof value === 'string') this.#string(value);
    else if (isNumber(value)) this.#number(value);
    else if (isObject(value)) this.#object(value);
    if (this.#failures.length === 0 || !this.#quiet) {
      if (schema.draft >= 2019) this.#dynamicReferences();
      this.#conditions();
      if (schema.draft >= 2019) this.#leftOver();
    }
    const [first, second] = this.#failures;
    if (second === undefined) return first;
    return { ...this.#failure({ kind: 'group' }), causes: this.#failures };
  }

  /** Checks after which, when they fail, nothing else is looked at. */
  #kindOfValue(): Failure | undefined {
    const { types, enum: choices, const: constant, format } = this.#schema;
    const value = this.#value;
    if (types !== undefined) {
      const got = jsonType(value);
      const matches =
        got !== undefined &&
        (types.includes(got) || (got === 'number' && types.includes('integer') && isInteger(value)));
      if (!matches) return this.#failure({ kind: 'type', got: got ?? '', want: types });
    }
    if (constant !== undefined && !isEqual(value, constant.value)) {
      return this.#failure({ kind: 'const', want: constant.value });
    }
    if (choices !== undefined && !choices.some((choice) => isEqual(value, choice))) {
      return this.#failure({ kind: 'enum', want: choices });
    }
    if (format === undefined || typeof value !== 'string') return undefined;
    const reason = format.check(value);
    return reason === undefined ? undefined : this.#failure({ kind: 'format', got: value, want: format.name, reason });
  }

  #cycle(): Failure | undefined {
    for (let at = this.#scope.parent; at !== undefined && at.id === this.#scope.id; at = at.parent) {
      if (at.schema !== this.#schema) continue;
      const [first, second] = [keywordLocation(this.#scope), keywordLocation(at)];
      return this.#failure({ kind: 'cycle', url: this.#schema.location, first, second });
    }
    return undefined;
  }

  #object(object: Readonly<Record<string, unknown>>): void {
    const schema = this.#schema;
    const keys = schema.looksAtProperties ? sortedKeys(object) : [];
    this.#count('minProperties', keys.length, schema.minProperties);
    this.#count('maxProperties', keys.length, schema.maxProperties);
    const missing = schema.required.filter((key) => !Object.hasOwn(object, key));
    if (missing.length > 0) this.#fail({ kind: 'required', missing });
    if (this.#isDone()) return;
    for (const [key, dependency] of schema.dependencies ?? []) {
      if (!Object.hasOwn(object, key)) continue;
      if (dependency instanceof SchemaNode) this.#add(this.#self(dependency));
      else this.#dependency(object, key, dependency);
    }
    this.#properties(object, keys);
    if (schema.propertyNames !== undefined) for (const key of keys) this.#propertyName(schema.propertyNames, key);
    for (const [key, dependent] of schema.dependentSchemas ?? []) {
      if (Object.hasOwn(object, key)) this.#add(this.#self(dependent));
    }
    for (const [key, wanted] of schema.dependentRequired ?? []) {
      if (Object.hasOwn(object, key)) this.#dependency(object, key, wanted);
    }
  }

  #dependency(object: object, property: string, wanted: readonly string[]): void {
    const missing = wanted.filter((key) => !Object.hasOwn(object, key));
    if (missing.length > 0) this.#fail({ kind: 'dependency', property, missing });
  }

  #properties(object: Readonly<Record<string, unknown>>, keys: readonly string[]): void {
    const { properties, patternProperties, additionalProperties } = this.#schema;
    const additional: string[] = [];
    for (const key of keys) {
      if (this.#isDone()) return;
      let evaluated = false;
      const property = properties?.get(key);
      if (property !== undefined) {
        evaluated = true;
        this.#add(this.#child(property, object[key], key));
      }
      for (const { pattern, schema } of patternProperties) {
        if (!pattern.test(key)) continue;
        evaluated = true;
        this.#add(this.#child(schema, object[key], key));
      }
      if (!evaluated && additionalProperties !== undefined) {
        evaluated = true;
        if (additionalProperties === false) additional.push(key);
        else if (additionalProperties !== true) this.#add(this.#child(additionalProperties, object[key], key));
      }
      if (evaluated) this.unevaluated.properties?.delete(key);
    }
    if (additional.length > 0) this.#fail({ kind: 'additionalProperties', properties: additional });
  }

  /** The name is a value of its own: places in what is wrong with it begin anew. */
  #propertyName(schema: SchemaNode, property: string): void {
    const failure = validateNode(schema, property);
    if (failure !== undefined) this.#add({ ...failure, kind: { kind: 'propertyNames', property } });
  }

  #array(items: readonly unknown[]): void {
    const schema = this.#schema;
    this.#count('minItems', items.length, schema.minItems);
    this.#count('maxItems', items.length, schema.maxItems);
    if (schema.uniqueItems && items.length > 1) {
      const duplicates = findDuplicates(items);
      if (duplicates !== undefined) this.#fail({ kind: 'uniqueItems', duplicates });
    }
    const prefix = schema.prefixItems ?? [];
    const listed = Math.min(prefix.length, items.length);
    for (const [i, each] of prefix.slice(0, listed).entries()) this.#add(this.#child(each, items[i], String(i)));
    if (schema.items !== undefined) {
      for (let i = listed; i < items.length; i += 1) this.#add(this.#child(schema.items, items[i], String(i)));
    }
    this.#additionalItems(items, schema.items === undefined ? listed : items.length);
    if (schema.contains !== undefined) this.#contains(schema.contains, items);
  }

  #additionalItems(items: readonly unknown[], evaluated: number): void {
    const { additionalItems } = this.#schema;
    if (additionalItems === undefined || additionalItems === true) return;
    if (additionalItems === false) {
      if (evaluated !== items.length) this.#fail({ kind: 'additionalItems', count: items.length - evaluated });
      return;
    }
    for (let i = evaluated; i < items.length; i += 1) this.#add(this.#child(additionalItems, items[i], String(i)));
  }

  #contains(schema: SchemaNode, items: readonly unknown[]): void {
    const { minContains, maxContains, draft } = this.#schema;
    const failures: Failure[] = [];
    const got: number[] = [];
    for (const [i, item] of items.entries()) {
      const failure = this.#child(schema, item, String(i));
      if (failure !== undefined) {
        failures.push(failure);
        continue;
      }
      got.push(i);
      if (draft >= 2020) this.unevaluated.items?.delete(i);
    }
    if (minContains !== undefined) {
      if (got.length < minContains) this.#fail({ kind: 'minContains', got, want: minContains }, failures);
    } else if (got.length === 0) {
      this.#fail({ kind: 'contains' }, failures);
    }
    if (maxContains !== undefined && got.length > maxContains) {
      this.#fail({ kind: 'maxContains', got, want: maxContains });
    }
  }

  #string(text: string): void {
    const { minLength, maxLength, pattern } = this.#schema;
    if (minLength !== undefined || maxLength !== undefined) {
      const length = Array.from(text).length;
      this.#count('minLength', length, minLength);
      this.#count('maxLength', length, maxLength);
    }
    if (pattern !== undefined && !pattern.test(text)) this.#fail({ kind: 'pattern', got: text, want: pattern.source });
  }

  #number(value: AnyNumber): void {
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = this.#schema;
    const bounds = minimum ?? maximum ?? exclusiveMinimum ?? exclusiveMaximum ?? multipleOf;
    const got = bounds === undefined ? undefined : Decimal.of(value);
    if (got === undefined) return;
    const check = (keyword: string, want: Decimal | undefined, holds: (want: Decimal) => boolean): void => {
      if (want !== undefined && !holds(want)) this.#fail({ kind: 'bound', keyword, got, want });
    };
    check('minimum', minimum, (want) => got.compare(want) >= 0);
    check('maximum', maximum, (want) => got.compare(want) <= 0);
    check('exclusiveMinimum', exclusiveMinimum, (want) => got.compare(want) > 0);
    check('exclusiveMaximum', exclusiveMaximum, (want) => got.compare(want) < 0);
    check('multipleOf', multipleOf, (want) => got.isMultipleOf(want));
  }

  #count(keyword: string, got: number, want: number | undefined): void {
    if (want === undefined || (keyword.startsWith('min') ? got >= want : got <= want)) return;
    this.#fail({ kind: 'count', keyword, got, want });
  }

  #conditions(): void {
    const schema = this.#schema;
    if (schema.not !== undefined && this.#self(schema.not, { quiet: true }) === undefined) this.#fail({ kind: 'not' });
    if (schema.allOf.length > 0) this.#allOf(schema.allOf);
    if (schema.anyOf.length > 0) this.#anyOf(schema.anyOf);
    if (schema.oneOf.length > 0) this.#oneOf(schema.oneOf);
    if (schema.if === undefined) return;
    const holds = this.#self(schema.if, { quiet: true }) === undefined;
    const branch = holds ? schema.thenSchema : schema.elseSchema;
    if (branch !== undefined) this.#add(this.#self(branch));
  }

  #allOf(schemas: readonly SchemaNode[]): void {
    const failures: Failure[] = [];
    for (const each of schemas) {
      const failure = this.#self(each);
      if (failure === undefined) continue;
      failures.push(failure);
      if (this.#quiet) break;
    }
    if (failures.length > 0) this.#fail({ kind: 'allOf' }, failures);
  }

  #anyOf(schemas: readonly SchemaNode[]): void {
    const failures: Failure[] = [];
    let matched = false;
    for (const each of schemas) {
      const failure = this.#self(each);
      if (failure !== undefined) {
        failures.push(failure);
        continue;
      }
      matched = true;
      if (isSettled(this.unevaluated)) break;
    }
    if (!matched) this.#fail({ kind: 'anyOf' }, failures);
  }

  #oneOf(schemas: readonly SchemaNode[]): void {
    const failures: Failure[] = [];
    let matched: number | undefined;
    for (const [i, each] of schemas.entries()) {
      const failure = this.#self(each, { quiet: matched !== undefined });
      if (failure !== undefined) {
        if (matched === undefined) failures.push(failure);
      } else if (matched === undefined) {
        matched = i;
      } else {
        this.#fail({ kind: 'oneOf', matched: [matched, i] });
        return;
      }
    }
    if (matched === undefined) this.#fail({ kind: 'oneOf', matched: [] }, failures);
  }

  #leftOver(): void {
    const { unevaluatedProperties, unevaluatedItems } = this.#schema;
    const value = this.#value;
    if (unevaluatedProperties !== undefined && isObject(value)) {
      for (const key of this.unevaluated.properties ?? [])
        this.#add(this.#child(unevaluatedProperties, value[key], key));
      this.unevaluated.properties = undefined;
    }
    if (unevaluatedItems !== undefined && Array.isArray(value)) {
      for (const i of this.unevaluated.items ?? []) this.#add(this.#child(unevaluatedItems, value[i], String(i)));
      this.unevaluated.items = undefined;
    }
  }

  #dynamicReferences(): void {
    const { recursiveRef, dynamicRef } = this.#schema;
    if (recursiveRef !== undefined) {
      const target = recursiveRef.recursiveAnchor ? this.#outermostRecursive(recursiveRef) : recursiveRef;
      this.#add(this.#reference(target, '$recursiveRef'));
    }
    if (dynamicRef !== undefined) {
      const { target, anchor } = dynamicRef;
      const isDynamic = anchor !== '' && target.dynamicAnchor === anchor;
      this.#add(this.#reference(isDynamic ? this.#outermostAnchor(anchor, target) : target, '$dynamicRef'));
    }
  }

  #outermostRecursive(fallback: SchemaNode): SchemaNode {
    let found = fallback;
    for (let at: Scope | undefined = this.#scope; at !== undefined; at = at.parent) {
      if (at.schema.resource.recursiveAnchor) found = at.schema;
    }
    return found;
  }

  #outermostAnchor(anchor: string, fallback: SchemaNode): SchemaNode {
    let found = fallback;
    for (let at: Scope | undefined = this.#scope; at !== undefined; at = at.parent) {
      found = at.schema.resource.dynamicAnchors?.get(anchor) ?? found;
    }
    return found;
  }

  #reference(schema: SchemaNode, keyword: string): Failure | undefined {
    const failure = this.#self(schema, { keyword });
    if (failure === undefined || this.#quiet) return failure;
    const causes = failure.kind.kind === 'group' ? failure.causes : [failure];
    return { ...this.#failure({ kind: 'reference' }), causes };
  }

  /** Another schema on the same value. */
  #self(schema: SchemaNode, { keyword = '', quiet = false } = {}): Failure | undefined {
    const scope = { schema, keyword, id: this.#scope.id, parent: this.#scope };
    const isWanted = !isSettled(this.unevaluated);
    const run = this.#validation(schema, {
      value: this.#value,
      path: this.#path,
      scope,
      unevaluated: unevaluatedOf(this.#value, schema, isWanted),
      quiet: this.#quiet || quiet,
    });
    const failure = run.run();
    if (failure === undefined && isWanted) intersect(this.unevaluated, run.unevaluated);
    return failure;
  }

  /** A schema on a member of the value. */
  #child(schema: SchemaNode, value: unknown, token: string): Failure | undefined {
    const run = this.#validation(schema, {
      value,
      path: [...this.#path, token],
      scope: { schema, keyword: '', id: this.#scope.id + 1, parent: this.#scope },
      unevaluated: unevaluatedOf(value, schema, false),
      quiet: this.#quiet,
    });
    return run.run();
  }

  #validation(schema: SchemaNode, input: ValidationInput): Validation {
    const rules = this.#rules;
    const meta = rules !== undefined && schema === rules.meta ? rules.metaAt(pointerOf(input.path)) : undefined;
    if (rules === undefined || meta === undefined) return new Validation(schema, rules, input);
    return new Validation(meta, { meta, metaAt: (pointer) => rules.metaAt(pointer) }, input);
  }

  #isDone(): boolean {
    return this.#quiet && this.#failures.length > 0;
  }

  #failure(kind: FailureKind): Failure {
    return this.#quiet ? QUIET_FAILURE : { path: this.#path, kind, causes: [] };
  }

  #fail(kind: FailureKind, causes: readonly Failure[] = []): void {
    this.#failures.push(this.#quiet ? QUIET_FAILURE : { path: this.#path, kind, causes });
  }

  #add(failure: Failure | undefined): void {
    if (failure !== undefined) this.#failures.push(failure);
  }
}

function isInteger(value: unknown): boolean {
  return isNumber(value) && Decimal.of(value)?.isInteger() === true;
}

/** The keywords that led to a scope, from the root on. */
function keywordLocation(scope: Scope): string {
  let out = '';
  for (let at = scope; at.parent !== undefined; at = at.parent) {
    if (at.keyword !== '') out = `/${escapeToken(at.keyword)}${out}`;
    else out = at.schema.location.slice(at.parent.schema.location.length) + out;
  }
  return out;
}
