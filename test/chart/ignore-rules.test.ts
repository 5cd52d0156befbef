import { describe, expect, it } from 'vitest';
import { parseIgnoreRules } from '../../src/chart/ignore-rules.ts';
import { compilePathPattern } from '../../src/chart/path-match.ts';
import { Dice, helm, inFolder, template } from '../values/support.ts';
import { chartFiles } from './support.ts';

/** Pattern, path, whether it matches; undefined: the pattern is malformed. The rules are Go's filepath.Match. */
const MATCHES: readonly (readonly [string, string, boolean | undefined])[] = [
  ['abc', 'abc', true],
  ['*', 'abc', true],
  ['*c', 'abc', true],
  ['a*', 'a', true],
  ['a*', 'ab/c', false],
  ['a*/b', 'abc/b', true],
  ['a*/b', 'a/c/b', false],
  ['a*b*c*d*e*/f', 'axbxcxdxe/f', true],
  ['a*b?c*x', 'abxbbxdbxebxczzy', false],
  ['ab[c]', 'abc', true],
  ['ab[b-d]', 'abc', true],
  ['ab[e-g]', 'abc', false],
  ['ab[^c]', 'abc', false],
  ['ab[^b-d]', 'abx', true],
  ['a\\*b', 'a*b', true],
  ['a\\*b', 'ab', false],
  ['a?b', 'a☺b', true],
  ['a[^a]b', 'a☺b', true],
  ['a???b', 'a☺b', false],
  ['[a-ζ]*', 'α', true],
  ['*[a-ζ]', 'A', false],
  ['a?b', 'a/b', false],
  ['[\\]a]', ']', true],
  ['[\\-x]', '-', true],
  ['[x\\-]', 'z', false],
  ['[]a]', ']', undefined],
  ['[-]', '-', undefined],
  ['[x-]', 'x', undefined],
  ['[-x]', 'x', undefined],
  ['\\', 'a', undefined],
  ['[a-b-c]', 'a', undefined],
  ['[', 'a', undefined],
  ['[^', 'a', undefined],
  ['[^bc', 'a', undefined],
  ['a[', 'ab', undefined],
  ['*x', 'xxx', true],
  ['[b-a]', 'a', false],
  ['a.b', 'axb', false],
  ['$^(a|b)+{1}', '$^(a|b)+{1}', true],
];

describe('compilePathPattern', () => {
  it.each(MATCHES)('%s on %s: %s', (pattern, path, matches) => {
    expect(compilePathPattern(pattern)?.(path)).toBe(matches);
  });
});

describe('.helmignore', () => {
  it('leaves out hidden templates, and never the chart itself', () => {
    const rules = parseIgnoreRules('*\n', '.helmignore');
    expect(rules.ignores('', true)).toBe(false);
    expect(rules.ignores('.', true)).toBe(false);
    expect(parseIgnoreRules('', '.helmignore').ignores('templates/.x', false)).toBe(true);
    expect(parseIgnoreRules('', '.helmignore').ignores('templates/a/.x', false)).toBe(false);
  });

  it('leaves out what real helm leaves out', async () => {
    const dice = new Dice('ignore');
    const folders = ['', 'a/', 'b/', 'a/b/', 'docs/', 'docs/a/'];
    const names = ['x.txt', 'y.md', 'a', 'b.txt', '.hidden', 'x'];
    const patterns = [
      '*.txt',
      'a/',
      '/a',
      '/a/',
      'a/b',
      'a/*',
      '*/b',
      '/docs/*.md',
      '!x.txt',
      '!*.md',
      '!/a',
      'b/',
      '# comment',
      ' docs ',
      '.hidden',
      '.*',
      'a/*/',
      '?',
      '[ab]',
      '!docs/',
      'docs/a/x.*',
      '\\a',
      'Chart.yaml/',
      '',
      'x',
    ];
    const sources = folders.flatMap((folder) => names.map((name) => `${folder}${name}`));
    // A name cannot be a file and a folder.
    const files = sources.filter((path) => !sources.some((other) => other.startsWith(`${path}/`)));
    const content = Object.fromEntries(files.map((path) => [path, '']));
    const show = '{{ range $name, $_ := .Files.Glob "**" }}{{ $name }}\n{{ end }}';
    await inFolder(chartFiles('web', { ...content, 'templates/show.yaml': show }), async (folder) => {
      for (let i = 0; i < 40; i += 1) {
        const rules = Array.from({ length: 1 + dice.below(3) }, () => dice.pick(patterns)).join('\n');
        const { writeFileSync } = await import('node:fs');
        writeFileSync(`${folder}/web/.helmignore`, rules);
        const [real, ours] = await Promise.all([helm(folder, ['template', 'rel', './web']), template(folder, 'web')]);
        expect({ rules, ok: ours.ok, out: ours.out }).toEqual({ rules, ok: real.ok, out: real.out });
      }
    });
  });
});
