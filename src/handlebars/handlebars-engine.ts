import { PintleError } from '../base/errors.ts';
import type {
  TemplateEngine,
  TemplateEngineOptions,
  TemplateRun,
  TemplateSet,
  TemplateSource,
} from '../base/template-engine.ts';
import { type HandlebarsParser, plainName, type Program } from './ast.ts';
import { Budget } from './budget.ts';
import { Interpreter } from './interpreter.ts';
import { Output } from './output.ts';
import { parseTemplate } from './parse-template.ts';
import type { Partial } from './scope.ts';
import { plainValues, type ValueAdapter } from './value-adapter.ts';

const EXTENSION = '.hbs';

/** What a {@link HandlebarsEngine} is made of. */
export interface HandlebarsEngineOptions {
  /** The package `handlebars`; only its parser is used. */
  readonly parser: HandlebarsParser;
  /** How templates look into values; default {@link plainValues}. */
  readonly values?: ValueAdapter;
}

/** Loads the package handlebars and makes an engine of it. */
export async function loadHandlebarsEngine(values: ValueAdapter = plainValues): Promise<HandlebarsEngine> {
  const { default: parser } = await import('handlebars');
  return new HandlebarsEngine({ parser, values });
}

/**
 * Templates in the Handlebars language (`.hbs`). Nothing is escaped: what is written is YAML, not HTML. Every source can be
 * run and included by its full name; files whose base name starts with `_`, and inline partials at the top of any file, are
 * partials of their short names too (`_labels` and `labels` for `web/templates/_labels.hbs`).
 */
export class HandlebarsEngine implements TemplateEngine {
  readonly name = 'handlebars';
  readonly #options: HandlebarsEngineOptions;

  constructor(options: HandlebarsEngineOptions) {
    this.#options = options;
  }

  compile(sources: readonly TemplateSource[], options: TemplateEngineOptions): TemplateSet {
    const partials = new Map<string, Partial>();
    for (const source of sources) this.#add(partials, source);
    return this.#set(partials, options);
  }

  #add(partials: Map<string, Partial>, source: TemplateSource): void {
    const program = parseTemplate(source, this.#options.parser);
    for (const name of namesOf(source.name)) partials.set(name, { program, template: source });
    for (const [name, body] of topLevelInlines(program)) partials.set(name, { program: body, template: source });
  }

  /** Runs that a run starts share its budget. */
  #set(partials: ReadonlyMap<string, Partial>, options: TemplateEngineOptions, shared?: Budget): TemplateSet {
    const { functions, strict = false, limits } = options;
    const { values = plainValues } = this.#options;
    return {
      has: (name) => partials.has(name),
      execute: (name, data, { recorder } = {}) => {
        const template = partials.get(name);
        if (template === undefined) throw new PintleError('template-exec', `template "${name}" not defined`);
        const budget = shared ?? new Budget(limits);
        const run: TemplateRun = { set: this.#set(partials, options, budget), recorder };
        const out = new Output(recorder);
        new Interpreter({ functions, partials, values, strict, budget, run }).run(template, data, out);
        recorder?.finish?.(out.text);
        return out.text;
      },
      extend: (source) => {
        const extended = new Map(partials);
        this.#add(extended, source);
        return this.#set(extended, options, shared);
      },
    };
  }
}

/** The names that a file is known by. */
function namesOf(file: string): readonly string[] {
  const base = file.slice(file.lastIndexOf('/') + 1);
  if (!base.startsWith('_')) return [file];
  const short = base.endsWith(EXTENSION) ? base.slice(0, -EXTENSION.length) : base;
  return [file, short, short.slice(1)];
}

function topLevelInlines(program: Program): (readonly [name: string, body: Program])[] {
  return program.body.flatMap((statement) => {
    if (statement.type !== 'DecoratorBlock' || plainName(statement.path) !== 'inline') return [];
    const [name] = statement.params;
    return name?.type === 'StringLiteral' ? [[name.value, statement.program] as const] : [];
  });
}
