import { PintleError } from '../base/errors.ts';
import { isObject } from '../base/json.ts';
import type { KubeObject } from '../kube/object.ts';
import { FAILED_WHEN, READY_PATH, READY_WHEN, type RuleTexts } from './custom-readiness-annotations.ts';
import type { Readiness } from './readiness.ts';
import type { Resource } from './resource.ts';

/** Judges an object by its own rules; undefined when it has none, or none that decides. */
export type CustomRule = (object: KubeObject) => Readiness | undefined;

type Expression = (context: Readonly<Record<string, unknown>>) => unknown;

/**
 * Compiles the rules of an object: `pintle.dev/ready-when` and `pintle.dev/failed-when` are expressions in CEL over `self`,
 * `pintle.dev/ready-path` is a path with the value that it must have, `.status.phase=Running`.
 *
 * @throws PintleError `manifest-invalid` for what is no expression
 */
export async function customRule(resource: Resource, texts: RuleTexts): Promise<CustomRule> {
  const ready = await compile(resource, READY_WHEN, texts.readyWhen);
  const failed = await compile(resource, FAILED_WHEN, texts.failedWhen);
  const path = texts.readyPath === undefined ? undefined : parsePath(resource, texts.readyPath);
  return (object) => {
    const context = { self: celValue(object) };
    if (failed !== undefined && holds(failed, context) === true) {
      return { status: 'Failed', message: `${FAILED_WHEN}: ${texts.failedWhen ?? ''}` };
    }
    if (ready !== undefined) {
      const verdict = holds(ready, context);
      if (verdict === true) return { status: 'Current', message: `${READY_WHEN} holds` };
      const why = verdict === false ? (texts.readyWhen ?? '') : verdict;
      return { status: 'InProgress', message: `${READY_WHEN} does not hold: ${why}` };
    }
    if (path !== undefined) {
      const actual = follow(object, path.steps);
      if (path.value === undefined ? actual !== undefined : textOf(actual) === path.value) {
        return { status: 'Current', message: `${READY_PATH} holds` };
      }
      return { status: 'InProgress', message: `${texts.readyPath ?? ''}: it is ${textOf(actual) ?? 'absent'}` };
    }
    return undefined;
  };
}

async function compile(resource: Resource, name: string, text: string | undefined): Promise<Expression | undefined> {
  if (text === undefined) return undefined;
  const { parse } = await import('@marcbachmann/cel-js');
  try {
    return parse(text) as Expression;
  } catch (error) {
    throw invalid(resource, `${name}: ${firstLine(error)}`, error);
  }
}

/** What an expression says, or why it says nothing: fields may not be there yet. */
function holds(expression: Expression, context: Readonly<Record<string, unknown>>): boolean | string {
  try {
    return expression(context) === true;
  } catch (error) {
    return firstLine(error);
  }
}

/** Whole numbers are integers in CEL; JSON does not tell. */
function celValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(celValue);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, celValue(item)]));
}

interface ReadyPath {
  readonly steps: readonly (string | number)[];
  /** Absent: the field must be there. */
  readonly value?: string;
}

const STEP = /\.([A-Za-z0-9_-]+)|\["?'?([^"'\]]+)"?'?\]/y;

function parsePath(resource: Resource, text: string): ReadyPath {
  const match = /^\s*\{?((?:[^={}]|\\=)+)\}?\s*(?:==?\s*(.*?))?\s*$/.exec(text);
  const path = match?.[1]?.trim() ?? '';
  const steps: (string | number)[] = [];
  STEP.lastIndex = 0;
  for (let found = STEP.exec(path); found !== null; found = STEP.exec(path)) {
    const step = found[1] ?? found[2] ?? '';
    steps.push(/^\d+$/.test(step) ? Number(step) : step);
    if (STEP.lastIndex === path.length) {
      return { steps, ...(match?.[2] === undefined ? {} : { value: match[2].replace(/^"(.*)"$/, '$1') }) };
    }
  }
  throw invalid(resource, `${READY_PATH}: "${text}" is no path such as .status.phase=Running`);
}

function follow(object: KubeObject, steps: readonly (string | number)[]): unknown {
  let value: unknown = object;
  for (const step of steps) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[step];
  }
  return value;
}

function textOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}

function invalid(resource: Resource, text: string, cause?: unknown): PintleError {
  return new PintleError('manifest-invalid', `${resource.type.kind} "${resource.key.name}": ${text}`, {
    cause,
    hint: "such rules read like this: self.status.phase == 'Running' && self.status.ready >= 2",
  });
}
