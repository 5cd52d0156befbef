import { comparePrerelease, parseVersion, type SemanticVersion } from './semver.ts';

type Operator = '=' | '!=' | '>' | '<' | '>=' | '<=' | '~' | '^';

/** One comparison, such as `>=1.2.x`. */
interface Comparison {
  readonly operator: Operator;
  /** Operator and version as they were written, for {@link VersionConstraint.toString} and reasons. */
  readonly operatorText: string;
  readonly text: string;
  readonly version: SemanticVersion;
  /** Minor, and with it patch, is missing or a wildcard. */
  readonly anyMinor: boolean;
  /** Patch alone is missing or a wildcard. */
  readonly anyPatch: boolean;
  /** Any part is missing or a wildcard. */
  readonly partial: boolean;
}

/** Comparisons that must all hold. */
interface Alternative {
  readonly comparisons: readonly Comparison[];
  /** One of them names a pre-release, so that pre-releases are looked at. */
  readonly prereleases: boolean;
}

const OPERATORS: Readonly<Record<string, Operator>> = {
  '': '=',
  '=': '=',
  '!=': '!=',
  '>': '>',
  '<': '<',
  '>=': '>=',
  '=>': '>=',
  '<=': '<=',
  '=<': '<=',
  '~': '~',
  '~>': '~',
  '^': '^',
};

const SPACE = '[\\t\\n\\f\\r ]';
const SEGMENT = '[0-9|xX*]+';
const VERSION = `v?(${SEGMENT})(\\.${SEGMENT})?(\\.${SEGMENT})?(-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?`;
const COMPARISON = new RegExp(`(!=|>=|=>|<=|=<|~>|=|>|<|~|\\^|)${SPACE}*(${VERSION})`, 'y');
const SEPARATOR = new RegExp(`${SPACE}*,${SPACE}*|${SPACE}+`, 'y');
// A match that cannot begin at the first of a run of blanks or digits cannot begin later in it: looking back keeps long runs cheap.
const BEFORE = `(?:(?<!${SPACE})${SPACE}+|(?<![\\t\\n\\f\\r 0-9|xX*]))`;
const RANGE = new RegExp(`${BEFORE}(${VERSION})${SPACE}+-${SPACE}+(${VERSION})${SPACE}*`, 'g');
const EDGE_SPACE = new RegExp(`^${SPACE}+|(?<!${SPACE})${SPACE}+$`, 'g');

/**
 * A version constraint by the rules of Masterminds/semver v3: `||` separates alternatives; commas or blanks separate
 * comparisons that must all hold; `=`, `!=`, `>`, `<`, `>=`, `<=`, `~`, `^`, ranges `1.2 - 2.3` and the wildcards `x`, `X`,
 * `*` are known. A pre-release satisfies an alternative only if one of its comparisons names a pre-release.
 */
export class VersionConstraint {
  readonly #alternatives: readonly Alternative[];

  constructor(alternatives: readonly Alternative[]) {
    this.#alternatives = alternatives;
  }

  /** True if the version satisfies the constraint. */
  check(version: SemanticVersion): boolean {
    return this.#alternatives.some(({ comparisons, prereleases }) =>
      comparisons.every((comparison) => failure(comparison, version, prereleases) === undefined),
    );
  }

  /** Why the version does not satisfy the constraint; empty if it does. */
  explain(version: SemanticVersion): string[] {
    const reasons: string[] = [];
    let saidPrerelease = false;
    for (const { comparisons, prereleases } of this.#alternatives) {
      let holds = true;
      for (const comparison of comparisons) {
        const reason = failure(comparison, version, prereleases);
        if (reason === undefined) continue;
        holds = false;
        const isPrerelease = !prereleases && version.prerelease !== '';
        if (!isPrerelease || !saidPrerelease) reasons.push(reason);
        saidPrerelease ||= isPrerelease;
      }
      if (holds) return [];
    }
    return reasons;
  }

  toString(): string {
    return this.#alternatives
      .map(({ comparisons }) => comparisons.map((each) => each.operatorText + each.text).join(' '))
      .join(' || ');
  }
}

/** Parses a constraint. Throws an Error with the library's text (`improper constraint: …`). */
export function parseConstraint(text: string): VersionConstraint {
  return new VersionConstraint(rewriteRanges(text).split('||').map(parseAlternative));
}

/** `1.2 - 2.3` becomes `>= 1.2, <= 2.3`. */
function rewriteRanges(text: string): string {
  let out = text;
  for (const match of text.matchAll(RANGE)) {
    const replacement = `>= ${match[1] ?? ''}, <= ${match[6] ?? ''} `;
    out = out.replace(match[0], () => replacement);
  }
  return out;
}

function parseAlternative(text: string): Alternative {
  const inner = text.replace(EDGE_SPACE, '');
  const comparisons: Comparison[] = [];
  for (let offset = 0; offset < inner.length || comparisons.length === 0; ) {
    if (offset > 0) {
      SEPARATOR.lastIndex = offset;
      if (!SEPARATOR.test(inner)) throw new Error(`improper constraint: ${text}`);
      offset = SEPARATOR.lastIndex;
    }
    COMPARISON.lastIndex = offset;
    const match = COMPARISON.exec(inner);
    if (match === null) throw new Error(`improper constraint: ${text}`);
    comparisons.push(toComparison(match));
    offset = COMPARISON.lastIndex;
  }
  return { comparisons, prereleases: comparisons.some((each) => each.version.prerelease !== '') };
}

function toComparison(match: RegExpExecArray): Comparison {
  const [, operatorText = '', text = '', major = '', minor = '', patch = '', prerelease = ''] = match;
  let version = text;
  const anyMajor = isWildcard(major);
  const anyMinor = !anyMajor && (minor === '' || isWildcard(minor.slice(1)));
  const anyPatch = !anyMajor && !anyMinor && (patch === '' || isWildcard(patch.slice(1)));
  if (anyMajor) version = `0.0.0${prerelease}`;
  else if (anyMinor) version = `${major}.0.0${prerelease}`;
  else if (anyPatch) version = `${major}${minor}.0${prerelease}`;
  let parsed: SemanticVersion;
  try {
    parsed = parseVersion(version);
  } catch (error) {
    throw new Error('constraint parser error', { cause: error });
  }
  return {
    operator: OPERATORS[operatorText] ?? '=',
    operatorText,
    text,
    version: parsed,
    anyMinor,
    anyPatch,
    partial: anyMajor || anyMinor || anyPatch,
  };
}

function isWildcard(segment: string): boolean {
  return segment === 'x' || segment === 'X' || segment === '*';
}

/** Why the version fails the comparison, or undefined if it holds. */
function failure(comparison: Comparison, version: SemanticVersion, prereleases: boolean): string | undefined {
  if (version.prerelease !== '' && !prereleases) {
    return `${version.toString()} is a prerelease version and the constraint is only looking for release versions`;
  }
  switch (comparison.operator) {
    case '=':
      if (comparison.partial) return tildeFailure(comparison, version);
      return version.compare(comparison.version) === 0
        ? undefined
        : `${version.toString()} is not equal to ${comparison.text}`;
    case '!=':
      return differs(comparison, version) ? undefined : `${version.toString()} is equal to ${comparison.text}`;
    case '>':
      return isGreater(comparison, version)
        ? undefined
        : `${version.toString()} is less than or equal to ${comparison.text}`;
    case '<':
      if (version.compare(comparison.version) < 0) return undefined;
      return `${version.toString()} is greater than or equal to ${comparison.text}`;
    case '>=':
      return version.compare(comparison.version) >= 0
        ? undefined
        : `${version.toString()} is less than ${comparison.text}`;
    case '<=':
      return isAtMost(comparison, version) ? undefined : `${version.toString()} is greater than ${comparison.text}`;
    case '~':
      return tildeFailure(comparison, version);
    case '^':
      return caretFailure(comparison, version);
    default:
      throw new Error(`unknown operator ${String(comparison.operator)}`);
  }
}

function differs({ version: wanted, partial, anyMinor, anyPatch }: Comparison, version: SemanticVersion): boolean {
  if (partial) {
    if (wanted.major !== version.major) return true;
    if (wanted.minor !== version.minor && !anyMinor) return true;
    if (anyMinor) return false;
    if (wanted.patch !== version.patch && !anyPatch) return true;
    if (anyPatch) return comparePrerelease(version.prerelease, wanted.prerelease) !== 0;
  }
  return version.compare(wanted) !== 0;
}

function isGreater({ version: wanted, partial, anyMinor, anyPatch }: Comparison, version: SemanticVersion): boolean {
  if (!partial) return version.compare(wanted) > 0;
  if (version.major !== wanted.major) return version.major > wanted.major;
  if (anyMinor) return false;
  if (anyPatch) return version.minor > wanted.minor;
  return version.compare(wanted) > 0;
}

function isAtMost({ version: wanted, partial, anyMinor }: Comparison, version: SemanticVersion): boolean {
  if (!partial) return version.compare(wanted) <= 0;
  if (version.major > wanted.major) return false;
  return !(version.major === wanted.major && version.minor > wanted.minor && !anyMinor);
}

function tildeFailure(comparison: Comparison, version: SemanticVersion): string | undefined {
  const { version: wanted, anyMinor, anyPatch, text } = comparison;
  if (version.compare(wanted) < 0) return `${version.toString()} is less than ${text}`;
  if (wanted.major === 0n && wanted.minor === 0n && wanted.patch === 0n && !anyMinor && !anyPatch) return undefined;
  if (version.major !== wanted.major) return `${version.toString()} does not have same major version as ${text}`;
  if (version.minor !== wanted.minor && !anyMinor) {
    return `${version.toString()} does not have same major and minor version as ${text}`;
  }
  return undefined;
}

function caretFailure(comparison: Comparison, version: SemanticVersion): string | undefined {
  const { version: wanted, anyMinor, anyPatch, text } = comparison;
  if (version.compare(wanted) < 0) return `${version.toString()} is less than ${text}`;
  const otherMajor = `${version.toString()} does not have same major version as ${text}`;
  if (wanted.major > 0n || anyMinor) return version.major === wanted.major ? undefined : otherMajor;
  if (version.major > 0n) return otherMajor;
  if (wanted.minor > 0n || anyPatch) {
    if (version.minor === wanted.minor) return undefined;
    return `${version.toString()} does not have same minor version as ${text}. Expected minor versions to match when constraint major version is 0`;
  }
  if (version.minor > 0n) return `${version.toString()} does not have same minor version as ${text}`;
  if (wanted.patch === version.patch) return undefined;
  return `${version.toString()} does not equal ${text}. Expect version and constraint to equal when major and minor versions are 0`;
}
