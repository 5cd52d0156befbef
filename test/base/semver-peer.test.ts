import { compare as npmCompare, valid } from 'semver';
import { expect, test } from 'vitest';
import { tryParseVersion } from '../../src/base/semver.ts';
import { fc } from '../support/property.ts';

const number = fc.integer({ min: 0, max: 30 }).map(String);
const identifier = fc.oneof(number, fc.constantFrom('alpha', 'beta', 'rc', 'a-b', 'x1', '0a'));
const identifiers = fc.array(identifier, { minLength: 1, maxLength: 3 }).map((list) => list.join('.'));
const version = fc
  .tuple(number, number, number, fc.option(identifiers), fc.option(identifiers))
  .map(([major, minor, patch, pre, build]) => {
    const tail = `${pre === null ? '' : `-${pre}`}${build === null ? '' : `+${build}`}`;
    return `${major}.${minor}.${patch}${tail}`;
  });

test('whole versions are ordered as the semver package orders them', () => {
  fc.assert(
    fc.property(version, version, (a, b) => {
      expect(valid(a)).not.toBeNull();
      const [first, second] = [tryParseVersion(a), tryParseVersion(b)];
      if (first === undefined || second === undefined) throw new Error('a version was refused');
      expect(Math.sign(first.compare(second))).toBe(npmCompare(a, b));
    }),
    { numRuns: 500 },
  );
});
