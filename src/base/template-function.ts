/**
 * The Go type of a function's parameter: the template runtime converts an argument to it as Go's text/template does and
 * words the error when it cannot. In JS terms: `string` string, `bool` boolean, `int`, `int64` and `uint32` bigint
 * (already range-checked), `float64` number, `any` the value as it is, `map[string]any` an object without prototype, `[]any` an
 * array, `[]string` an array of strings, `[]byte` a Uint8Array; a {@link NamedParam} takes values of just that type.
 */
export type ParamType =
  | 'any'
  | 'string'
  | 'bool'
  | 'int'
  | 'int64'
  | 'uint32'
  | 'float64'
  | 'map[string]any'
  | '[]any'
  | '[]string'
  | '[]byte'
  | NamedParam;

/** A type of some package, as `%T` prints it (`time.Time`): takes values of just that type and pointers to them. */
export type NamedParam = `${string}.${string}`;

/**
 * A function that templates can call, as data. A failing call throws an Error whose message is the text that Go's function
 * would return as its error; the runtime adds the place.
 *
 * Values: JS `number` is float64, `bigint` int64, {@link import('./go-int.ts').GoInt} the other integers, null is nil,
 * objects without prototype are `map[string]any`, arrays are `[]any`.
 */
export interface TemplateFunction {
  readonly name: string;
  readonly params: readonly ParamType[];
  /** The last parameter takes any number of arguments. */
  readonly variadic?: boolean;
  /** The call receives a `TemplateRun` (template-engine.ts) before its arguments (`include`, `tpl`). */
  readonly contextual?: boolean;
  readonly call: (...args: never[]) => unknown;
}
