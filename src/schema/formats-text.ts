import { byteLength } from '../base/go-string.ts';
/** Go's `%q` of a character. */
export function quoteCharacter(character: string): string {
  if (character === "'") return "'\\''";
  const escaped = JSON.stringify(character).slice(1, -1);
  return `'${character === '"' ? '"' : escaped}'`;
}

/** RFC 6901. */
export function validateJsonPointer(text: string): string | undefined {
  if (text === '') return undefined;
  if (!text.startsWith('/')) return 'not starting with /';
  return /~(?![01])/.test(text) ? '~ must be followed by 0 or 1' : undefined;
}

/** A number of levels up, then `#` or a JSON pointer. */
export function validateRelativeJsonPointer(text: string): string | undefined {
  const digits = /^\d*/.exec(text)?.[0] ?? '';
  if (digits === '') return 'must start with non-negative integer';
  if (digits.length > 1 && digits.startsWith('0')) return 'starts with zero';
  const rest = text.slice(digits.length);
  return rest === '#' ? undefined : validateJsonPointer(rest);
}

const UUID_GROUPS = [8, 4, 4, 4, 12];

/** RFC 4122. */
export function validateUuid(text: string): string | undefined {
  const groups = text.split('-');
  if (groups.length !== UUID_GROUPS.length) return `must have ${UUID_GROUPS.length} elements`;
  for (const [i, group] of groups.entries()) {
    const length = UUID_GROUPS[i] ?? 0;
    if (byteLength(group) !== length) return `element ${i + 1} must be ${length} characters long`;
    const bad = /[^0-9a-f]/iu.exec(group);
    if (bad !== null) return `non-hex character ${quoteCharacter(bad[0])}`;
  }
  return undefined;
}

/** semver.org, with all three numbers. */
export function validateSemver(text: string): string | undefined {
  let core = text;
  const plus = core.indexOf('+');
  if (plus !== -1) {
    const fault = buildFault(core.slice(plus + 1));
    if (fault !== undefined) return fault;
    core = core.slice(0, plus);
  }
  const hyphen = core.indexOf('-');
  if (hyphen !== -1) {
    const fault = prereleaseFault(core.slice(hyphen + 1));
    if (fault !== undefined) return fault;
    core = core.slice(0, hyphen);
  }
  return coreFault(core);
}

function buildFault(build: string): string | undefined {
  if (build === '') return 'build is empty';
  for (const part of build.split('.')) {
    if (part === '') return 'build identifier is empty';
    const bad = /[^0-9A-Za-z-]/u.exec(part);
    if (bad !== null) return `invalid character ${quoteCharacter(bad[0])} in build identifier`;
  }
  return undefined;
}

function prereleaseFault(prerelease: string): string | undefined {
  for (const part of prerelease.split('.')) {
    if (part === '') return 'pre-release identifier is empty';
    const bad = /[^0-9A-Za-z-]/u.exec(part);
    if (bad !== null) return `invalid character ${quoteCharacter(bad[0])} in pre-release identifier`;
    if (/^0\d+$/.test(part)) return 'pre-release numeric identifier starts with zero';
  }
  return undefined;
}

function coreFault(core: string): string | undefined {
  const numbers = core.split('.');
  if (numbers.length !== 3) return 'versionCore must have 3 numbers separated by dot';
  for (const [i, number] of numbers.entries()) {
    const name = ['major', 'minor', 'patch'][i] ?? '';
    if (number === '') return `${name} is empty`;
    if (number.length > 1 && number.startsWith('0')) return `${name} starts with zero`;
    if (!/^\d+$/.test(number)) return `${name} contains non-digit`;
  }
  return undefined;
}
