import { isObject } from '../base/json.ts';

type Step = (values: readonly unknown[]) => unknown[];

/** A path that has been read: gives what it leads to. */
export type JsonPath = (value: unknown) => readonly unknown[];

/**
 * Reads a simple JSONPath as printer columns use it: `.spec.replicas`, `.metadata.labels.app\.kubernetes\.io/name`,
 * `.spec.ports[*].port`, `.status.conditions[?(@.type=="Ready")].status`, `['a.b']`. Undefined for paths that are none.
 * client-go: util/jsonpath
 */
export function parseJsonPath(path: string): JsonPath | undefined {
  const text = path.startsWith('{') && path.endsWith('}') ? path.slice(1, -1) : path;
  const steps: Step[] = [];
  let rest = text.startsWith('$') ? text.slice(1) : text;
  while (rest !== '') {
    const read = readStep(rest);
    if (read === undefined) return undefined;
    steps.push(read.step);
    rest = read.rest;
  }
  return (value) => steps.reduce<readonly unknown[]>((values, step) => step(values), [value]);
}

function readStep(text: string): { readonly step: Step; readonly rest: string } | undefined {
  const field = /^\.?((?:\\.|[^.[\]\\])+)/.exec(text);
  if (text.startsWith('[')) return readBracket(text);
  if (field === null) return text === '.' ? { step: (values) => [...values], rest: '' } : undefined;
  const name = (field[1] ?? '').replace(/\\(.)/g, '$1');
  const rest = text.slice(field[0].length);
  return { step: name === '*' ? children : fieldStep(name), rest };
}

function readBracket(text: string): { readonly step: Step; readonly rest: string } | undefined {
  const quoted = /^\['([^']*)'\]/.exec(text);
  if (quoted !== null) return { step: fieldStep(quoted[1] ?? ''), rest: text.slice(quoted[0].length) };
  const index = /^\[(-?\d+|\*)\]/.exec(text);
  if (index !== null) {
    const at = index[1] ?? '*';
    return { step: at === '*' ? children : indexStep(Number(at)), rest: text.slice(index[0].length) };
  }
  const filter = /^\[\?\(\s*@((?:\\.|[^=!<>\s])*)\s*(==|!=)\s*(?:"([^"]*)"|'([^']*)'|([^)\s]+))\s*\)\]/.exec(text);
  if (filter === null) return undefined;
  const [all, path = '', operator, double, single, bare] = filter;
  const inner = parseJsonPath(path);
  if (inner === undefined) return undefined;
  const wanted = double ?? single ?? bare ?? '';
  const fits = (item: unknown): boolean => inner(item).some((value) => plain(value) === wanted) === (operator === '==');
  return { step: (values) => children(values).filter(fits), rest: text.slice(all.length) };
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function children(values: readonly unknown[]): unknown[] {
  return values.flatMap((value) => (Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []));
}

function fieldStep(name: string): Step {
  return (values) => values.flatMap((value) => (isObject(value) && Object.hasOwn(value, name) ? [value[name]] : []));
}

function indexStep(index: number): Step {
  return (values) =>
    values.flatMap((value) => (Array.isArray(value) ? value.slice(index, index + 1 || undefined) : []));
}
