import { PintleError } from '../base/errors.ts';
import { decodeUtf8 } from '../base/go-string.ts';
import { positionAt } from '../base/source.ts';
import { isMap } from './copy-values.ts';
import { goQuote } from '../base/go-quote.ts';
import type { Chart } from '../chart/chart.ts';
import { decodeJson } from '../yaml/index.ts';
import type { CompiledSchema } from '../schema/compile-schema.ts';
import { goType } from './go-text.ts';
import { readSchemaFile } from './read-schema-file.ts';

/** Reads the text of a schema by its http or https URL. */
export type FetchSchema = (url: string) => Promise<string>;

/** Helm gives every chart's schema this URL. */
const SCHEMA_URL = 'file:///values.schema.json';

/**
 * Checks coalesced values against the schemas of a chart and all its subcharts.
 * helm: pkg/chart/common/util/jsonschema.go, ValidateAgainstSchema.
 *
 * @throws PintleError `values-schema` with all failures in Helm's form
 */
export async function checkSchemas(
  chart: Chart,
  values: Readonly<Record<string, unknown>>,
  fetchSchema: FetchSchema | undefined,
): Promise<void> {
  if (!hasSchema(chart)) return;
  const text = await failuresOf(chart, values, fetchSchema);
  if (text === '') return;
  throw new PintleError(
    'values-schema',
    `values don't meet the specifications of the schema(s) in the following chart(s):\n${text}`,
    { hint: 'the path behind "at" leads to the value in question; values.schema.json says what is allowed there' },
  );
}

function hasSchema(chart: Chart): boolean {
  return chart.schema !== undefined || chart.subcharts.some(hasSchema);
}

async function failuresOf(
  chart: Chart,
  values: Readonly<Record<string, unknown>>,
  fetchSchema: FetchSchema | undefined,
): Promise<string> {
  let text = '';
  if (chart.schema !== undefined) {
    const failure = await failureOf(chart.schema, values, fetchSchema);
    if (failure !== undefined) text += `${chart.metadata.name}:\n${failure}`;
  }
  for (const child of chart.subcharts) {
    const { name } = child.metadata;
    const own = Object.hasOwn(values, name) ? values[name] : undefined;
    if (own === undefined || own === null) continue;
    if (isMap(own)) text += await failuresOf(child, own, fetchSchema);
    else text += `${name}:\ninvalid type for values: expected object (map), got ${goType(own)}\n`;
  }
  return text;
}

/** What is wrong with the values, or with the schema; undefined if nothing is. helm: ValidateAgainstSingleSchema. */
export async function failureOf(
  schema: Uint8Array,
  values: Readonly<Record<string, unknown>>,
  fetchSchema: FetchSchema | undefined,
): Promise<string | undefined> {
  const [{ compileSchema }, { failureText }, { SchemaError }] = await Promise.all([
    import('../schema/compile-schema.ts'),
    import('../schema/failure.ts'),
    import('../schema/schema-error.ts'),
  ]);
  try {
    const text = decodeUtf8(schema);
    let compiled = compiledSchemas.get(text);
    if (compiled === undefined) {
      let alone = true;
      const load = (url: string): Promise<unknown> => {
        alone = false;
        return loadSchema(url, fetchSchema);
      };
      compiled = await compileSchema(parseSchema(text), { url: SCHEMA_URL, load });
      if (alone) keep(text, compiled);
    }
    const failure = compiled.validate(values);
    if (failure === undefined) return undefined;
    return `${failure.causes.map((cause) => indented(failureText(cause))).join('\n')}\n`;
  } catch (error) {
    if (error instanceof SchemaError || error instanceof PintleError) return error.message;
    throw error;
  }
}

/** Schemas that depend on nothing but their text: a chart is often rendered several times. The oldest are dropped first. */
const compiledSchemas = new Map<string, CompiledSchema>();
const KEPT = 32;

function keep(text: string, compiled: CompiledSchema): void {
  compiledSchemas.set(text, compiled);
  const [oldest] = compiledSchemas.keys();
  if (compiledSchemas.size > KEPT && oldest !== undefined) compiledSchemas.delete(oldest);
}

/** A failure as an item of the list. */
function indented(text: string): string {
  return `- ${text.replaceAll('\n', '\n  ')}`;
}

/** A JSON text with Go's messages of its streaming decoder. */
function parseSchema(text: string): unknown {
  if (text.trim() === '') throw new PintleError('json-syntax', 'EOF');
  try {
    return decodeJson(text, { numbers: 'literal', file: 'values.schema.json' });
  } catch (error) {
    if (!(error instanceof PintleError)) throw error;
    const { location } = error;
    const end = positionAt(text, text.length);
    const atEnd = location?.line === end.line && location.column === end.column;
    const isBehind = error.message.includes('after top-level value');
    const message = isBehind ? 'invalid character after top-level value' : atEnd ? 'unexpected EOF' : error.message;
    throw new PintleError('json-syntax', message, location === undefined ? {} : { location });
  }
}

async function loadSchema(url: string, fetchSchema: FetchSchema | undefined): Promise<unknown> {
  if (url.startsWith('file://')) return parseSchema(readSchemaFile(url));
  // Helm takes whatever has no address for valid.
  if (url.startsWith('urn:')) return true;
  if (!/^https?:/.test(url)) throw new PintleError('values-schema', `no URLLoader registered for ${goQuote(url)}`);
  if (fetchSchema === undefined) {
    throw new PintleError(
      'values-schema',
      'it is on the network, which is not read unless that is allowed (--allow-remote-schemas)',
    );
  }
  return parseSchema(await fetchSchema(url));
}
