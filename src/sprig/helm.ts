import { newObject } from '../base/json.ts';
import type { TemplateFunction } from '../base/template-function.ts';
import { decodeJson, encodeJson, fromYaml, toYaml } from '../yaml/index.ts';
import { define } from './define.ts';
import { textOrNothing } from './json.ts';
import { prettyYaml } from './pretty-yaml.ts';
import { nilMap, nilSlice } from './reflect.ts';

/** Helm's own functions for YAML and JSON (helm: pkg/engine/funcs.go). What cannot be read gives its error as data. */
export const helmFunctions: readonly TemplateFunction[] = [
  define('toYaml', ['any'], (value: unknown) => textOrNothing(() => trimmed(toYaml(value)))),
  define('mustToYaml', ['any'], (value: unknown) => trimmed(toYaml(value))),
  define('toYamlPretty', ['any'], (value: unknown) => textOrNothing(() => trimmed(prettyYaml(value)))),
  define('fromYaml', ['string'], (text: string) => mapOrError(() => fromYaml(text, { target: 'map' }))),
  define('fromYamlArray', ['string'], (text: string) => listOrError(() => fromYaml(text, { target: 'array' }))),
  define('toJson', ['any'], (value: unknown) => textOrNothing(() => encodeJson(value))),
  define('mustToJson', ['any'], (value: unknown) => encodeJson(value)),
  // Unlike sigs.k8s.io/yaml, encoding/json makes the nil map or slice of null.
  define('fromJson', ['string'], (text: string) =>
    mapOrError(() => (isNull(text) ? nilMap() : decodeJson(text, { target: 'map' }))),
  ),
  define('fromJsonArray', ['string'], (text: string) =>
    listOrError(() => (isNull(text) ? nilSlice() : decodeJson(text, { target: 'array' }))),
  ),
];

function trimmed(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}

function isNull(json: string): boolean {
  return /^[ \t\r\n]*null[ \t\r\n]*$/.test(json);
}

/** What is read, or `{Error: …}`. */
function mapOrError(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return Object.assign(newObject(), { Error: (error as Error).message });
  }
}

/** What is read, or a list of the error. */
function listOrError(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return [(error as Error).message];
  }
}
