import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GoInt } from '../../src/base/go-int.ts';
import { SeededRandom } from '../../src/base/random.ts';
import type { TemplateRun, TemplateSet } from '../../src/base/template-engine.ts';
import type { TemplateFunction } from '../../src/base/template-function.ts';
import { goTemplateEngine } from '../../src/gotemplate/go-template-engine.ts';
import { ANY_MAP } from '../../src/gotemplate/runtime/go-type.ts';
import { GoTyped } from '../../src/gotemplate/runtime/go-value.ts';
import { sprigFunctions } from '../../src/sprig/sprig-functions.ts';
import { testEnvironment } from '../sprig/support.ts';
import { isolatedEnvironment, realTools } from '../support/real-tools.ts';
import { RandomTemplates } from './random-templates.ts';
import { PRINTF_SNIPPETS, SNIPPETS, VALUES } from './snippets.ts';
import { functionMap, goData } from './support.ts';

const FIXED = [...SNIPPETS, ...PRINTF_SNIPPETS];
const LEAF = '{{ define "leaf" }}<{{ . }}>{{ end }}';
const SEED = process.env['SEED'] ?? 'templates';
/** Random templates that run; those that fail would end helm's one run. */
const RANDOM = randomTemplates(1000);
const ALL = [...FIXED, ...RANDOM];
const folder = mkdtempSync(join(tmpdir(), 'pintle-gotemplate-'));

function snippetName(index: number): string {
  return `diff/templates/_s${index}.tpl`;
}

function randomTemplates(count: number): string[] {
  const source = new RandomTemplates(new SeededRandom(SEED));
  const functions = testFunctions();
  const out: string[] = [];
  while (out.length < count) {
    const text = source.next();
    try {
      const sources = [
        { name: 't', text },
        { name: 'leaf', text: LEAF },
      ];
      // Addresses of pointers differ.
      if (!goTemplateEngine.compile(sources, { functions }).execute('t', data()).includes('0xc000')) out.push(text);
    } catch {
      // Its error is no subject here.
    }
  }
  return out;
}

/** Every snippet's output, from one run of real helm. */
function renderWithHelm(): Map<number, string> {
  const chart = join(folder, 'diff');
  mkdirSync(join(chart, 'templates'), { recursive: true });
  writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: diff\nversion: 1.0.0\n');
  writeFileSync(join(chart, 'values.yaml'), JSON.stringify(VALUES));
  ALL.forEach((text, i) => writeFileSync(join(chart, 'templates', `_s${i}.tpl`), text));
  writeFileSync(join(chart, 'templates', '_leaf.tpl'), LEAF);
  const lines = ALL.map((_, i) => `s${i}: {{ include "${snippetName(i)}" . | toJson }}\n`);
  writeFileSync(join(chart, 'templates', 'all.yaml'), lines.join(''));
  const out = execFileSync(realTools().helm, ['template', 'rel', chart], {
    encoding: 'utf8',
    maxBuffer: 1e8,
    env: isolatedEnvironment(folder),
  });
  const found = [...out.matchAll(/^s(\d+): (.*)$/gm)];
  return new Map(found.map((match) => [Number(match[1]), JSON.parse(match[2] ?? '') as string]));
}

function testFunctions(): Map<string, TemplateFunction> {
  const functions: Map<string, TemplateFunction> = sprigFunctions(testEnvironment());
  for (const name of ['include', 'tpl']) {
    const own = functionMap().get(name);
    if (own !== undefined) functions.set(name, own);
  }
  functions.set('tpl', {
    name: 'tpl',
    params: ['string', 'any'],
    contextual: true,
    call: (run: TemplateRun, text: string, data: unknown) =>
      run.set.extend({ name: 'gotpl', text }).execute('gotpl', data).replaceAll('<no value>', ''),
  });
  functions.set('fail', {
    name: 'fail',
    params: ['string'],
    call: (message: string) => {
      throw new Error(message);
    },
  });
  return functions;
}

function compileAll(): TemplateSet {
  const sources = ALL.map((text, i) => ({ name: snippetName(i), text }));
  return goTemplateEngine.compile([...sources, { name: 'leaf', text: LEAF }], { functions: testFunctions() });
}

function data(): unknown {
  return goData({
    Values: new GoTyped({ ...ANY_MAP, name: 'common.Values' }, goData(VALUES)),
    Release: {
      Name: 'rel',
      Namespace: 'default',
      Service: 'Helm',
      Revision: new GoInt(1),
      IsInstall: true,
      IsUpgrade: false,
    },
    Chart: { Name: 'diff' },
    Files: {},
    Capabilities: { KubeVersion: {} },
  });
}

describe('snippets give what real helm gives', () => {
  let expected: Map<number, string>;
  const set = compileAll();
  beforeAll(() => {
    expected = renderWithHelm();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('all snippets are there', () => {
    expect(expected.size).toBe(ALL.length);
  });

  test(`random templates of seed ${SEED}`, () => {
    RANDOM.forEach((text, i) => {
      const at = FIXED.length + i;
      expect([text, set.execute(snippetName(at), data())]).toEqual([text, expected.get(at)]);
    });
  });

  test.each(FIXED.map((text, i): [string, number] => [text, i]))('%s', (_, i) => {
    expect(set.execute(snippetName(i), data())).toBe(expected.get(i));
  });
});
