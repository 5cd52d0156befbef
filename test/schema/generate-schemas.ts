import type { SeededRandom } from '../../src/base/random.ts';
import type { ChartSchema } from './support.ts';

const KEYS = ['a', 'b', 'c'];
const TYPES = ['null', 'boolean', 'number', 'integer', 'string', 'array', 'object'];
const DRAFTS = [
  'http://json-schema.org/draft-04/schema#',
  'http://json-schema.org/draft-06/schema#',
  'http://json-schema.org/draft-07/schema#',
  'https://json-schema.org/draft/2019-09/schema',
  'https://json-schema.org/draft/2020-12/schema',
];

/** A schema of any draft, and values, both by chance. */
export function generateSchema(random: SeededRandom): ChartSchema {
  const generator = new Generator(random);
  const draft = generator.pick(DRAFTS);
  const schema = generator.schema(3) as Record<string, unknown>;
  const definitions = Object.fromEntries(KEYS.map((key) => [key, generator.schema(1)]));
  return {
    schema: { ...schema, $schema: draft, definitions },
    values: Object.fromEntries(KEYS.map((key) => [key, generator.value(2)])),
  };
}

class Generator {
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.#random.below(list.length)] as T;
  }

  value(depth: number): unknown {
    if (depth > 0 && this.#random.below(3) > 0) {
      if (this.#random.below(2) === 0) return this.#list(() => this.value(depth - 1));
      return this.#map(() => this.value(depth - 1));
    }
    return this.pick([null, true, false, 0, 1, 2, 1.5, -3, 1000, 'a', 'abc', '', 'é']);
  }

  schema(depth: number): unknown {
    const out: Record<string, unknown> = {};
    for (let i = 1 + this.#random.below(3); i > 0; i -= 1) Object.assign(out, this.#keyword(depth));
    return out;
  }

  #keyword(depth: number): Record<string, unknown> {
    const sub = (): unknown => (depth > 0 ? this.schema(depth - 1) : { type: this.pick(TYPES) });
    const some = (): unknown[] => Array.from({ length: 1 + this.#random.below(2) }, sub);
    const keywords: readonly (() => Record<string, unknown>)[] = [
      () => ({ type: this.pick(TYPES) }),
      () => ({ type: [...new Set([this.pick(TYPES), this.pick(TYPES)])] }),
      () => ({ enum: [this.value(0), 'other'] }),
      () => ({ const: this.value(1) }),
      () => ({ minimum: this.#random.below(4) }),
      () => ({ maximum: this.#random.below(2000) / 2 }),
      () => ({ multipleOf: this.pick([2, 0.5, 3]) }),
      () => ({ minLength: this.#random.below(4) }),
      () => ({ maxLength: this.#random.below(4) }),
      () => ({ pattern: this.pick(['^a', 'b+$', '[^a]', '^(a|b)*$']) }),
      () => ({ minItems: this.#random.below(4), maxItems: this.#random.below(4) }),
      () => ({ uniqueItems: true }),
      () => ({ items: sub() }),
      () => ({ contains: sub() }),
      () => ({ minProperties: this.#random.below(4) }),
      () => ({ maxProperties: this.#random.below(3) }),
      () => ({ required: [...new Set([this.pick(KEYS), this.pick(['a', 'z'])])] }),
      () => ({ properties: Object.fromEntries(KEYS.map((key) => [key, sub()])) }),
      () => ({ patternProperties: { '^[ab]$': sub() } }),
      () => ({ additionalProperties: this.pick([false, sub()]) }),
      () => ({ propertyNames: { enum: ['a', 'b'] } }),
      () => ({ dependencies: { a: ['b', 'z'], b: sub() } }),
      () => ({ dependentRequired: { a: ['c', 'y'] } }),
      () => ({ dependentSchemas: { a: sub() } }),
      () => ({ allOf: some() }),
      () => ({ anyOf: some() }),
      () => ({ oneOf: some() }),
      () => ({ not: sub() }),
      () => ({ if: sub(), then: sub(), else: sub() }),
      () => ({ unevaluatedProperties: this.pick([false, sub()]) }),
      () => ({ unevaluatedItems: this.pick([false, sub()]) }),
      () => ({ $ref: `#/definitions/${this.pick(KEYS)}` }),
    ];
    return this.pick(keywords)();
  }

  #list(item: () => unknown): unknown[] {
    return Array.from({ length: this.#random.below(4) }, item);
  }

  #map(member: () => unknown): Record<string, unknown> {
    return Object.fromEntries(KEYS.filter(() => this.#random.below(2) === 0).map((key) => [key, member()]));
  }
}
