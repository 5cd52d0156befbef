import handlebars from 'handlebars';
import { newObject } from '../../src/base/json.ts';
import type { TemplateEngineOptions, TemplateSource } from '../../src/base/template-engine.ts';
import type { TemplateFunction } from '../../src/base/template-function.ts';
import { HandlebarsEngine } from '../../src/handlebars/handlebars-engine.ts';

/** A few functions as the function library gives them. */
export const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map(
  (
    [
      { name: 'upper', params: ['string'], call: (text: string) => text.toUpperCase() },
      {
        name: 'quote',
        params: ['any'],
        variadic: true,
        call: (...values: unknown[]) => values.map((v) => JSON.stringify(v)).join(' '),
      },
      {
        name: 'default',
        params: ['any', 'any'],
        variadic: true,
        call: (fallback: unknown, ...given: unknown[]) => given[0] || fallback,
      },
      { name: 'list', params: ['any'], variadic: true, call: (...values: unknown[]) => values },
      {
        name: 'indent',
        params: ['int', 'string'],
        call: (n: bigint, text: string) => text.replaceAll(/^/gm, ' '.repeat(Number(n))),
      },
      {
        name: 'nindent',
        params: ['int', 'string'],
        call: (n: bigint, text: string) => `\n${text.replaceAll(/^/gm, ' '.repeat(Number(n)))}`,
      },
      {
        name: 'add',
        params: ['any'],
        variadic: true,
        call: (...values: unknown[]) => values.reduce((a: bigint, b) => a + BigInt(String(b)), 0n),
      },
      {
        name: 'toYaml',
        params: ['any'],
        call: (value: unknown) =>
          Object.entries(value as object)
            .map(([k, v]) => `${k}: ${String(v)}`)
            .join('\n'),
      },
      { name: 'now', params: [], call: () => 'today' },
      {
        name: 'fails',
        params: [],
        call: () => {
          throw new Error('it does not work');
        },
      },
      { name: 'half', params: ['float64'], call: (value: number) => value / 2 },
      { name: 'keysOf', params: ['map[string]any'], call: (value: object) => Object.keys(value) },
      { name: 'flag', params: ['bool'], call: (value: boolean) => !value },
      {
        name: 'lookup',
        params: ['string', 'string', 'string', 'string'],
        call: (...names: string[]) => ({ found: names.join('/') }),
      },
      {
        name: 'include',
        params: ['string', 'any'],
        contextual: true,
        call: (run: { set: { execute(name: string, data: unknown): string } }, name: string, data: unknown) =>
          run.set.execute(name, data),
      },
      {
        name: 'tpl',
        params: ['string', 'any'],
        contextual: true,
        call: (
          run: { set: { extend(source: TemplateSource): { execute(name: string, data: unknown): string } } },
          text: string,
          data: unknown,
        ) => run.set.extend({ name: 'tpl.hbs', text }).execute('tpl.hbs', data),
      },
    ] as TemplateFunction[]
  ).map((each) => [each.name, each]),
);

export const ENGINE = new HandlebarsEngine({ parser: handlebars });

/** Objects without prototype, as values come. */
export function toData(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toData);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.assign(
    newObject(),
    Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toData(item)])),
  );
}

/** Runs the first of some templates. */
export function run(
  templates: string | Readonly<Record<string, string>>,
  data: unknown = {},
  options: Partial<TemplateEngineOptions> = {},
): string {
  const files = typeof templates === 'string' ? { 'c/templates/main.hbs': templates } : templates;
  const sources = Object.entries(files).map(([name, text]) => ({ name, text }));
  const set = ENGINE.compile(sources, { functions: FUNCTIONS, ...options });
  return set.execute(sources[0]?.name ?? '', toData(data));
}
