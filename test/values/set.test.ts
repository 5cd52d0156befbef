import { describe, expect, it } from 'vitest';
import { parseSet } from '../../src/values/set.ts';
import { SET_CASES, SET_FILES } from './set-cases.ts';
import { caseCount, caseSeed, Dice, helm, inFolder, template } from './support.ts';

const CHART = {
  'chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 1.0.0\n',
  'chart/values.yaml': 'default: {x: 1, list: [a, b], y: {z: 1}}\n',
  'chart/templates/v.yaml':
    'v: {{ toJson .Values }}\n{{- range $k, $v := .Values }}\n{{ $k | quote }}: {{ printf "%T %v" $v $v | quote }}\n{{- end }}\n',
  ...SET_FILES,
};

/** All flags in one folder, two programs at a time. */
async function compare(cases: readonly (readonly string[])[]): Promise<void> {
  await inFolder(CHART, async (folder) => {
    for (const args of cases) {
      const [real, ours] = await Promise.all([
        helm(folder, ['template', 'rel', 'chart', ...args]),
        template(folder, 'chart', args),
      ]);
      expect({ args, ...ours }).toEqual({ args, ...real });
    }
  });
}

describe('the --set family and values files', () => {
  it('give what real helm makes of them', async () => {
    await compare(SET_CASES);
  });

  it('give what real helm makes of random texts', async () => {
    const dice = new Dice(`set ${caseSeed()}`);
    const parts = [
      'a',
      'b',
      'default',
      '.',
      '.',
      '=',
      '=',
      ',',
      '[',
      ']',
      '[0]',
      '[1]',
      '{',
      '}',
      '\\',
      '1',
      'null',
      ' ',
      '"x"',
      '0',
    ];
    const kinds = ['--set', '--set', '--set', '--set-string', '--set-json', '--set-literal'];
    await compare(
      Array.from({ length: caseCount(40) }, () => [
        dice.pick(kinds),
        Array.from({ length: 1 + dice.below(10) }, () => dice.pick(parts)).join(''),
      ]),
    );
  });
});

describe('parseSet', () => {
  it('says where the fault is', () => {
    expect(() => parseSet('a=1,b[x]=2')).toThrow(
      expect.objectContaining({
        code: 'set-syntax',
        location: { file: '--set', line: 1, column: 8, source: 'a=1,b[x]=2' },
      }),
    );
  });

  it('keeps integers apart from floats', () => {
    expect(parseSet('a=5').a).toBe(5n);
    expect(parseSet('a=5', 'string').a).toBe('5');
    expect(parseSet('a=5', 'json').a).toBe(5);
  });
});
