import { isScoped, type PathExpression } from './ast.ts';
import type { Scope } from './scope.ts';
import type { ValueAdapter } from './value-adapter.ts';

/** The value that a path leads to, undefined if there is none: names of `as |…|` first, then members of the context. */
export function lookUpPath(path: PathExpression, scope: Scope, values: ValueAdapter): unknown {
  if (path.data) return lookUpData(path, scope, values);
  const { parts, depth } = path;
  const [first, ...rest] = parts;
  if (first !== undefined && depth === 0 && !isScoped(path) && scope.names.has(first)) {
    return walk(scope.names.get(first), rest, values);
  }
  let current: Scope | undefined = scope;
  for (let i = 0; i < depth; i += 1) current = current?.outer;
  return current === undefined ? undefined : walk(current.context, parts, values);
}

/** `@root` and the variables of loops. */
function lookUpData({ parts, depth }: PathExpression, scope: Scope, values: ValueAdapter): unknown {
  const [name = '', ...rest] = parts;
  if (name === 'root') return walk(scope.root, rest, values);
  let loop = scope.loop;
  for (let i = 0; i < depth; i += 1) loop = loop?.outer;
  for (; loop !== undefined; loop = loop.outer) {
    if (loop.variables.has(name)) return walk(loop.variables.get(name), rest, values);
  }
  return undefined;
}

function walk(start: unknown, parts: readonly string[], values: ValueAdapter): unknown {
  let value = start;
  for (const part of parts) {
    if (value === undefined || value === null) return undefined;
    value = values.get(value, part);
  }
  return value;
}
