import { PintleError } from '../base/errors.ts';
import { positionAt } from '../base/source.ts';

const SPACE = /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** Go's strings.TrimSpace. */
function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && SPACE.test(text.charAt(start))) start += 1;
  while (end > start && SPACE.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isRegexpSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0c || code === 0x0d;
}

/**
 * The documents of a manifest in its order, cut as Helm cuts them: at every `---` that begins a line, whatever it stands in
 * (helm: pkg/release/v1/util/manifest.go; its pattern is `(?:^|\s*\n)---\s*`).
 */
export function splitManifests(manifest: string): string[] {
  const text = trimSpace(manifest);
  const out: string[] = [];
  let begin = 0;
  const add = (end: number): void => {
    if (end > begin) out.push(trimSpace(text.slice(begin, end)));
  };
  let mark = text.startsWith('---') ? 0 : text.indexOf('\n---');
  while (mark !== -1) {
    let end = mark;
    while (end > begin && isRegexpSpace(text.charCodeAt(end - 1))) end -= 1;
    add(end);
    begin = mark + (mark === 0 && text.startsWith('---') ? 3 : 4);
    while (isRegexpSpace(text.charCodeAt(begin))) begin += 1;
    mark = text.indexOf('\n---', begin);
  }
  add(text.length);
  return out;
}

/**
 * The documents of a YAML stream, cut at lines that begin with `---`, as Kubernetes' YAML reader does it and Helm with it for
 * values files. Lines end with LF alone; the first document keeps its `---`.
 *
 * @throws PintleError `yaml-syntax` where something else than a comment follows a `---`
 */
export function splitDocuments(text: string, file = 'yaml'): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const out: string[] = [];
  let current = '';
  let offset = 0;
  for (const raw of lines) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line.startsWith('---')) {
      const rest = trimSpace(line.slice(3));
      if (rest !== '' && !rest.startsWith('#')) {
        const location = { file, ...positionAt(text, offset), source: text };
        throw new PintleError('yaml-syntax', `invalid Yaml document separator: ${rest}`, { location });
      }
    }
    if (line.startsWith('---') && current !== '') {
      out.push(current);
      current = '';
    } else {
      current += `${line}\n`;
    }
    offset += raw.length + 1;
  }
  if (current !== '') out.push(current);
  return out;
}
