import type { TemplateFunction } from '../base/template-function.ts';
import { decodeJson, encodeJson, type EncodeJsonOptions } from '../yaml/index.ts';
import { define } from './define.ts';

const PRETTY: EncodeJsonOptions = { indent: '  ' };
const RAW: EncodeJsonOptions = { escapeHtml: false };

/** JSON as Sprig has it; `toJson`, `mustToJson` and `fromJson` are Helm's, see {@link ./helm.ts}. */
export const jsonFunctions: readonly TemplateFunction[] = [
  define('toPrettyJson', ['any'], (value: unknown) => textOrNothing(() => encodeJson(value, PRETTY))),
  define('mustToPrettyJson', ['any'], (value: unknown) => encodeJson(value, PRETTY)),
  define('toRawJson', ['any'], (value: unknown) => encodeJson(value, RAW)),
  define('mustToRawJson', ['any'], (value: unknown) => encodeJson(value, RAW)),
  define('mustFromJson', ['string'], (text: string) => decodeJson(text)),
];

/** What a function gives that swallows its errors. */
export function textOrNothing(write: () => string): string {
  try {
    return write();
  } catch {
    return '';
  }
}
