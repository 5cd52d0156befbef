import { compareStrings } from './json.ts';

const MAX_UINT64 = (1n << 64n) - 1n;
const LOOSE =
  /^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;
const NUMERIC = /^[0-9]+$/;
const IDENTIFIER = /^[0-9A-Za-z-]+$/;

/** The parts of a version that can be given to {@link SemanticVersion} directly. */
export interface VersionParts {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  readonly prerelease?: string;
  readonly metadata?: string;
  /** The text that was parsed; default: the canonical form. */
  readonly original?: string;
}

/**
 * A semantic version with the rules of Masterminds/semver v3, which Helm uses for charts, Kubernetes versions and templates.
 * Build metadata takes no part in comparisons.
 */
export class SemanticVersion {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  /** The part behind the hyphen, or ''. */
  readonly prerelease: string;
  /** The part behind the plus sign, or ''. */
  readonly metadata: string;
  readonly original: string;

  constructor(parts: VersionParts) {
    this.major = parts.major;
    this.minor = parts.minor;
    this.patch = parts.patch;
    this.prerelease = parts.prerelease ?? '';
    this.metadata = parts.metadata ?? '';
    this.original = parts.original ?? this.toString();
  }

  /** The canonical form, without a leading `v`. */
  toString(): string {
    let text = `${this.major}.${this.minor}.${this.patch}`;
    if (this.prerelease !== '') text += `-${this.prerelease}`;
    if (this.metadata !== '') text += `+${this.metadata}`;
    return text;
  }

  /** Negative, 0 or positive as this version is lower than, equal to or higher than the other. */
  compare(other: SemanticVersion): number {
    if (this.major !== other.major) return this.major < other.major ? -1 : 1;
    if (this.minor !== other.minor) return this.minor < other.minor ? -1 : 1;
    if (this.patch !== other.patch) return this.patch < other.patch ? -1 : 1;
    if (this.prerelease === other.prerelease) return 0;
    if (this.prerelease === '') return 1;
    if (other.prerelease === '') return -1;
    return comparePrerelease(this.prerelease, other.prerelease);
  }

  /** The next patch version; of a pre-release the release itself. */
  nextPatch(): SemanticVersion {
    const step = this.prerelease === '' ? 1n : 0n;
    return this.#with({ major: this.major, minor: this.minor, patch: this.patch + step });
  }

  nextMinor(): SemanticVersion {
    return this.#with({ major: this.major, minor: this.minor + 1n, patch: 0n });
  }

  nextMajor(): SemanticVersion {
    return this.#with({ major: this.major + 1n, minor: 0n, patch: 0n });
  }

  /** The same version with another pre-release part; throws if that is not valid. */
  withPrerelease(prerelease: string): SemanticVersion {
    if (prerelease !== '') checkPrerelease(prerelease);
    const { major, minor, patch, metadata } = this;
    return this.#with({ major, minor, patch, prerelease, metadata });
  }

  /** The same version with other build metadata; throws if that is not valid. */
  withMetadata(metadata: string): SemanticVersion {
    if (metadata !== '') checkMetadata(metadata);
    const { major, minor, patch, prerelease } = this;
    return this.#with({ major, minor, patch, prerelease, metadata });
  }

  #with({ major, minor, patch, prerelease = '', metadata = '' }: VersionParts): SemanticVersion {
    const parts = { major, minor, patch, prerelease, metadata };
    const prefix = this.original.startsWith('v') ? 'v' : '';
    return new SemanticVersion({ ...parts, original: prefix + new SemanticVersion(parts).toString() });
  }
}

/**
 * Parses a version leniently: a leading `v`, missing minor and patch parts and leading zeros are accepted.
 * Throws an Error with the library's text.
 */
export function parseVersion(text: string): SemanticVersion {
  const match = LOOSE.exec(text);
  if (match === null) throw new Error('invalid semantic version');
  const [, major = '', minor = '0', patch = '0', prerelease = '', metadata = ''] = match;
  const version = new SemanticVersion({
    major: parseSegment(major),
    minor: parseSegment(minor),
    patch: parseSegment(patch),
    prerelease,
    metadata,
    original: text,
  });
  if (prerelease !== '') checkPrerelease(prerelease);
  return version;
}

/** {@link parseVersion}, or undefined if the text is no version. */
export function tryParseVersion(text: string): SemanticVersion | undefined {
  try {
    return parseVersion(text);
  } catch {
    return undefined;
  }
}

/** Parses a version that follows semver.org to the letter. Throws an Error with the library's text. */
export function parseStrictVersion(text: string): SemanticVersion {
  if (text === '') throw new Error('version string empty');
  const first = text.indexOf('.');
  const second = text.indexOf('.', first + 1);
  if (first === -1 || second === -1) throw new Error('invalid semantic version');
  let patch = text.slice(second + 1);
  let metadata = '';
  let prerelease = '';
  const plus = patch.indexOf('+');
  if (plus !== -1) {
    metadata = patch.slice(plus + 1);
    patch = patch.slice(0, plus);
    checkMetadata(metadata);
  }
  const hyphen = patch.indexOf('-');
  if (hyphen !== -1) {
    prerelease = patch.slice(hyphen + 1);
    patch = patch.slice(0, hyphen);
    checkPrerelease(prerelease);
  }
  const parts = [text.slice(0, first), text.slice(first + 1, second), patch];
  for (const part of parts) {
    if (part !== '' && !NUMERIC.test(part)) throw new Error('invalid characters in version');
    if (part.length > 1 && part.startsWith('0')) throw new Error('version segment starts with 0');
  }
  const [major, minor, last] = parts.map(parseUint64);
  return new SemanticVersion({
    major: major ?? 0n,
    minor: minor ?? 0n,
    patch: last ?? 0n,
    prerelease,
    metadata,
    original: text,
  });
}

function parseSegment(digits: string): bigint {
  try {
    return parseUint64(digits);
  } catch (error) {
    throw new Error(`error parsing version segment: ${(error as Error).message}`, { cause: error });
  }
}

function parseUint64(digits: string): bigint {
  if (!NUMERIC.test(digits)) throw new Error(`strconv.ParseUint: parsing "${digits}": invalid syntax`);
  const value = BigInt(digits);
  if (value > MAX_UINT64) throw new Error(`strconv.ParseUint: parsing "${digits}": value out of range`);
  return value;
}

function checkPrerelease(text: string): void {
  for (const part of text.split('.')) {
    if (!IDENTIFIER.test(part)) throw new Error('invalid prerelease string');
    if (part.length > 1 && part.startsWith('0') && NUMERIC.test(part)) throw new Error('version segment starts with 0');
  }
}

function checkMetadata(text: string): void {
  for (const part of text.split('.')) {
    if (!IDENTIFIER.test(part)) throw new Error('invalid metadata string');
  }
}

/** Orders two pre-release parts: numbers by value and below words, words by bytes, a longer list above its prefix. */
export function comparePrerelease(a: string, b: string): number {
  const left = a.split('.');
  const right = b.split('.');
  const length = Math.max(left.length, right.length);
  for (let i = 0; i < length; i += 1) {
    const order = comparePart(left[i] ?? '', right[i] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

function comparePart(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '') return -1;
  if (b === '') return 1;
  const x = prereleaseNumber(a);
  const y = prereleaseNumber(b);
  if (x === undefined) return y === undefined ? Math.sign(compareStrings(a, b)) : 1;
  if (y === undefined) return -1;
  return x > y ? 1 : -1;
}

function prereleaseNumber(text: string): bigint | undefined {
  if (!NUMERIC.test(text)) return undefined;
  const value = BigInt(text);
  return value > MAX_UINT64 ? undefined : value;
}
