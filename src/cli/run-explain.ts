import { formatLocation, type SourceLocation } from '../base/source.ts';
import {
  type ExplainedField,
  type ExplainedValue,
  explainFields,
  type ExplainInput,
} from '../render/trace/explain-field.ts';
import type { Origin } from '../render/trace/source-map.ts';
import type { ValueOrigin } from '../render/trace/value-origins.ts';
import { valuePathText } from '../render/trace/value-path.ts';
import type { Io } from './io.ts';
import type { GlobalOptions } from './settings.ts';
import { styleOf } from './style-of.ts';
import type { Style } from '../terminal/style.ts';

const LONGEST = 100;

/** Prints where rendered fields come from. */
export function runExplain(io: Io, selector: string, flags: GlobalOptions, input: ExplainInput): void {
  // Colours are for terminals, and this goes to stdout.
  const style = styleOf({ ...io, columns: io.interactive ? 80 : undefined }, flags);
  const fields = explainFields(selector, input);
  io.stdout(fields.map((field) => fieldText(field, style)).join('\n'));
}

function fieldText(field: ExplainedField, style: Style): string {
  const lines = [`${style.bold(`${field.kind}/${field.name}${field.path}`)}: ${shorten(field.value)}`];
  for (const origin of field.origins) lines.push(...originLines(origin, style));
  for (const value of field.values) lines.push(...valueLines(value, style));
  const conditions = new Map(
    field.origins.flatMap(({ conditions: all }) => all.map((each) => [placeText(each.location), each])),
  );
  for (const [place, { code, reads }] of conditions) {
    const values = reads.map(({ path, value }) => `${valuePathText(path)} = ${shown(value)}`).join(', ');
    lines.push(`  inside    ${style.cyan(place)}  ${shorten(code)}${values === '' ? '' : `  (${values})`}`);
  }
  return `${lines.join('\n')}\n`;
}

function originLines({ location, code, calls }: Origin, style: Style): string[] {
  return [
    `  template  ${style.cyan(placeText(location))}  ${shorten(code)}`,
    ...calls.map((call) => `  called in ${style.cyan(placeText(call.location))}  ${shorten(call.code)}`),
  ];
}

function valueLines({ path, value, origins }: ExplainedValue, style: Style): string[] {
  const name = valuePathText(path);
  if (value === undefined && origins.length === 0) return [`  value     ${name} is not set`];
  const lines = [`  value     ${name} = ${shown(value)}`];
  for (const [i, origin] of origins.entries()) {
    const hides = i === 0 ? '' : `  (hidden: ${shown(origin.value)})`;
    lines.push(`    set by  ${style.cyan(originText(origin))}${hides}`);
  }
  return lines;
}

function originText({ name, location }: ValueOrigin): string {
  return location === undefined ? name : placeText(location);
}

function placeText(location: SourceLocation): string {
  return formatLocation(location);
}

function shown(value: unknown): string {
  if (value === undefined) return 'not set';
  if (typeof value === 'bigint') return String(value);
  const text = JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each));
  return shorten(text ?? 'not set');
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
