import { newObject } from '../base/json.ts';
import type { ExecuteOptions, TemplateRun, TemplateSet } from '../base/template-engine.ts';
import type { TemplateFunction } from '../base/template-function.ts';
import { quote } from '../gotemplate/runtime/quote.ts';
import { goValue } from './go-objects.ts';

/** Finds an object of the cluster; an empty object if there is none, a list if the name is ''. */
export type Lookup = (apiVersion: string, kind: string, namespace: string, name: string) => unknown;

/** What the functions of one render work with. */
export interface RenderFunctionOptions {
  /** The set of any template language that has a template of this name. */
  readonly setOf: (name: string) => TemplateSet | undefined;
  readonly lookup: Lookup | undefined;
  /** `required` and `fail` do not fail; what they would have said goes to the listener. */
  readonly lenient: ((message: string) => void) | undefined;
  /** Nested includes of one name that are allowed. helm: engine.recursionMaxNums. */
  readonly maxDepth: number;
}

/** Marks around a message that stands for the whole error. helm: engine.warnWrap. */
const WARN_START = 'HELM_ERR_START';
const WARN_END = 'HELM_ERR_END';

/** The message inside an error of `fail` or `required`; undefined in others. */
export function warningIn(message: string): string | undefined {
  const start = message.indexOf(WARN_START);
  const end = message.lastIndexOf(WARN_END);
  return start === -1 || end < start ? undefined : message.slice(start + WARN_START.length, end);
}

function warning(message: string): Error {
  return new Error(WARN_START + message + WARN_END);
}

/** The functions that need a renderer: include, tpl, required, fail and lookup. helm: Engine.initFunMap. */
export function renderFunctions(options: RenderFunctionOptions): readonly TemplateFunction[] {
  const { lookup, lenient } = options;
  return [
    {
      name: 'include',
      params: ['string', 'any'],
      contextual: true,
      call: includeFunction(options),
    },
    { name: 'tpl', params: ['string', 'any'], contextual: true, call: tpl },
    {
      name: 'required',
      params: ['string', 'any'],
      call: (message: string, value: unknown) => {
        if (value !== null && value !== '') return value;
        if (lenient === undefined) throw warning(message);
        lenient(message);
        return '';
      },
    },
    {
      name: 'fail',
      params: ['string'],
      call: (message: string) => {
        if (lenient === undefined) throw warning(message);
        lenient(message);
        return '';
      },
    },
    {
      name: 'lookup',
      params: ['string', 'string', 'string', 'string'],
      call: (apiVersion: string, kind: string, namespace: string, name: string) => {
        if (lookup === undefined || lenient !== undefined) return newObject();
        return goValue(lookup(apiVersion, kind, namespace, name));
      },
    },
  ];
}

function includeFunction({
  setOf,
  maxDepth,
}: RenderFunctionOptions): (run: TemplateRun, name: string, data: unknown) => string {
  const open = new Map<string, number>();
  return (run, name, data) => {
    const count = open.get(name) ?? 0;
    if (count > maxDepth) throw nestedReference(name);
    open.set(name, count + 1);
    const set = run.set.has(name) ? run.set : (setOf(name) ?? run.set);
    try {
      return set.execute(name, data, recording(run, name));
    } catch (error) {
      // The outermost include reports, since a chain of a thousand helps nobody.
      const recursion = error instanceof RangeError && (open.get(name) ?? 0) === 1;
      throw recursion ? nestedReference(name, error) : error;
    } finally {
      open.set(name, count);
    }
  };
}

/** What is run inside of a recorded run is recorded too. */
function recording({ recorder }: TemplateRun, name: string, text?: string): ExecuteOptions {
  const nested = recorder?.nested?.(name, text);
  return nested === undefined ? {} : { recorder: nested };
}

function nestedReference(name: string, cause?: RangeError): Error {
  const message = `rendering template has a nested reference name: ${name}: unable to execute template`;
  return new Error(message, { cause });
}

/** The name that text given to `tpl` has in errors. */
const TPL_NAME = 'gotpl';

function tpl(run: TemplateRun, text: string, data: unknown): string {
  let set: TemplateSet;
  try {
    set = run.set.extend({ name: TPL_NAME, text });
  } catch (error) {
    throw new Error(`cannot parse template ${quote(text)}: ${(error as Error).message}`, { cause: error });
  }
  try {
    return withoutNoValue(set.execute(TPL_NAME, data, recording(run, TPL_NAME, text)));
  } catch (error) {
    if (error instanceof RangeError) throw error;
    const message = `error during tpl function execution for ${quote(text)}: ${(error as Error).message}`;
    throw new Error(message, { cause: error });
  }
}

/** Go prints a missing value of unknown type as `<no value>`; Helm takes that away. */
export function withoutNoValue(text: string): string {
  return text.includes('<no value>') ? text.replaceAll('<no value>', '') : text;
}
