import { describe, expect, it } from 'vitest';
import { parseConstraint } from '../../src/base/semver-constraint.ts';
import { parseStrictVersion, parseVersion, tryParseVersion } from '../../src/base/semver.ts';
import { fc } from '../support/property.ts';

function message(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

describe('versions', () => {
  it.each([
    ['1.2.3', '1.2.3'],
    ['v1.2', '1.2.0'],
    ['1', '1.0.0'],
    ['01.02.03', '1.2.3'],
    ['1.2.3-a.1+b.2', '1.2.3-a.1+b.2'],
    ['1-rc', '1.0.0-rc'],
  ])('%s is %s', (text, canonical) => {
    const version = parseVersion(text);
    expect(version.toString()).toBe(canonical);
    expect(version.original).toBe(text);
  });

  it.each([
    ['', 'invalid semantic version'],
    ['1.2.3.4', 'invalid semantic version'],
    ['x', 'invalid semantic version'],
    ['1.2.3-', 'invalid semantic version'],
    ['1.2.3-01', 'version segment starts with 0'],
    [
      '18446744073709551616',
      'error parsing version segment: strconv.ParseUint: parsing "18446744073709551616": value out of range',
    ],
  ])('%s is refused', (text, text2) => {
    expect(message(() => parseVersion(text))).toBe(text2);
    expect(tryParseVersion(text)).toBeUndefined();
  });

  it.each([
    ['1.2.3-a+b', ''],
    ['', 'version string empty'],
    ['1.2', 'invalid semantic version'],
    ['v1.2.3', 'invalid characters in version'],
    ['1.02.3', 'version segment starts with 0'],
    ['1.2.3-a..b', 'invalid prerelease string'],
    ['1.2.3-01', 'version segment starts with 0'],
    ['1.2.3+é', 'invalid metadata string'],
    ['1..3', 'strconv.ParseUint: parsing "": invalid syntax'],
  ])('strictly, %s', (text, fault) => {
    expect(message(() => parseStrictVersion(text))).toBe(fault);
  });

  it('are ordered as semver.org says', () => {
    const ordered = [
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '1.0.1',
      '1.10.0',
      '2.0.0',
    ];
    const shuffled = ordered.toSorted().map(parseVersion);
    expect(shuffled.sort((a, b) => a.compare(b)).map(String)).toEqual(ordered);
    expect(parseVersion('1.0.0+a').compare(parseVersion('1.0.0+b'))).toBe(0);
  });

  it('compare in both directions', () => {
    const part = fc.constantFrom('0', '1', '2', '10');
    const tail = fc.constantFrom('', '-a', '-a.1', '-1', '-2', '-10', '-a.b', '-99999999999999999999999');
    const version = fc.tuple(part, part, part, tail).map(([a, b, c, d]) => parseVersion(`${a}.${b}.${c}${d}`));
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(Math.sign(a.compare(b))).toBe(-Math.sign(b.compare(a)) + 0);
      }),
    );
  });

  it('step on', () => {
    expect([parseVersion('v1.2.3-a').nextPatch().original, parseVersion('1.2.3').nextMinor().toString()]).toEqual([
      'v1.2.3',
      '1.3.0',
    ]);
    expect(parseVersion('1.2.3+m').nextMajor().toString()).toBe('2.0.0');
    expect(parseVersion('1.2.3+m').withPrerelease('rc').toString()).toBe('1.2.3-rc+m');
    expect(parseVersion('v1.2.3-rc').withMetadata('m').original).toBe('v1.2.3-rc+m');
    expect(message(() => parseVersion('1.0.0').withPrerelease('a b'))).toBe('invalid prerelease string');
  });
});

describe('constraints', () => {
  it.each([
    ['>=1.2.3 <2', '>=1.2.3 <2'],
    ['1.1 - 2.3', '>=1.1 <=2.3'],
    ['^1 || ~2.1,!=2.1.5', '^1 || ~2.1 !=2.1.5'],
  ])('%s reads back as %s', (text, shown) => {
    expect(parseConstraint(text).toString()).toBe(shown);
  });

  it('say why a version does not fit', () => {
    const explain = (constraint: string, version: string): string[] =>
      parseConstraint(constraint).explain(parseVersion(version));
    expect(explain('>1 <3 || =5', '0.9.0')).toEqual(['0.9.0 is less than or equal to 1', '0.9.0 is less than 5']);
    expect(explain('>1', '2.0.0-a')).toEqual([
      '2.0.0-a is a prerelease version and the constraint is only looking for release versions',
    ]);
    expect(explain('>1 || >2', '3.0.0-a')).toHaveLength(1);
    expect(explain('^0.0.3', '0.0.4')).toEqual([
      '0.0.4 does not equal 0.0.3. Expect version and constraint to equal when major and minor versions are 0',
    ]);
    expect(explain('~1.2', '1.3.0')).toEqual(['1.3.0 does not have same major and minor version as 1.2']);
    expect(explain('>=1', '1.0.0')).toEqual([]);
  });

  it.each(['', ' ', '>', '1.2.3.4', '>=1,', ',1', '1,,2', '||', 'a', '>1 || '])('%j is refused', (text) => {
    expect(message(() => parseConstraint(text))).toMatch(/^improper constraint: /);
  });

  it('takes no longer for long constraints', () => {
    // So long that going over it once for each character would outlast the test's limit.
    expect(message(() => parseConstraint(`>=1${' '.repeat(500_000)}>=1${'   >=1'.repeat(200_000)} !`))).not.toBe('');
  });
});
