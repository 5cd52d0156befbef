import type { TemplateFunction } from './template-function.ts';

/** A template's text; the name is what includes, errors and `# Source:` lines call it (`web/templates/service.yaml`). */
export interface TemplateSource {
  readonly name: string;
  readonly text: string;
}

/** What one set of templates is compiled with. */
export interface TemplateEngineOptions {
  readonly functions: ReadonlyMap<string, TemplateFunction>;
  /** Fail on a missing map key (`--strict`); default: zero value, printed as ''. */
  readonly strict?: boolean;
}

/** Templates that share one namespace, ready to run. */
export interface TemplateSet {
  /** True if a template of that name exists (files and `define`s). */
  has(name: string): boolean;
  /** Runs a template; throws PintleError with the place in the template and the include chain. */
  execute(name: string, data: unknown): string;
}

/** A template language. Implementations: gotemplate/ and handlebars/. */
export interface TemplateEngine {
  readonly name: string;
  /** Parses all sources into one namespace; later definitions of a name win, as in Go. Throws PintleError `template-syntax`. */
  compile(sources: readonly TemplateSource[], options: TemplateEngineOptions): TemplateSet;
}
