import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GoInt } from '../../src/base/go-int.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/base/go-string.ts';
import { newObject } from '../../src/base/json.ts';
import { SeededRandom } from '../../src/base/random.ts';
import type { TemplateRun } from '../../src/base/template-engine.ts';
import type { TemplateFunction } from '../../src/base/template-function.ts';
import { goTemplateEngine } from '../../src/gotemplate/go-template-engine.ts';
import type { HeavyModules, ModuleLoader, SprigEnvironment } from '../../src/sprig/environment.ts';
import { sprigFunctions } from '../../src/sprig/sprig-functions.ts';
import { isolatedEnvironment, realTools } from '../support/real-tools.ts';

const require = createRequire(import.meta.url);

/** Loads heavy packages as the command line does. */
export const nodeLoader: ModuleLoader = (name) => require(name) as HeavyModules[typeof name];

/** Loads all but OpenSSL, as in a browser. */
export const portableLoader: ModuleLoader = (name) =>
  (name === 'node:crypto' ? undefined : require(name)) as HeavyModules[typeof name];

/** An environment with a fixed clock and seeded chance. */
export function testEnvironment(overrides: Partial<SprigEnvironment> = {}): SprigEnvironment {
  return {
    clock: { now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678) },
    random: new SeededRandom('sprig'),
    load: nodeLoader,
    timeZone: 'America/New_York',
    zoneData: readZone,
    ...overrides,
  };
}

function readZone(name: string): Uint8Array | undefined {
  try {
    return readFileSync(join('/usr/share/zoneinfo', name));
  } catch {
    return undefined;
  }
}

/** The values that templates of the tests see, as YAML for helm and as the runtime holds them. */
export const VALUES_YAML = `
int: 42
zero: 0
negative: -7
float: 3.25
big: 12345678901234
string: hello
empty: ""
truth: true
falsehood: false
nothing: null
list: [3, 1, 2]
strings: [b, a, C]
mixed: [1, a, true, null, 2.5]
map: {b: 1, a: two, c: {d: [x, w]}}
emptyMap: {}
emptyList: []
nested: {one: {two: {three: deep}}}
unicode: "héllo wörld 日本 😀"
`;

/** Turns JSON into values of the runtime: objects without prototype. */
export function toValues(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toValues);
  if (typeof value !== 'object' || value === null || value instanceof GoInt) return value;
  return Object.assign(
    newObject(),
    Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toValues(item)])),
  );
}

export const DATA = toValues({
  Values: {
    int: 42,
    zero: 0,
    negative: -7,
    float: 3.25,
    big: 12345678901234,
    string: 'hello',
    empty: '',
    truth: true,
    falsehood: false,
    nothing: null,
    list: [3, 1, 2],
    strings: ['b', 'a', 'C'],
    mixed: [1, 'a', true, null, 2.5],
    map: { b: 1, a: 'two', c: { d: ['x', 'w'] } },
    emptyMap: {},
    emptyList: [],
    nested: { one: { two: { three: 'deep' } } },
    unicode: 'héllo wörld 日本 😀',
  },
});

/** What an expression gives: its output, or the text of its error. */
export interface Outcome {
  readonly output?: string;
  readonly error?: string;
}

/** Evaluates templates with the functions of this package. */
export function renderOurs(templates: readonly string[], environment = testEnvironment()): Outcome[] {
  const include: TemplateFunction = {
    name: 'include',
    params: ['string', 'any'],
    contextual: true,
    call: (run: TemplateRun, name: string, data: unknown) => run.set.execute(name, data),
  };
  const functions = sprigFunctions(environment).set('include', include);
  return templates.map((text, index) => {
    try {
      const set = goTemplateEngine.compile([{ name: `c/templates/t${index}`, text }], { functions });
      // Values may be changed by a template: every one gets its own.
      return { output: set.execute(`c/templates/t${index}`, toValues(DATA)) };
    } catch (error) {
      return { error: (error as Error).message };
    }
  });
}

function writeChart(templates: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'pintle-sprig-'));
  mkdirSync(join(folder, 'templates'));
  writeFileSync(join(folder, 'Chart.yaml'), 'apiVersion: v2\nname: c\nversion: 0.1.0\n');
  writeFileSync(join(folder, 'values.yaml'), VALUES_YAML);
  const defines = templates.map((text, index) => `{{ define "t${index}" }}${text}{{ end }}`).join('\n');
  writeFileSync(join(folder, 'templates', '_all.tpl'), defines);
  // Every template gets its own copy of the values, and its output comes out unharmed.
  const lines = templates.map((_, index) => `  k${index}: {{ include "t${index}" (deepCopy $data) | b64enc | quote }}`);
  const main = `{{- $data := dict "Values" (deepCopy .Values) }}\nkind: ConfigMap\ndata:\n${lines.join('\n')}\n`;
  writeFileSync(join(folder, 'templates', 'main.yaml'), main);
  return folder;
}

function helmEnvironment(folder: string, timeZone: string): NodeJS.ProcessEnv {
  return { ...isolatedEnvironment(folder), TZ: timeZone };
}

/** Evaluates templates with the real helm in one run; throws {@link HelmFailure} if one of them fails. */
export function renderReal(templates: readonly string[], timeZone = 'America/New_York'): string[] {
  const folder = writeChart(templates);
  try {
    const text = execFileSync(realTools().helm, ['template', 'r', folder], {
      env: helmEnvironment(folder, timeZone),
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const found = new Map<number, string>();
    for (const [, index = '', body = ''] of text.matchAll(/^ {2}k(\d+): "([^"]*)"$/gm)) {
      found.set(Number(index), decodeUtf8(Buffer.from(body, 'base64')));
    }
    return templates.map((_, index) => found.get(index) ?? '<missing>');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the real helm says of a template that fails; undefined if it does not fail. */
export function realError(template: string, timeZone = 'America/New_York'): Promise<string | undefined> {
  const folder = writeChart([template]);
  return new Promise((resolve) => {
    execFile(
      realTools().helm,
      ['template', 'r', folder],
      { env: helmEnvironment(folder, timeZone), encoding: 'utf8' },
      (error, _stdout, stderr) => {
        rmSync(folder, { recursive: true, force: true });
        resolve(error === null ? undefined : stderr);
      },
    );
  });
}

/** Texts with bytes that are no UTF-8 in a form that test reports can show. */
export function visible(text: string): string {
  return Buffer.from(encodeUtf8(text)).toString('latin1');
}
