import type { ParamType, TemplateFunction } from '../base/template-function.ts';

/** A template function of fixed arity. */
export function define(
  name: string,
  params: readonly ParamType[],
  call: (...args: never[]) => unknown,
): TemplateFunction {
  return { name, params, call };
}

/** A template function whose last parameter takes any number of arguments. */
export function defineVariadic(
  name: string,
  params: readonly ParamType[],
  call: (...args: never[]) => unknown,
): TemplateFunction {
  return { name, params, variadic: true, call };
}

/** The same function under its second name. */
export function alias(name: string, original: TemplateFunction): TemplateFunction {
  return { ...original, name };
}
