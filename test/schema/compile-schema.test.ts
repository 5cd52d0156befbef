import { describe, expect, it } from 'vitest';
import { compileSchema } from '../../src/schema/compile-schema.ts';
import { failureText } from '../../src/schema/failure.ts';
import { SchemaError } from '../../src/schema/schema-error.ts';

describe('compileSchema', () => {
  it('reads documents that references name, and those that they name', async () => {
    const asked: string[] = [];
    const documents: Record<string, unknown> = {
      'https://example.com/defs/port.json': { $ref: 'number.json#/$defs/positive' },
      'https://example.com/defs/number.json': { $defs: { positive: { type: 'integer', minimum: 1 } } },
    };
    const schema = await compileSchema(
      { properties: { port: { $ref: 'defs/port.json' } } },
      {
        url: 'https://example.com/root.json',
        load: async (url) => {
          asked.push(url);
          return documents[url];
        },
      },
    );
    expect(asked).toEqual(Object.keys(documents));
    expect(schema.validate({ port: 80 })).toBeUndefined();
    const failure = schema.validate({ port: 0 });
    expect(failure?.causes[0]?.path).toEqual(['port']);
    expect(failure === undefined ? '' : failureText(failure)).toBe(
      "jsonschema validation failed with 'https://example.com/root.json#'\n- at '/port': minimum: got 0, want 1",
    );
  });

  it('reads nothing when it may not', async () => {
    await expect(compileSchema({ $ref: 'https://example.com/x.json' })).rejects.toThrow(
      new SchemaError(
        'failing loading "https://example.com/x.json": no URLLoader registered for "https://example.com/x.json"',
      ),
    );
  });

  it('takes metaschemas of its own for granted', async () => {
    const schema = await compileSchema({ $ref: 'http://json-schema.org/draft-07/schema#' });
    expect(schema.validate({ type: 'object' })).toBeUndefined();
    expect(schema.validate({ type: 'thing' })).toBeDefined();
  });

  it('follows a metaschema that leaves vocabularies out', async () => {
    const meta = {
      $id: 'https://example.com/meta',
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $vocabulary: { 'https://json-schema.org/draft/2020-12/vocab/applicator': true },
      $dynamicAnchor: 'meta',
    };
    const schema = await compileSchema(
      { $schema: 'https://example.com/meta', type: 'string', properties: { a: { minimum: 5 }, b: false } },
      { load: async () => meta },
    );
    expect(schema.validate({ a: 1 })).toBeUndefined();
    expect(schema.validate({ b: 1 })?.causes[0]?.path).toEqual(['b']);
  });

  it('knows keys that objects inherit', async () => {
    const schema = await compileSchema({
      required: ['constructor'],
      properties: { toString: { type: 'string' } },
      additionalProperties: false,
    });
    expect(schema.validate({})?.causes).toHaveLength(1);
    expect(schema.validate(JSON.parse('{"constructor": 1, "__proto__": 2}'))?.causes[0]?.kind).toEqual({
      kind: 'additionalProperties',
      properties: ['__proto__', 'constructor'],
    });
  });

  it('compares numbers of all kinds by what they are worth', async () => {
    const schema = await compileSchema({ enum: [5, 0.1], uniqueItems: true });
    expect(schema.validate(5n)).toBeUndefined();
    expect(schema.validate(0.1)).toBeUndefined();
    expect(schema.validate(0.2)).toBeDefined();
    const unique = await compileSchema({ uniqueItems: true });
    expect(unique.validate([1, 1n])?.causes[0]?.kind).toEqual({ kind: 'uniqueItems', duplicates: [0, 1] });
  });

  it('gives the true index behind prefixItems', async () => {
    const schema = await compileSchema({ prefixItems: [true], items: { type: 'string' } });
    expect(schema.validate([1, 'a', 2])?.causes[0]?.path).toEqual(['2']);
  });

  it('is not led into exponential time by a pattern', async () => {
    const schema = await compileSchema({ pattern: '^(a+)+$' });
    expect(schema.validate(`${'a'.repeat(50)}!`)).toBeDefined();
  });
});
