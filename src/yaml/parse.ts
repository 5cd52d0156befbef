import { PintleError } from '../base/errors.ts';
import type { JsonValue } from '../base/json.ts';
import { newObject } from '../base/json.ts';
import { positionAt } from '../base/source.ts';
import { Composer } from './compose.ts';
import { ConversionFault, decodeNode } from './decode.ts';
import { type Mark, YamlFault } from './fault.ts';
import { type YamlInput, prepareInput } from './input.ts';
import { jsonKind } from './json-kind.ts';
import type { YamlNode } from './node.ts';
import type { NumberMode } from './numbers.ts';
import { NOT_QUICK, parseQuick } from './quick.ts';

/** Where a text comes from. */
export interface YamlSource {
  /** File name for errors. */
  readonly file?: string;
}

/** How {@link fromYaml} reads a text. */
export interface FromYamlOptions extends YamlSource {
  /** What Go would decode into: `map` refuses all but mappings, `array` all but sequences; nothing at all is an empty one. */
  readonly target?: 'any' | 'map' | 'array';
  /** Default `float64`, which is what helm's values and template functions hold. */
  readonly numbers?: NumberMode;
  /** Refuse keys that are set twice. */
  readonly strict?: boolean;
}

const GO_TARGETS = { map: 'map[string]interface {}', array: '[]interface {}' } as const;

/**
 * The value of a text's first document, as `sigs.k8s.io/yaml` unmarshals it.
 *
 * @throws PintleError `yaml-syntax` with Go's message and the place
 */
export function fromYaml(text: string, options: FromYamlOptions & { readonly target: 'map' }): Record<string, unknown>;
export function fromYaml(text: string, options: FromYamlOptions & { readonly target: 'array' }): unknown[];
export function fromYaml(text: string, options?: FromYamlOptions): unknown;
export function fromYaml(text: string, options: FromYamlOptions = {}): unknown {
  const value = decodeText(text, options);
  const { target = 'any' } = options;
  if (target === 'any') return value;
  if (value === null) return target === 'map' ? newObject() : [];
  const kind = jsonKind(value);
  if (kind === (target === 'map' ? 'object' : 'array')) return value;
  const problem = `json: cannot unmarshal ${kind} into Go value of type ${GO_TARGETS[target]}`;
  throw new PintleError('yaml-syntax', `error unmarshaling JSON: while decoding JSON: ${problem}`, {
    location: { file: options.file ?? 'yaml', line: 1, source: text },
  });
}

/** A Kubernetes object, or whatever the document holds, as plain JSON; see {@link fromYaml}. */
export function parseManifest(text: string, source: YamlSource = {}): JsonValue {
  return decodeText(text, source) as JsonValue;
}

function decodeText(text: string, options: FromYamlOptions): unknown {
  const { numbers = 'float64', strict = false } = options;
  const input = prepareInput(text);
  if (input.plain && !strict) {
    const value = parseQuick(input.text, numbers);
    if (value !== NOT_QUICK) return value;
  }
  return guarded(input, options, 'error converting YAML to JSON: ', () => {
    const root = new Composer(input).next();
    return root === undefined ? null : decodeNode(root, { numbers, strict });
  });
}

/**
 * The nodes of all documents of a text with their places.
 *
 * @throws PintleError `yaml-syntax` with go-yaml's message
 */
export function parseDocuments(text: string, source: YamlSource = {}): YamlNode[] {
  const input = prepareInput(text);
  return guarded(input, source, '', () => {
    const composer = new Composer(input);
    const out: YamlNode[] = [];
    for (let root = composer.next(); root !== undefined; root = composer.next()) out.push(root);
    return out;
  });
}

function guarded<T>(input: YamlInput, { file }: YamlSource, prefix: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const fault = asFault(error);
    if (fault === undefined) throw error;
    const source = input.text.slice(0, -1);
    const { offset } = fault.mark ?? { offset: 0 };
    const location = { file: file ?? 'yaml', ...positionAt(source, Math.min(offset, source.length)), source };
    throw new PintleError('yaml-syntax', prefix + fault.message, { location, cause: error });
  }
}

function asFault(error: unknown): { message: string; mark: Mark | undefined } | undefined {
  if (error instanceof YamlFault) return { message: error.goMessage(), mark: error.mark };
  if (error instanceof ConversionFault) return { message: error.message, mark: error.node.start };
  // Nesting that exhausts the stack.
  if (error instanceof RangeError) return { message: 'yaml: exceeded max depth of 10000', mark: undefined };
  return undefined;
}
