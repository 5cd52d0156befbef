import type { Branch, OutputRecorder, TemplateSource, TracedStatement } from '../../base/template-engine.ts';
import { Step, type Segment, type TracedOutput } from './traced-output.ts';
import { pathOf, unwatched, watchValues, type ValueRead } from './watch-values.ts';
import { sortedKeys } from '../../base/json.ts';

/** What has become of a statement or a piece of text that ran, over all renders. */
export interface Reached {
  body: boolean;
  else: boolean;
}

/** A template file and its language. */
export interface TracedSource extends TemplateSource {
  readonly engine: 'gotemplate' | 'handlebars';
}

type Values = Record<string, unknown>;

/** Follows a render: which statements run, which values they read and what they write. Can be used for several renders. */
export class RenderTrace {
  /** What ran: by source, then by offset of the statement or text. */
  readonly reached = new Map<string, Map<number, Reached>>();
  #outputs = new Map<string, TracedOutput>();
  readonly #sources = new Map<string, TracedSource>();
  #open: Step | undefined;
  #running = false;
  #lastRead: ValueRead | undefined;
  #variables = new WeakMap<object, Map<number, Step>>();

  /** Begins with a render; what was learned of the one before is forgotten, but for {@link reached} and {@link sources}. */
  begin(sources: readonly TracedSource[]): void {
    this.#outputs = new Map();
    for (const source of sources) this.#sources.set(source.name, source);
    this.#open = undefined;
    this.#running = false;
    this.#lastRead = undefined;
    this.#variables = new WeakMap();
  }

  /** The output of each template, by path. */
  get outputs(): ReadonlyMap<string, TracedOutput> {
    return this.#outputs;
  }

  /** The text of a template's file. */
  sourceText(name: string): string | undefined {
    return this.#sources.get(name)?.text;
  }

  /** The templates of all renders. */
  get sources(): Iterable<TracedSource> {
    return this.#sources.values();
  }

  /** The statement at which the render stopped, if it failed. */
  get failedAt(): Step | undefined {
    return this.#open;
  }

  /** What the statement at which the render stopped read last. */
  get lastRead(): ValueRead | undefined {
    return this.#lastRead;
  }

  /** Values whose reads are noticed. */
  watch(values: Values): Values {
    return watchValues(values, (read) => {
      if (!this.#running) return;
      this.#lastRead = read;
      this.#open?.read(read);
    });
  }

  recorderFor(template: string): OutputRecorder {
    this.#running = true;
    this.#open = undefined;
    return this.#recorder(template, undefined, (output) => {
      this.#running = false;
      this.#outputs.set(template, output);
    });
  }

  #recorder(template: string, sourceText: string | undefined, done: (output: TracedOutput) => void): OutputRecorder {
    const segments: Segment[] = [];
    return {
      record: (start, end, source, offset) => {
        const step = this.#open;
        const isText = step?.statement.offset !== offset || step.statement.source !== source;
        segments.push({ start, end, source, offset, isText, step });
        if (isText) this.#reach(source, offset);
      },
      enter: (statement) => this.#enter(statement),
      leave: () => {
        this.#open = this.#open?.parent;
      },
      branch: (branch) => this.#branch(branch),
      element: (container, position) => this.#element(container, position),
      use: (scope, variables, dot) => this.#use(scope, variables, dot),
      assign: (scope, variables) => this.#assign(scope, variables),
      nested: (name, text) => {
        const parent = this.#open;
        return this.#recorder(name, text, (output) => parent?.nested.push(output));
      },
      finish: (text) => done({ template, sourceText, text, segments }),
    };
  }

  #enter(statement: TracedStatement): void {
    this.#open = new Step(statement, this.#open);
    this.#lastRead = undefined;
    this.#reach(statement.source, statement.offset);
  }

  #reach(source: string, offset: number): void {
    let offsets = this.reached.get(source);
    if (offsets === undefined) {
      offsets = new Map();
      this.reached.set(source, offsets);
    }
    if (!offsets.has(offset)) offsets.set(offset, { body: false, else: false });
  }

  #branch(branch: Branch): void {
    const step = this.#open;
    if (step === undefined) return;
    step.branch = branch;
    const reached = this.reached.get(step.statement.source)?.get(step.statement.offset);
    if (reached !== undefined) reached[branch] = true;
  }

  #element(container: unknown, position: number): void {
    const path = pathOf(container);
    if (this.#open === undefined) return;
    this.#open.element = undefined;
    if (path === undefined) return;
    const plain = unwatched(container) as Values | readonly unknown[];
    const key = Array.isArray(plain) ? position : (sortedKeys(plain)[position] ?? '');
    const value: unknown = Array.isArray(plain) ? plain[position] : (plain as Values)[key];
    this.#open.element = { path: [...path, key], value };
  }

  #use(scope: object, variables: readonly number[], dot: boolean): void {
    const step = this.#open;
    if (step === undefined) return;
    for (const variable of variables) {
      const from = this.#variables.get(scope)?.get(variable);
      if (from !== undefined && from !== step) step.indirect.push(...given(from));
    }
    if (!dot) return;
    for (let outer = step.parent; outer !== undefined; outer = outer.parent) {
      if (outer.statement.kind === 'range' || outer.statement.kind === 'with') {
        step.indirect.push(...given(outer));
        return;
      }
    }
  }

  #assign(scope: object, variables: readonly number[]): void {
    const step = this.#open;
    if (step === undefined) return;
    let known = this.#variables.get(scope);
    if (known === undefined) {
      known = new Map();
      this.#variables.set(scope, known);
    }
    for (const variable of variables) known.set(variable, step);
  }
}

/** What a statement gives on by its variables or its dot. */
function given(step: Step): readonly ValueRead[] {
  return step.element === undefined ? step.allReads : [step.element];
}
