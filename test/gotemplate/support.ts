import { newObject } from '../../src/base/json.ts';
import { PintleError } from '../../src/base/errors.ts';
import type { TemplateEngineOptions, TemplateRun, TemplateSet } from '../../src/base/template-engine.ts';
import type { TemplateFunction } from '../../src/base/template-function.ts';
import { goTemplateEngine } from '../../src/gotemplate/go-template-engine.ts';

/** A JSON value with maps as templates hold them: without prototype. */
export function goData(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(goData);
  if (typeof value !== 'object' || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const out = newObject();
  for (const [key, member] of Object.entries(value)) out[key] = goData(member);
  return out;
}

/** Functions that tests of the language itself need. */
const TEST_FUNCTIONS: readonly TemplateFunction[] = [
  {
    name: 'include',
    params: ['string', 'any'],
    contextual: true,
    call: (run: TemplateRun, name: string, data: unknown) => run.set.execute(name, data),
  },
  {
    name: 'tpl',
    params: ['string', 'any'],
    contextual: true,
    call: (run: TemplateRun, text: string, data: unknown) =>
      run.set.extend({ name: 'gotpl', text }).execute('gotpl', data),
  },
  { name: 'list', params: ['any'], variadic: true, call: (...values: unknown[]) => values },
  { name: 'echo', params: ['any'], call: (value: unknown) => value },
  { name: 'text', params: ['string'], call: (value: string) => value },
  { name: 'number', params: ['int'], call: (value: bigint) => value },
  { name: 'decimal', params: ['float64'], call: (value: number) => value },
  { name: 'flag', params: ['bool'], call: (value: boolean) => value },
  { name: 'big', params: ['int64'], call: (value: bigint) => value },
  { name: 'table', params: ['map[string]any'], call: (value: object) => Object.keys(value).join() },
  { name: 'items', params: ['[]any'], call: (value: unknown[]) => value.length },
  { name: 'two', params: ['string', 'int'], call: (a: string, b: bigint) => `${a}${b}` },
  {
    name: 'boom',
    params: [],
    call: () => {
      throw new Error('it broke');
    },
  },
];

/** The test functions as a map, with some more. */
export function functionMap(more: readonly TemplateFunction[] = []): Map<string, TemplateFunction> {
  return new Map([...TEST_FUNCTIONS, ...more].map((each) => [each.name, each]));
}

/** A set of one template called `t`. */
export function compileText(text: string, options: Partial<TemplateEngineOptions> = {}): TemplateSet {
  return goTemplateEngine.compile([{ name: 't', text }], { functions: functionMap(), ...options });
}

/** The output of a template text. */
export function run(text: string, data: unknown = null, options: Partial<TemplateEngineOptions> = {}): string {
  return compileText(text, options).execute('t', goData(data));
}

/** The error of a template text. */
export function failure(text: string, data: unknown = null, options: Partial<TemplateEngineOptions> = {}): PintleError {
  try {
    run(text, data, options);
  } catch (error) {
    if (error instanceof PintleError) return error;
    throw error;
  }
  throw new Error(`no error from ${text}`);
}
