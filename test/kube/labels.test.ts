import { describe, expect, test } from 'vitest';
import {
  equalityMatcher,
  formatLabelSelector,
  labelSelectorMatcher,
  matchesEverything,
  parseLabelSelector,
  SelectorError,
} from '../../src/kube/labels.ts';

const web = { app: 'web', tier: 'front', weight: '7', empty: '' };

describe('selectors as kubectl writes them', () => {
  test.each<[string, boolean]>([
    ['', true],
    ['app=web', true],
    ['app==web', true],
    ['app = web , tier=front', true],
    ['app!=web', false],
    ['other!=web', true],
    ['tier in (back, front)', true],
    ['tier notin (back)', true],
    ['other notin (back)', true],
    ['tier in ()', false],
    ['empty in ()', true],
    ['empty=', true],
    ['app', true],
    ['!app', false],
    ['! canary', true],
    ['weight>5', true],
    ['weight<7', false],
    ['app>5', false],
    ['in in (in,notin)', false],
    ['app in (,web)', true],
  ])('%s', (text, expected) => {
    expect(parseLabelSelector(text).matches(web)).toBe(expected);
  });

  test.each<[string, string]>([
    ['app in web', "unable to parse requirement: found 'web' expected: '('"],
    ['app=web,', "found '', expected: identifier after ','"],
    ['=web', "found '=', expected: !, identifier, or 'end of string'"],
    ['app web', "unable to parse requirement: found 'web', expected: in, notin, =, ==, !=, gt, lt"],
    ['app=web tier=x', "found 'tier', expected: ',' or 'end of string'"],
    ['app in (a b)', "unable to parse requirement: found 'b', expected: ',' or ')'"],
    ['a=(', "unable to parse requirement: found '(', expected: identifier"],
    [
      '-a=b',
      `unable to parse requirement: <nil>: Invalid value: "-a": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
    ],
    [
      'a=b_',
      `unable to parse requirement: values[0][a]: Invalid value: "b_": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
    ],
    [
      'a>x',
      `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`,
    ],
  ])('%s is refused', (text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(new SelectorError(message));
  });

  test('print themselves sorted', () => {
    expect(parseLabelSelector('b!=1,a in (y,x),!c,d,a=1').toString()).toBe('a in (x,y),a=1,b!=1,!c,d');
    expect(parseLabelSelector('b=1').requirements).toEqual([{ key: 'b', operator: '=', values: ['1'] }]);
  });
});

describe('selectors of objects', () => {
  test('nothing selects nothing, empty selects everything', () => {
    expect(labelSelectorMatcher(undefined).matches(web)).toBe(false);
    expect(labelSelectorMatcher(null).matches(undefined)).toBe(false);
    expect(labelSelectorMatcher({}).matches(undefined)).toBe(true);
    expect(matchesEverything.matches(undefined)).toBe(true);
  });

  test('labels and expressions must all hold', () => {
    const matcher = labelSelectorMatcher({
      matchLabels: { app: 'web' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['front', 'back'] },
        { key: 'canary', operator: 'DoesNotExist' },
        { key: 'weight', operator: 'Exists' },
        { key: 'zone', operator: 'NotIn', values: ['a'] },
      ],
    });
    expect(matcher.matches(web)).toBe(true);
    expect(matcher.matches({ ...web, zone: 'a' })).toBe(false);
    expect(matcher.matches({ app: 'web' })).toBe(false);
  });

  test('wrong expressions are refused', () => {
    const expression = (operator: string, values?: string[]) => () =>
      labelSelectorMatcher({ matchExpressions: [{ key: 'a', operator, ...(values === undefined ? {} : { values }) }] });
    expect(expression('Like')).toThrow('"Like" is not a valid label selector operator');
    expect(expression('In')).toThrow(
      `values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty`,
    );
    expect(expression('Exists', ['x'])).toThrow('values set must be empty for exists and does not exist');
  });

  test('keys like __proto__ are plain keys', () => {
    expect(equalityMatcher({ constructor: 'x' }).matches({})).toBe(false);
    expect(parseLabelSelector('constructor').matches({})).toBe(false);
    expect(parseLabelSelector('constructor').matches(undefined)).toBe(false);
  });

  test('plain maps', () => {
    expect(equalityMatcher({ app: 'web' }).matches(web)).toBe(true);
    expect(equalityMatcher({ app: 'web', x: '1' }).matches(web)).toBe(false);
    expect(equalityMatcher({}).matches(undefined)).toBe(true);
  });

  test('are shown as kubectl shows them', () => {
    expect(formatLabelSelector(undefined)).toBe('<none>');
    expect(formatLabelSelector({})).toBe('');
    expect(
      formatLabelSelector({
        matchLabels: { b: '1' },
        matchExpressions: [{ key: 'a', operator: 'In', values: ['z', 'y'] }],
      }),
    ).toBe('a in (y,z),b=1');
  });
});
