import { formatLocation } from '../../base/source.ts';
import type { YamlNode } from '../../yaml/node.ts';
import { parseDocuments } from '../../yaml/parse.ts';
import type { PlacedObject } from './explain-field.ts';
import type { Origin, SourceMap } from './source-map.ts';
import type { ValueOriginFinder } from './value-origins.ts';
import { valuePathText } from './value-path.ts';

const MOST_VALUES = 3;

/** The object's text with a comment behind each line that tells its origin; lines inside of long texts stay as they are. */
export function markLines(object: PlacedObject, map: SourceMap, origins: ValueOriginFinder): string {
  const inside = new Set<number>();
  for (const root of parseDocuments(object.content, { file: object.template })) longTexts(root, inside);
  let offset = object.start;
  const lines = object.content.split('\n').map((line, i) => {
    const start = offset;
    offset += line.length + 1;
    const content = line.trim();
    if (content === '' || content.startsWith('#') || inside.has(i)) return line;
    const indent = line.length - line.trimStart().length;
    const mark = markOf(map.origins(object.template, start + indent, start + line.trimEnd().length), origins);
    return mark === '' ? line : `${line.trimEnd()}  # ${mark}`;
  });
  return lines.join('\n');
}

function markOf(found: readonly Origin[], origins: ValueOriginFinder): string {
  const origin = found.find(({ kind }) => kind === 'action') ?? found[0];
  if (origin === undefined) return '';
  const { file, line } = origin.location;
  const places = [formatLocation({ file, ...(line === undefined ? {} : { line }) })];
  for (const { location } of origin.calls) {
    places.push(
      formatLocation({ file: location.file, ...(location.line === undefined ? {} : { line: location.line }) }),
    );
  }
  const reads = found.flatMap((each) => each.reads);
  const unique = [...new Map(reads.map((read) => [valuePathText(read.path), read])).entries()];
  const values = unique.slice(0, MOST_VALUES).map(([name, read]) => {
    const [from] = origins(read.path);
    if (from === undefined) return name;
    const place = from.location;
    return `${name} (${place === undefined ? from.name : `${place.file}:${place.line ?? 1}`})`;
  });
  if (unique.length > MOST_VALUES) values.push('…');
  return oneLine([[...new Set(places)].join(' < '), ...values].join(' '));
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

/** The lines (from 0) at whose end a comment would be part of a scalar. */
function longTexts(node: YamlNode, lines: Set<number>): void {
  switch (node.kind) {
    case 'mapping':
      for (const { key, value } of node.items) {
        longTexts(key, lines);
        longTexts(value, lines);
      }
      return;
    case 'sequence':
      for (const item of node.items) longTexts(item, lines);
      return;
    case 'scalar': {
      const block = node.style === 'literal' || node.style === 'folded';
      const last = node.end.column === 0 ? node.end.line - 1 : node.end.line;
      if (last === node.start.line) return;
      for (let line = node.start.line + (block ? 1 : 0); line <= last; line += 1) lines.add(line);
      return;
    }
    default:
  }
}
