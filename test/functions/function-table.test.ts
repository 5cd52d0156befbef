import { describe, expect, it } from 'vitest';
import { PintleError } from '../../src/base/errors.ts';
import { systemRandom } from '../../src/cli/system-random.ts';
import { renderTemplates } from '../../src/render/render-chart.ts';
import { type ChartFiles, chartYaml, type HelmRun, helmTemplate, inputOf } from '../render/support.ts';
import { generatedCases } from '../sprig/generated-cases.ts';
import { VALUES_YAML } from '../sprig/support.ts';
import { FUNCTION_GROUPS, NO_FUNCTIONS } from './function-names.ts';
import { REMAINING_CASES } from './remaining-cases.ts';

const NAMES = [...new Set(Object.values(FUNCTION_GROUPS).flat())];
/** Inputs that every function is tried with at least. */
const LEAST = 10;
/** Sampled inputs a function; all of them are tried by the tests of the function library. */
const MOST = 14;
/** Failing inputs a function that are compared; each takes a process of its own. */
const MOST_FAILURES = 2;

const HELPERS = `{{ define "plain" }}plain text{{ end }}
{{ define "named" }}<{{ .x }}>{{ end }}
{{ define "values" }}{{ .Values.int }}{{ .Values.string }}{{ end }}
{{ define "nested" }}[{{ include "named" . }}]{{ end }}
{{ define "blank" }} {{ end }}
{{ define "loop" }}{{ range . }}{{ . }};{{ end }}{{ end }}
`;

interface Case {
  readonly name: string;
  readonly expression: string;
}

/** An expression with its result as text, or the text of its error. */
interface Tried extends Case {
  readonly output?: string;
  readonly error?: string;
}

function cases(): Case[] {
  const out: Case[] = [];
  const sampled = new Map<string, string[]>();
  for (const template of generatedCases()) {
    const expression = /^\{\{ \$x := (.*?) \}\}\{\{ \$x \}\}/s.exec(template)?.[1];
    if (expression === undefined) throw new Error(`not understood: ${template}`);
    const name = expression.split(' ')[0] ?? '';
    sampled.set(name, [...(sampled.get(name) ?? []), expression]);
  }
  for (const [name, expressions] of sampled) {
    // Spread over all of them.
    const step = Math.max(1, expressions.length / MOST);
    for (let i = 0; i < expressions.length; i += step) out.push({ name, expression: expressions[Math.floor(i)] ?? '' });
  }
  for (const [name, expressions] of Object.entries(REMAINING_CASES)) {
    for (const expression of expressions) out.push({ name, expression });
  }
  return out;
}

/** A chart whose only manifest holds the result of each expression. */
function chartOf(expressions: readonly string[]): ChartFiles {
  const shown = (expression: string): string => {
    const own = expression.startsWith('$');
    return own ? `{{ ${expression} }}` : `{{ $x := ${expression} }}{{ $x }}|{{ typeOf $x }}`;
  };
  const defines = expressions.map((expression, i) => `{{ define "t${i}" }}${shown(expression)}{{ end }}`).join('\n');
  const lines = expressions.map((_, i) => `  k${i}: {{ include "t${i}" (deepCopy $data) | b64enc | quote }}`);
  return {
    'Chart.yaml': chartYaml('c'),
    'values.yaml': VALUES_YAML,
    'templates/_helpers.tpl': HELPERS,
    'templates/_all.tpl': defines,
    'templates/main.yaml': `{{- $data := dict "Values" .Values "Release" .Release "Capabilities" .Capabilities "Template" .Template }}\nkind: ConfigMap\ndata:\n${lines.join('\n')}\n`,
  };
}

function outputsOf(text: string, count: number): string[] {
  const found = new Map<number, string>();
  for (const [, index = '', body = ''] of text.matchAll(/^ {2}k(\d+): "([^"]*)"$/gm)) {
    found.set(Number(index), Buffer.from(body, 'base64').toString('latin1'));
  }
  return Array.from({ length: count }, (_, i) => found.get(i) ?? '<missing>');
}

/** The message of an error without where it happened. */
function reason(text: string): string {
  return text
    .replace(/^Error: /, '')
    .replace(/\n\nUse --debug[\s\S]*/, '')
    .trim();
}

function tryOurs({ name, expression }: Case): Tried {
  try {
    const input = inputOf(chartOf([expression]), { random: systemRandom, clock: { now: () => Date.now() } });
    const text = renderTemplates(input).get('c/templates/main.yaml') ?? '';
    return { name, expression, output: outputsOf(text, 1)[0] ?? '' };
  } catch (error) {
    if (!(error instanceof PintleError)) throw error;
    return { name, expression, error: reason(error.message) };
  }
}

describe('the function table', () => {
  it('has 239 names', () => {
    expect(NAMES).toHaveLength(239);
    const all = new Set(cases().map(({ name }) => name));
    expect(NAMES.filter((name) => !all.has(name))).toEqual([]);
  });

  it('has no others', () => {
    for (const name of NO_FUNCTIONS) {
      const { error } = tryOurs({ name, expression: `${name} "x"` });
      expect(error).toContain(`function "${name}" not defined`);
    }
  });

  it(`gives what helm gives for at least ${LEAST} inputs each`, async () => {
    const tried = cases().map(tryOurs);
    const good = tried.filter(({ output }) => output !== undefined);
    const needed = new Map<string, number>();
    for (const { name } of good) needed.set(name, (needed.get(name) ?? 0) + 1);
    // Failures are compared where there are too few results, and some of them everywhere.
    const bad = tried.filter((each) => {
      if (each.error === undefined) return false;
      const missing = LEAST - (needed.get(each.name) ?? 0);
      const left = Math.max(missing, 0);
      needed.set(each.name, (needed.get(each.name) ?? 0) + (left > 0 ? 1 : 0));
      return left > 0;
    });
    const real = await helmTemplate(chartOf(good.map(({ expression }) => expression)));
    expect(real.err).toBe('');
    const outputs = outputsOf(real.out, good.length);
    const differences = good.flatMap(({ expression, output }, i) =>
      output === outputs[i] ? [] : [`${expression}\n  ours ${output}\n  helm ${outputs[i]}`],
    );
    expect(differences).toEqual([]);
    const failures: HelmRun[] = [];
    for (let i = 0; i < bad.length; i += MOST_FAILURES) {
      const some = bad.slice(i, i + MOST_FAILURES);
      failures.push(...(await Promise.all(some.map(({ expression }) => helmTemplate(chartOf([expression]))))));
    }
    const wrong = bad.flatMap(({ expression, error }, i) => {
      const theirs = failures[i]?.ok === true ? 'no failure' : reason(failures[i]?.err ?? '');
      return error === theirs ? [] : [`${expression}\n  ours ${error}\n  helm ${theirs}`];
    });
    expect(wrong).toEqual([]);
    const compared = new Map<string, number>();
    for (const { name } of [...good, ...bad]) compared.set(name, (compared.get(name) ?? 0) + 1);
    expect(NAMES.filter((name) => (compared.get(name) ?? 0) < LEAST)).toEqual([]);
  });
});
