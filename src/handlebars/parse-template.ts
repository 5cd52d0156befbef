import { PintleError } from '../base/errors.ts';
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

/** What the parser's errors carry: Jison's have a `hash`, the package's own a line and a column. */
interface ParserError {
  readonly message: string;
  readonly hash?: { readonly line?: number; readonly loc?: JisonLocation };
  readonly lineNumber?: number;
  readonly column?: number;
}

interface JisonLocation {
  readonly last_line: number;
  readonly last_column: number;
}

function syntaxError({ name, text }: TemplateSource, error: unknown): PintleError {
  const { message, hash, lineNumber, column } = error as ParserError;
  const line = hash?.loc?.last_line ?? lineNumber ?? lexicalLine(message);
  const offset = hash?.loc?.last_column ?? column;
  const hint = leadingDot(text, line) ? 'write Values.name or @root.Values.name, without a leading dot' : undefined;
  return new PintleError('template-syntax', describe(message), {
    location: {
      file: name,
      source: text,
      ...(line !== undefined && { line }),
      ...(line !== undefined && offset !== undefined && { column: offset + 1 }),
    },
    cause: error,
    ...(hint !== undefined && { hint }),
  });
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

function lexicalLine(message: string): number | undefined {
  const match = /on line (\d+)/.exec(message);
  return match === null ? undefined : Number(match[1]);
}

/** True if the line names a value as Go templates do (`{{ .Values.x }}`). */
function leadingDot(text: string, line: number | undefined): boolean {
  return line !== undefined && /\{\{[^}]*[\s({]\.[A-Za-z]/.test(text.split('\n')[line - 1] ?? '');
}
