import { PintleError } from '../base/errors.ts';
import { isObject, newObject } from '../base/json.ts';
import { fromYaml, splitDocuments } from '../yaml/index.ts';

/**
 * A values file: one or more YAML documents, merged in their order. helm: loader.LoadValues.
 *
 * @throws PintleError `yaml-syntax` with Helm's text and the place in the file
 */
export function parseValues(text: string, file: string): Record<string, unknown> {
  // Helm reads line by line and ends each one.
  if (!/^---/m.test(text)) return parseDocument(text === '' || text.endsWith('\n') ? text : `${text}\n`, file, 0, text);
  let values = newObject();
  let line = 0;
  for (const document of documents(text, file)) {
    values = mergeMaps(values, parseDocument(document, file, line, text));
    line += document.split('\n').length;
  }
  return values;
}

function documents(text: string, file: string): string[] {
  try {
    return splitDocuments(text, file);
  } catch (error) {
    throw prefixed(error, 'error reading yaml document: ', 0, text);
  }
}

function parseDocument(document: string, file: string, firstLine: number, text: string): Record<string, unknown> {
  try {
    return fromYaml(document, { target: 'map', file });
  } catch (error) {
    throw prefixed(error, 'cannot unmarshal yaml document: ', firstLine, text);
  }
}

function prefixed(error: unknown, prefix: string, firstLine: number, source: string): unknown {
  if (!(error instanceof PintleError) || error.location === undefined) return error;
  const { file, line = 1, column } = error.location;
  return new PintleError(error.code, prefix + error.message, {
    location: { file, line: line + firstLine, ...(column === undefined ? {} : { column }), source },
    cause: error,
  });
}

/** Two maps as one: maps in both are merged, of other values those of `over` count. helm: loader.MergeMaps. */
export function mergeMaps(
  base: Readonly<Record<string, unknown>>,
  over: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const out = Object.assign(newObject(), base);
  for (const key of Object.keys(over)) {
    const value = over[key];
    const below = out[key];
    out[key] = isObject(value) && isObject(below) ? mergeMaps(below, value) : value;
  }
  return out;
}
