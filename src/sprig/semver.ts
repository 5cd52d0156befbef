import { GoInt } from '../base/go-int.ts';
import { parseConstraint } from '../base/semver-constraint.ts';
import { parseVersion, SemanticVersion } from '../base/semver.ts';
import type { TemplateFunction } from '../base/template-function.ts';
import { type GoField, type GoMethod, type GoType, STRING } from '../gotemplate/runtime/go-type.ts';
import { GoObject } from '../gotemplate/runtime/go-value.ts';
import { define } from './define.ts';

/** A version as templates see it: a `*semver.Version`, or a `semver.Version` that one of its methods gave. */
export class GoVersion extends GoObject {
  readonly type: GoType;
  readonly version: SemanticVersion;

  constructor(version: SemanticVersion, type: GoType = POINTER) {
    super();
    this.version = version;
    this.type = type;
  }

  override field(name: string): unknown {
    const { major, minor, patch, prerelease, metadata, original } = this.version;
    return new Map<string, unknown>([
      ['major', new GoInt(major, 'uint64')],
      ['minor', new GoInt(minor, 'uint64')],
      ['patch', new GoInt(patch, 'uint64')],
      ['pre', prerelease],
      ['metadata', metadata],
      ['original', original],
    ]).get(name);
  }

  /** All fields are unexported. */
  override copied(): GoVersion {
    return new GoVersion(new SemanticVersion({ major: 0n, minor: 0n, patch: 0n, original: '' }), this.type);
  }

  /** What Go's MarshalJSON gives. */
  toGoJson(): string {
    return this.version.toString();
  }
}

const OTHER = ['*semver.Version'] as const;

function method(params: GoMethod['params'], call: (version: SemanticVersion, ...args: never[]) => unknown): GoMethod {
  return {
    params,
    call: (receiver: GoVersion, ...args: never[]) => call(receiver.version, ...args),
  };
}

function comparison(test: (order: number) => boolean): GoMethod {
  return method(OTHER, (version, other: GoVersion) => test(version.compare(other.version)));
}

function part(pick: (version: SemanticVersion) => bigint): GoMethod {
  return method([], (version) => new GoInt(pick(version), 'uint64'));
}

function derived(
  params: GoMethod['params'],
  next: (version: SemanticVersion, text: string) => SemanticVersion,
): GoMethod {
  return method(params, (version, text: string) => new GoVersion(next(version, text), VALUE));
}

/** Methods of the value; a pointer has them too. */
const VALUE_METHODS: Readonly<Record<string, GoMethod>> = {
  Major: part((version) => version.major),
  Minor: part((version) => version.minor),
  Patch: part((version) => version.patch),
  Prerelease: method([], (version) => version.prerelease),
  Metadata: method([], (version) => version.metadata),
  String: method([], (version) => version.toString()),
  IncPatch: derived([], (version) => version.nextPatch()),
  IncMinor: derived([], (version) => version.nextMinor()),
  IncMajor: derived([], (version) => version.nextMajor()),
  SetPrerelease: derived(['string'], (version, text) => version.withPrerelease(text)),
  SetMetadata: derived(['string'], (version, text) => version.withMetadata(text)),
};

const POINTER_METHODS: Readonly<Record<string, GoMethod>> = {
  ...VALUE_METHODS,
  Original: method([], (version) => version.original),
  Compare: method(OTHER, (version, other: GoVersion) => new GoInt(Math.sign(version.compare(other.version)))),
  Equal: comparison((order) => order === 0),
  LessThan: comparison((order) => order < 0),
  LessThanEqual: comparison((order) => order <= 0),
  GreaterThan: comparison((order) => order > 0),
  GreaterThanEqual: comparison((order) => order >= 0),
};

const text = (value: GoVersion): string => value.version.toString();
const UINT64: GoType = { name: 'uint64', kind: 'uint64' };
const FIELDS: readonly GoField[] = [
  ...['major', 'minor', 'patch'].map((name): GoField => ({ name, type: UINT64, hidden: true })),
  ...['pre', 'metadata', 'original'].map((name): GoField => ({ name, type: STRING, hidden: true })),
];
const VALUE: GoType = { name: 'semver.Version', kind: 'struct', fields: FIELDS, methods: VALUE_METHODS, string: text };
const POINTER: GoType = { name: '*semver.Version', kind: 'ptr', elem: VALUE, methods: POINTER_METHODS, string: text };

/** Versions: Sprig's semver.go. */
export const semverFunctions: readonly TemplateFunction[] = [
  define('semver', ['string'], (version: string) => new GoVersion(parseVersion(version))),
  define('semverCompare', ['string', 'string'], (constraint: string, version: string) =>
    parseConstraint(constraint).check(parseVersion(version)),
  ),
];
