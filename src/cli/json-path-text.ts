import { PintleError } from '../base/errors.ts';
import { parseJsonPath } from '../kube/json-path.ts';
import { printValue } from '../gotemplate/runtime/print.ts';
import { encodeJson } from '../yaml/json-encode.ts';

/**
 * A JSONPath template's text: what expressions in braces find, several things parted by blanks, and all else as it is.
 * client-go: util/jsonpath.
 *
 * @param warn hears of a path that leads nowhere
 * @throws PintleError `usage`
 */
export function jsonPathText(template: string, value: unknown, warn: (message: string) => void): string {
  try {
    return run(parts(template), value);
  } catch (error) {
    if (!(error instanceof MissingField)) throw error;
    warn(`${error.message}; nothing is printed`);
    return '';
  }
}

/** A path that leads nowhere; nothing at all is printed then, as in Helm. */
class MissingField extends Error {
  constructor(path: string) {
    super(`{${path}} is not found`);
  }
}

type Part =
  | { readonly text: string }
  | { readonly path: string }
  | { readonly range: string; readonly body: readonly Part[] };

/** The parts of a template; `{range}` holds those up to its `{end}`. */
function parts(template: string): readonly Part[] {
  const tokens = template.match(/\{(?:[^{}"']|"(?:\\.|[^"\\])*"|'[^']*')*\}|[^{]+|\{/g) ?? [];
  const stack: { readonly range: string; readonly body: Part[] }[] = [{ range: '', body: [] }];
  for (const token of tokens) {
    const top = stack.at(-1);
    if (top === undefined) break;
    const inner = token.startsWith('{') ? token.slice(1, -1).trim() : undefined;
    if (inner === undefined) top.body.push({ text: token });
    else if (token === '{') throw bad(template, 'unclosed action');
    else if (/^range\s/.test(inner)) stack.push({ range: inner.slice(5).trim(), body: [] });
    else if (inner === 'end') {
      stack.pop();
      const outer = stack.at(-1);
      if (outer === undefined) throw bad(template, 'not in range, nothing to end');
      outer.body.push(top);
    } else top.body.push(/^["']/.test(inner) ? { text: unquoted(template, inner) } : { path: inner });
  }
  if (stack.length > 1) throw bad(template, 'not enough {end}');
  return stack[0]?.body ?? [];
}

function unquoted(template: string, text: string): string {
  try {
    return String(JSON.parse(text.startsWith("'") ? `"${text.slice(1, -1).replaceAll('"', '\\"')}"` : text));
  } catch (error) {
    throw bad(template, `unterminated quoted string ${text}`, error);
  }
}

function run(all: readonly Part[], value: unknown): string {
  return all
    .map((part) => {
      if ('text' in part) return part.text;
      if ('path' in part) return found(part.path, value).map(shown).join(' ');
      return found(part.range, value)
        .map((each) => run(part.body, each))
        .join('');
    })
    .join('');
}

function found(path: string, value: unknown): readonly unknown[] {
  const read = parseJsonPath(path.replace(/^@/, ''));
  if (read === undefined) throw bad(path, 'not a path');
  const results = read(value);
  if (results.length === 0 && !path.includes('?(')) throw new MissingField(path);
  return results;
}

function shown(value: unknown): string {
  return typeof value === 'object' && value !== null ? encodeJson(value) : printValue(value);
}

function bad(template: string, reason: string, cause?: unknown): PintleError {
  return new PintleError('usage', `error parsing jsonpath ${template}: ${reason}`, {
    hint: 'expressions stand in braces, as in {.image.repository}:{.image.tag}',
    cause,
  });
}
