import { PintleError } from '../base/errors.ts';
import { compilePathPattern, type PathMatcher } from './path-match.ts';

/** The file of a chart folder that says what is not loaded. */
export const IGNORE_FILE = '.helmignore';

interface Rule {
  readonly matches: PathMatcher;
  /** Only the last part of the path counts. */
  readonly byName: boolean;
  readonly negated: boolean;
  readonly foldersOnly: boolean;
}

/** What `.helmignore` leaves out. helm: pkg/ignore. */
export interface IgnoreRules {
  /** @param path inside the chart, with `/` */
  ignores(path: string, isFolder: boolean): boolean;
}

/** Hidden files of the templates folder are never loaded. */
const DEFAULT_RULE = 'templates/.?*';

/**
 * Reads the rules of a `.helmignore`.
 *
 * @param file its name, for errors
 * @throws PintleError `chart-invalid` for a malformed pattern and for `**`
 */
export function parseIgnoreRules(text: string, file: string): IgnoreRules {
  const rules: Rule[] = [];
  const lines = text.replace(/^\ufeff/, '').split('\n');
  for (const [i, line] of [...lines, DEFAULT_RULE].entries()) {
    const rule = parseRule(line.trim(), { file, line: i + 1, source: text });
    if (rule !== undefined) rules.push(rule);
  }
  return { ignores: (path, isFolder) => ignores(rules, path, isFolder) };
}

function parseRule(
  rule: string,
  location: { readonly file: string; readonly line: number; readonly source: string },
): Rule | undefined {
  if (rule === '' || rule.startsWith('#')) return undefined;
  if (rule.includes('**')) {
    throw new PintleError('chart-invalid', 'double-star (**) syntax is not supported', {
      location,
      hint: 'one * matches within a path segment; name the folder with a trailing / to leave out all that is in it',
    });
  }
  const whole = compilePathPattern(rule);
  if (whole === undefined) throw new PintleError('chart-invalid', 'syntax error in pattern', { location });
  let pattern = rule;
  const negated = pattern.startsWith('!');
  if (negated) pattern = pattern.slice(1);
  const foldersOnly = pattern.endsWith('/');
  if (foldersOnly) pattern = pattern.slice(0, -1);
  const rooted = pattern.startsWith('/');
  const byPath = rooted || pattern.includes('/');
  const matcher = compilePathPattern(rooted ? pattern.slice(1) : pattern) ?? (() => false);
  return { matches: matcher, byName: !byPath, negated, foldersOnly };
}

/** The first rule that applies decides; a negated rule leaves out whatever it does not match. */
function ignores(rules: readonly Rule[], path: string, isFolder: boolean): boolean {
  if (path === '' || path === '.' || path === './') return false;
  const name = path.slice(path.lastIndexOf('/') + 1);
  for (const rule of rules) {
    const applies = !rule.foldersOnly || isFolder;
    if (rule.negated) {
      if (!applies || !rule.matches(rule.byName ? name : path)) return true;
    } else if (applies && rule.matches(rule.byName ? name : path)) {
      return true;
    }
  }
  return false;
}
