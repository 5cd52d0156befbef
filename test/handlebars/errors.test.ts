import { describe, expect, it } from 'vitest';
import { PintleError } from '../../src/base/errors.ts';
import { formatLocation } from '../../src/base/source.ts';
import type { OutputRecorder } from '../../src/base/template-engine.ts';
import { ENGINE, FUNCTIONS, run, toData } from './support.ts';

function failure(action: () => unknown): PintleError {
  try {
    action();
  } catch (error) {
    if (error instanceof PintleError) return error;
    throw error;
  }
  throw new Error('nothing failed');
}

function summary(action: () => unknown): string {
  const { code, message, location } = failure(action);
  return `${code} ${location === undefined ? '' : formatLocation(location)} ${message}`;
}

const FILE = 'c/templates/main.hbs';

describe('errors', () => {
  it.each([
    ['{{#if x}}', 'template-syntax', 'got the end of the file'],
    ['a\n{{/if}}', `template-syntax ${FILE}:2:1`, "got '{{/'"],
    ['{{#if x}}{{/each}}', `template-syntax ${FILE}:1:4`, "if doesn't match each"],
    ['{{ x', 'template-syntax', 'expected'],
    ['{{foo bar=}}', `template-syntax ${FILE}:1:11`, 'expected'],
    ['a long line of text before it {{a}} {{b c d}} {{foo ]}}', `template-syntax ${FILE}:1:53`, 'expected'],
    ['{{#*other "x"}}{{/other}}', `template-exec ${FILE}:1:1`, 'only the decorator "inline"'],
    ['{{* other}}', `template-exec ${FILE}:1:1`, 'only the decorator "inline"'],
    ['x {{> nowhere}}', `template-exec ${FILE}:1:3`, 'partial "nowhere" not defined'],
    ['\n  {{nofunc 1}}', `template-exec ${FILE}:2:5`, 'function "nofunc" not defined'],
    ['{{a.b 1}}', `template-exec ${FILE}:1:3`, 'only functions can be called with arguments'],
    ['{{upper}}', `template-exec ${FILE}:1:3`, 'wrong number of args for upper: want 1 got 0'],
    [
      '{{upper 1}}',
      `template-exec ${FILE}:1:1`,
      'error calling upper: wrong type for argument 1; expected string; got number',
    ],
    ['{{add (fails)}}', `template-exec ${FILE}:1:7`, 'error calling fails: it does not work'],
    ['{{upper "a" x=1}}', `template-exec ${FILE}:1:13`, 'upper takes no named arguments'],
    ['{{indent 1.5 "x"}}', `template-exec ${FILE}:1:1`, 'expected int; got number'],
    ['{{keysOf (list)}}', `template-exec ${FILE}:1:1`, 'expected map[string]any; got list'],
    ['{{lt 1 "a"}}', `template-exec ${FILE}:1:1`, 'only two numbers or two strings'],
    ['{{#if}}{{/if}}', `template-exec ${FILE}:1:1`, 'if needs exactly one argument'],
    ['{{lookup this}}', `template-exec ${FILE}:1:3`, 'lookup needs a value and a key'],
    ['{{> @partial-block}}', `template-exec ${FILE}:1:1`, 'there is no partial block here'],
  ])('%s', (template, place, message) => {
    const text = summary(() => run(template));
    expect(text).toContain(place);
    expect(text).toContain(message);
  });

  it('hints at the dot of Go templates', () => {
    const error = failure(() => run('ok\n{{ .Values.x }}'));
    expect(error.hint).toContain('without a leading dot');
    expect(error.location?.line).toBe(2);
  });

  it('carries the source for a code frame', () => {
    expect(failure(() => run('{{fails}}')).location?.source).toBe('{{fails}}');
  });

  it('names the partials on the way, from the inside out', () => {
    const files = {
      [FILE]: '\n{{> outer}}',
      'c/templates/_outer.hbs': '{{include "inner" this}}',
      'c/templates/_inner.hbs': 'x {{fails}}',
    };
    const error = failure(() => run(files));
    expect(error.location).toMatchObject({ file: 'c/templates/_inner.hbs', line: 1, column: 5 });
    expect(
      error.trace.map(({ text, location }) => `${text} ${location === undefined ? '' : formatLocation(location)}`),
    ).toEqual(['include "inner" c/templates/_outer.hbs:1:1', `partial "outer" ${FILE}:2:1`]);
  });

  it('ends endless recursion', () => {
    expect(summary(() => run({ [FILE]: '{{> a}}', '_a.hbs': '{{> a}}' }))).toContain('nested more than 1000 levels');
  });

  it('fails on missing values in strict mode, but not in conditions', () => {
    expect(summary(() => run('{{Values.x}}', {}, { strict: true }))).toContain('Values.x is not defined');
    expect(summary(() => run('{{default "d" Values.x}}', {}, { strict: true }))).toContain('Values.x is not defined');
    expect(run('{{#if Values.x}}a{{else}}b{{/if}}{{#each Values.y}}{{else}}c{{/each}}', {}, { strict: true })).toBe(
      'bc',
    );
    expect(run('[{{Values.x}}]', { Values: { x: null } }, { strict: true })).toBe('[]');
  });

  it('holds the limits, over includes too', () => {
    const list = { xs: Array.from({ length: 50 }, (_, i) => i) };
    expect(summary(() => run('{{#each xs}}x{{/each}}', list, { limits: { steps: 49 } }))).toContain('too many steps');
    expect(run('{{#each xs}}x{{/each}}', list, { limits: { steps: 50, output: 50 } })).toHaveLength(50);
    expect(summary(() => run('{{#each xs}}x{{/each}}', list, { limits: { output: 49 } }))).toContain(
      'output is too long',
    );
    const files = { [FILE]: '{{include "a" this}}{{include "a" this}}', '_a.hbs': '{{#each xs}}x{{/each}}' };
    expect(summary(() => run(files, list, { limits: { steps: 99 } }))).toContain('too many steps');
  });
});

describe('the output recorder', () => {
  it('tells where each part of the output comes from', () => {
    const sources = [
      { name: 'a.hbs', text: 'one {{x}}\n  {{> p}}\n{{#each xs}}\n- {{this}}\n{{/each}}\nend' },
      { name: '_p.hbs', text: 'p: {{x}}\nq\n' },
    ];
    const recorded: [part: string, source: string, offset: number][] = [];
    const spans: [number, number, string, number][] = [];
    const recorder: OutputRecorder = { record: (...span) => spans.push(span) };
    const set = ENGINE.compile(sources, { functions: FUNCTIONS });
    const output = set.execute('a.hbs', toData({ x: 'X', xs: [1, 2] }), { recorder });
    expect(output).toBe('one X\n  p: X\n  q\n- 1\n- 2\nend');
    for (const [start, end, source, offset] of spans) recorded.push([output.slice(start, end), source, offset]);
    expect(recorded).toEqual([
      ['one ', 'a.hbs', 0],
      ['X', 'a.hbs', 4],
      ['\n', 'a.hbs', 9],
      ['p: ', '_p.hbs', 0],
      ['X', '_p.hbs', 3],
      ['\n  q\n', '_p.hbs', 8],
      ['- ', 'a.hbs', 33],
      ['1', 'a.hbs', 35],
      ['\n', 'a.hbs', 43],
      ['- ', 'a.hbs', 33],
      ['2', 'a.hbs', 35],
      ['\n', 'a.hbs', 43],
      ['end', 'a.hbs', 54],
    ]);
  });
});
