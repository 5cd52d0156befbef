import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { fromYaml } from '../../src/yaml/index.ts';
import { failuresOf } from '../values/schema-failures.ts';
import { generateSchema } from './generate-schemas.ts';
import { BROKEN_SCHEMAS, FORMAT_CASES, KEYWORD_CASES } from './schema-cases.ts';
import { type ChartSchema, helmFailures, sortedLines } from './support.ts';

async function compare(cases: readonly ChartSchema[]): Promise<void> {
  const wanted = await helmFailures(cases);
  for (const [i, { schema, values }] of cases.entries()) {
    const text = typeof schema === 'string' ? schema : JSON.stringify(schema);
    const got = await failuresOf(text, fromYaml(JSON.stringify(values), { target: 'map' }));
    expect({ schema, values, failures: sortedLines(got) }).toEqual({ schema, values, failures: wanted[i] });
  }
}

describe('schemas, compared with real helm', () => {
  it('keywords', async () => {
    await compare(KEYWORD_CASES.map(withGlobal));
  });

  it('formats', async () => {
    await compare(FORMAT_CASES.map(withGlobal));
  });

  it('schemas that are no good', async () => {
    await compare(BROKEN_SCHEMAS.map((schema) => ({ schema, values: { global: {} } })));
  });

  it('texts that are no JSON', async () => {
    const texts = ['{', '{} x', ' ', '{a: 1}', '[1,]', '"x', '{"a":1 "b":2}', 'nul', '{"a":\u0001}'];
    await compare(texts.map((schema) => ({ schema, values: { global: {} } })));
  });

  it('random schemas of all drafts', async () => {
    const random = new SeededRandom(process.env['PINTLE_SCHEMA_SEED'] ?? 'schema');
    const count = Number(process.env['PINTLE_SCHEMA_CASES'] ?? 400);
    await compare(Array.from({ length: count }, () => withGlobal(generateSchema(random))));
  });
});

/** Helm gives every subchart a table of globals. */
function withGlobal({ schema, values }: ChartSchema): ChartSchema {
  return { schema, values: { ...(values as object), global: {} } };
}
