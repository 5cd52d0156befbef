import { PintleError } from '../../base/errors.ts';
import { decodeUtf8 } from '../../base/go-string.ts';
import { isObject, newObject } from '../../base/json.ts';
import type { SourceLocation } from '../../base/source.ts';
import { failureOf, type FetchSchema } from '../../values/check-schemas.ts';
import { coalesceTables } from '../../values/coalesce-tables.ts';
import { fromYaml, jsonKind } from '../../yaml/index.ts';
import type { ChartFolder } from '../chart-folder.ts';
import type { LintFindings } from '../lint-message.ts';
import { messageOf } from '../message-of.ts';

const FILE = 'values.yaml';
const SCHEMA = 'values.schema.json';

/** What the values rule looks at besides the chart. */
export interface ValuesLintOptions {
  /** The user's values. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly skipSchemaValidation: boolean;
  readonly fetchSchema?: FetchSchema | undefined;
}

/** values.yaml must be YAML, and with the user's values must fit the chart's own schema. helm: rules/values.go. */
export async function lintValues(
  folder: ChartFolder,
  findings: LintFindings,
  options: ValuesLintOptions,
): Promise<void> {
  const exists = folder.kind(FILE) !== undefined;
  if (!findings.check('INFO', FILE, exists ? undefined : 'file does not exist')) return;
  let values: Record<string, unknown>;
  try {
    values = readValues(decodeUtf8(folder.read(FILE)));
  } catch (error) {
    findings.check('ERROR', FILE, `unable to parse YAML: ${messageOf(error)}`, locationOf(error));
    return;
  }
  if (options.skipSchemaValidation || folder.kind(SCHEMA) !== 'file') return;
  const schema = folder.read(SCHEMA);
  if (schema.length === 0) return;
  const coalesced = coalesceTables(coalesceTables(newObject(), options.values), values);
  findings.check('ERROR', FILE, await failureOf(schema, coalesced, options.fetchSchema));
}

function readValues(text: string): Record<string, unknown> {
  const value = fromYaml(text, { file: FILE });
  if (isObject(value)) return value;
  if (value === null) return newObject();
  throw new Error(
    `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonKind(value)} into Go value of type common.Values`,
  );
}

function locationOf(error: unknown): SourceLocation | undefined {
  return error instanceof PintleError ? error.location : undefined;
}
