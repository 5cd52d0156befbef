import type { TemplateFunction } from './template-function.ts';

/** A template's text; the name is what includes, errors and `# Source:` lines call it (`web/templates/service.yaml`). */
export interface TemplateSource {
  readonly name: string;
  readonly text: string;
}

/** What one set of templates is compiled with. */
export interface TemplateEngineOptions {
  readonly functions: ReadonlyMap<string, TemplateFunction>;
  /** Fail on a missing map key (`--strict`); default: zero value, printed as `<no value>` where there is none. */
  readonly strict?: boolean;
  readonly limits?: TemplateLimits;
}

/** Bounds for templates from strangers; a run that exceeds one fails with `template-exec`. Default: none. */
export interface TemplateLimits {
  /** Loop iterations and template calls of one run. */
  readonly steps?: number;
  /** UTF-16 units of output of one run. */
  readonly output?: number;
  /** Includes of one name inside of each other; default 1000, as in Helm. Less where the engine's stack ends first. */
  readonly depth?: number;
}

/** Limits that no chart of good will reaches, for those who do not set their own. */
export const DEFAULT_TEMPLATE_LIMITS = {
  steps: 100_000_000,
  output: 256 * 1024 * 1024,
  depth: 1000,
} as const satisfies Required<TemplateLimits>;

/** A statement of a template that is run; the object is the same each time. */
export interface TracedStatement {
  readonly kind: 'action' | 'if' | 'with' | 'range' | 'template';
  /** The template's source, as errors call it. */
  readonly source: string;
  /** The text of that source. */
  readonly text: string;
  /** Where the statement stands in the text: at its opening braces or inside of them. */
  readonly offset: number;
}

/** Which part of a block runs; `else` also stands for what is left out. */
export type Branch = 'body' | 'else';

/**
 * Receives which part of a template each part of the output comes from. Whoever has the methods beside `record` also learns
 * which statements run, in their nesting: {@link enter} and {@link leave} come in pairs unless the run fails.
 */
export interface OutputRecorder {
  /** Output from `start` to `end` (UTF-16 offsets) was written by what stands at `offset` of a source's text. */
  record(start: number, end: number, source: string, offset: number): void;
  /** A statement begins; what is read from now on it reads, or statements inside of it. */
  enter?(statement: TracedStatement): void;
  /** The statement that began last ends. */
  leave?(): void;
  /** The block that began last goes on so. */
  branch?(branch: Branch): void;
  /** The loop that began last goes on with the element at this position of a list, or of the sorted keys of a map. */
  element?(container: unknown, position: number): void;
  /**
   * The statement that began last reads variables, or the dot as it is.
   *
   * @param scope stands for one run of one template; variables of a scope are told apart by number
   */
  use?(scope: object, variables: readonly number[], dot: boolean): void;
  /** The statement that began last sets variables. */
  assign?(scope: object, variables: readonly number[]): void;
  /** A recorder for a run that the statement which began last starts (`include`, `tpl`); `text` is what `tpl` runs. */
  nested?(template: string, text?: string): OutputRecorder;
  /** The run is over and gave this. */
  finish?(output: string): void;
}

/** How one template is run. */
export interface ExecuteOptions {
  /** Absent: nothing is recorded, at no cost. */
  readonly recorder?: OutputRecorder;
}

/** What a contextual function learns of the run that calls it. */
export interface TemplateRun {
  /** The set that the running template was started from: inside `tpl` the extended one. */
  readonly set: TemplateSet;
  /** What records the run. */
  readonly recorder?: OutputRecorder | undefined;
}

/** Templates that share one namespace, ready to run. */
export interface TemplateSet {
  /** True if a template of that name exists (files and `define`s). */
  has(name: string): boolean;
  /** Runs a template; throws PintleError with the place in the template and the include chain. */
  execute(name: string, data: unknown, options?: ExecuteOptions): string;
  /** This set with one more source, as Helm's `tpl` makes it; this set stays as it is. */
  extend(source: TemplateSource): TemplateSet;
}

/** A template language. Implementations: gotemplate/ and handlebars/. */
export interface TemplateEngine {
  readonly name: string;
  /** Parses all sources into one namespace; later definitions of a name win, as in Go. Throws PintleError `template-syntax`. */
  compile(sources: readonly TemplateSource[], options: TemplateEngineOptions): TemplateSet;
}
