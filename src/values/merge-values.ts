import { PintleError } from '../base/errors.ts';
import { decodeUtf8 } from '../base/go-string.ts';
import { newObject } from '../base/json.ts';
import { mergeMaps, parseValues } from '../chart/parse-values.ts';
import { decodeJson } from '../yaml/index.ts';
import { type SetKind, setValues } from './set.ts';

type Table = Record<string, unknown>;

/** Where a user's values come from. */
export interface ValueSources {
  /** `-f` */
  readonly files?: readonly string[];
  /** `--set-json` */
  readonly jsonValues?: readonly string[];
  /** `--set` */
  readonly values?: readonly string[];
  /** `--set-string` */
  readonly stringValues?: readonly string[];
  /** `--set-file` */
  readonly fileValues?: readonly string[];
  /** `--set-literal` */
  readonly literalValues?: readonly string[];
  /** The content of a file that a flag names. */
  readonly readFile: (path: string) => Promise<Uint8Array>;
}

/**
 * The user's values: files first, in their order, then the flags in Helm's: `--set-json`, `--set`, `--set-string`,
 * `--set-file`, `--set-literal`. helm: pkg/cli/values/options.go.
 *
 * @throws PintleError `set-syntax`, `yaml-syntax`, and what `readFile` throws
 */
export async function mergeValues(sources: ValueSources): Promise<Table> {
  let base: Table = newObject();
  for (const path of sources.files ?? []) {
    const text = decodeUtf8(await sources.readFile(path));
    base = mergeMaps(
      base,
      prefixed(`failed to parse ${path}: `, () => parseValues(text, path)),
    );
  }
  for (const text of sources.jsonValues ?? []) base = mergeJson(base, text);
  applyAll(base, sources.values, 'typed', '--set');
  applyAll(base, sources.stringValues, 'string', '--set-string');
  for (const text of sources.fileValues ?? []) await applyFile(base, text, sources.readFile);
  applyAll(base, sources.literalValues, 'literal', '--set-literal');
  return base;
}

function mergeJson(base: Table, text: string): Table {
  const isObject = text.trim().startsWith('{');
  try {
    if (isObject) return mergeMaps(base, decodeJson(text.trim(), { target: 'map' }) ?? newObject());
    setValues(base, text, { kind: 'json', flag: '--set-json' });
    return base;
  } catch (error) {
    if (!(error instanceof PintleError)) throw error;
    const { location } = error;
    throw new PintleError('set-syntax', `failed parsing --set-json data${isObject ? ' JSON:' : ''} ${text}`, {
      ...(location === undefined ? {} : { location: { ...location, file: '--set-json' } }),
      hint: error.message,
      cause: error,
    });
  }
}

function applyAll(base: Table, texts: readonly string[] | undefined, kind: SetKind, flag: string): void {
  for (const text of texts ?? [])
    prefixed(`failed parsing ${flag} data: `, () => setValues(base, text, { kind, flag }));
}

/** Reads the files that the text names first, so that setting the values need not wait. */
async function applyFile(base: Table, text: string, readFile: ValueSources['readFile']): Promise<void> {
  const paths = new Set<string>();
  const flag = '--set-file';
  const prefix = `failed parsing ${flag} data: `;
  const collect = (path: string): string => {
    paths.add(path);
    return '';
  };
  prefixed(prefix, () => setValues(newObject(), text, { kind: 'file', flag, read: collect }));
  const contents = new Map<string, string>();
  for (const path of paths) {
    try {
      contents.set(path, decodeUtf8(await readFile(path)));
    } catch (error) {
      throw withPrefix(prefix, error);
    }
  }
  prefixed(prefix, () => setValues(base, text, { kind: 'file', flag, read: (path) => contents.get(path) ?? '' }));
}

function prefixed<T>(prefix: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw withPrefix(prefix, error);
  }
}

function withPrefix(prefix: string, error: unknown): unknown {
  if (!(error instanceof PintleError)) return error;
  const { location, hint } = error;
  return new PintleError(error.code, prefix + error.message, {
    ...(location === undefined ? {} : { location }),
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  });
}
