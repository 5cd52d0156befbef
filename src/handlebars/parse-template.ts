import { PintleError } from '../base/errors.ts';
import { positionAt } from '../base/source.ts';
import type { TemplateSource } from '../base/template-engine.ts';
import type { HandlebarsParser, Program } from './ast.ts';

/** Parses a template. Throws PintleError `template-syntax` with the place of the fault. */
export function parseTemplate(source: TemplateSource, parser: HandlebarsParser): Program {
  try {
    return parser.parse(source.text) as Program;
  } catch (error) {
    throw syntaxError(source, error);
  }
}

/** What errors of the package carry; those of its grammar have their place in the message alone. */
interface ParserError {
  readonly message: string;
  readonly lineNumber?: number;
  readonly column?: number;
}

interface Place {
  readonly line?: number;
  readonly column?: number;
}

function syntaxError({ name, text }: TemplateSource, error: unknown): PintleError {
  const { message } = error as ParserError;
  const place = placeOf(error as ParserError, text);
  const hint = leadingDot(text, place.line)
    ? 'write Values.name or @root.Values.name, without a leading dot'
    : undefined;
  return new PintleError('template-syntax', describe(message), {
    location: { file: name, source: text, ...place },
    cause: error,
    ...(hint !== undefined && { hint }),
  });
}

function placeOf({ message, lineNumber, column }: ParserError, text: string): Place {
  if (lineNumber !== undefined) return { line: lineNumber, ...(column !== undefined && { column: column + 1 }) };
  const match = /on line (\d+)/.exec(message);
  if (match === null) return {};
  const line = Number(match[1]);
  const [, excerpt = '', pointer = ''] = message.split('\n');
  const offset = pointer.endsWith('^') ? findExcerpt(text, { excerpt, length: pointer.length - 1, line }) : undefined;
  return offset === undefined ? { line } : positionAt(text, offset);
}

interface Excerpt {
  /** Up to 20 characters before the fault and 20 behind it, without newlines, with dots where it was cut. */
  readonly excerpt: string;
  /** Characters of the excerpt before the fault. */
  readonly length: number;
  /** Where the parser believes the fault to be. */
  readonly line: number;
}

/** The offset that the pointer under an excerpt means: the place nearest to the line where the text reads so. */
function findExcerpt(text: string, { excerpt, length, line }: Excerpt): number | undefined {
  const before = excerpt.slice(0, length).replace(/^\.\.\./, '');
  const after = excerpt.slice(length).replace(/\.\.\.$/, '');
  let best: number | undefined;
  let distance = Number.POSITIVE_INFINITY;
  for (let offset = 0; offset <= text.length; offset += 1) {
    if (text.slice(Math.max(0, offset - 20), offset).replaceAll('\n', '') !== before) continue;
    if (
      !text
        .slice(offset, offset + 20)
        .replaceAll('\n', '')
        .startsWith(after)
    )
      continue;
    const away = Math.abs(positionAt(text, offset).line - line);
    if (away < distance) {
      best = offset;
      distance = away;
    }
  }
  return best;
}

/** The parser's message without the line, the excerpt and the pointer that the location says better. */
function describe(message: string): string {
  const lines = message.split('\n');
  const last = lines.at(-1) ?? message;
  if (lines.length > 1)
    return last.replace(/^Expecting/, 'expected').replaceAll(/'(\w+)'/g, (_, token: string) => tokenName(token));
  return message.replace(/^Lexical error on line \d+\. /, '').replace(/ - \d+:\d+$/, '');
}

/** Names of the parser's tokens that say nothing to those who write templates. */
const TOKENS: Readonly<Record<string, string>> = {
  EOF: 'the end of the file',
  CLOSE: "'}}'",
  CLOSE_UNESCAPED: "'}}}'",
  OPEN_ENDBLOCK: "'{{/'",
  OPEN_SEXPR: "'('",
  CLOSE_SEXPR: "')'",
  ID: 'a name',
  STRING: 'a string',
  NUMBER: 'a number',
  BOOLEAN: 'a boolean',
  UNDEFINED: "'undefined'",
  NULL: "'null'",
  DATA: "'@'",
  SEP: "'.'",
  EQUALS: "'='",
  INVALID: 'an invalid character',
  OPEN_BLOCK_PARAMS: "'as |'",
  CLOSE_BLOCK_PARAMS: "'|'",
  INVERSE: "'{{else}}'",
  OPEN_INVERSE_CHAIN: "'{{else'",
  CLOSE_RAW_BLOCK: "'}}}}'",
  END_RAW_BLOCK: 'the end of the raw block',
};

function tokenName(token: string): string {
  return TOKENS[token] ?? `'${token}'`;
}

/** True if the line names a value as Go templates do (`{{ .Values.x }}`). */
function leadingDot(text: string, line: number | undefined): boolean {
  return line !== undefined && /\{\{[^}]*[\s({]\.[A-Za-z]/.test(text.split('\n')[line - 1] ?? '');
}
