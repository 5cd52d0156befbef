import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GoInt } from '../../src/base/go-int.ts';
import type { TemplateRun, TemplateSet } from '../../src/base/template-engine.ts';
import type { TemplateFunction } from '../../src/base/template-function.ts';
import { goTemplateEngine } from '../../src/gotemplate/go-template-engine.ts';
import { ANY_MAP } from '../../src/gotemplate/runtime/go-type.ts';
import { GoTyped } from '../../src/gotemplate/runtime/go-value.ts';
import { sprigFunctions } from '../../src/sprig/sprig-functions.ts';
import { testEnvironment } from '../sprig/support.ts';
import { isolatedEnvironment, realTools } from '../support/real-tools.ts';
import { PRINTF_SNIPPETS, SNIPPETS, VALUES } from './snippets.ts';
import { functionMap, goData } from './support.ts';

const ALL = [...SNIPPETS, ...PRINTF_SNIPPETS];
const folder = mkdtempSync(join(tmpdir(), 'pintle-gotemplate-'));

function snippetName(index: number): string {
  return `diff/templates/_s${index}.tpl`;
}

/** Every snippet's output, from one run of real helm. */
function renderWithHelm(): Map<number, string> {
  const chart = join(folder, 'diff');
  mkdirSync(join(chart, 'templates'), { recursive: true });
  writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: diff\nversion: 1.0.0\n');
  writeFileSync(join(chart, 'values.yaml'), JSON.stringify(VALUES));
  ALL.forEach((text, i) => writeFileSync(join(chart, 'templates', `_s${i}.tpl`), text));
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

function compileAll(): TemplateSet {
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
  return goTemplateEngine.compile(
    ALL.map((text, i) => ({ name: snippetName(i), text })),
    { functions },
  );
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

  test.each(ALL.map((text, i): [string, number] => [text, i]))('%s', (_, i) => {
    expect(set.execute(snippetName(i), data())).toBe(expected.get(i));
  });
});
