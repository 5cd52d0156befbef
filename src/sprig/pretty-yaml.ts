import { GoInt } from '../base/go-int.ts';
import { newObject } from '../base/json.ts';
import { GoObject, GoStruct, GoTyped, isNil } from '../gotemplate/runtime/go-value.ts';
import { toYamlPretty } from '../yaml/index.ts';
import { GoTime } from './time/go-time.ts';

/**
 * A value as go-yaml v3 encodes it. Unlike JSON it writes nil lists and maps as empty ones, times without quotes, bytes as
 * numbers and the fields of structs in lower case.
 */
export function prettyYaml(value: unknown): string {
  const times: GoTime[] = [];
  const text = toYamlPretty(plain(value, times));
  return times.length === 0
    ? text
    : text.replaceAll(/pintle-time-(\d+)-/g, (mark, index: string) => times[Number(index)]?.toGoJson() ?? mark);
}

/** The value without what only Go tells apart; a time is left as a mark, whose index in `times` it bears. */
function plain(value: unknown, times: GoTime[]): unknown {
  if (typeof value !== 'object' || value === null || value instanceof GoInt) return value;
  if (Array.isArray(value)) return value.map((item) => plain(item, times));
  if (value instanceof Uint8Array) return Array.from(value, (byte) => new GoInt(byte, 'uint8'));
  if (value instanceof GoTime) return `pintle-time-${times.push(value) - 1}-`;
  if (value instanceof GoTyped) {
    if (!isNil(value)) return plain(value.value, times);
    return value.type.kind === 'slice' ? [] : value.type.kind === 'map' ? newObject() : null;
  }
  const out = newObject();
  if (value instanceof GoStruct) {
    for (const { name } of value.type.fields ?? []) out[name.toLowerCase()] = plain(value.field(name), times);
    return out;
  }
  if (value instanceof GoObject) return value;
  for (const [key, item] of Object.entries(value)) out[key] = plain(item, times);
  return out;
}
