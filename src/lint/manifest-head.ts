import { PintleError } from '../base/errors.ts';
import { decodeStruct, type GoStruct } from '../chart/decode-struct.ts';
import { decodeJson, fromYaml } from '../yaml/index.ts';
import { messageOf } from './message-of.ts';

/** The fields of a manifest that rules look at; '' where there are none. */
export interface ManifestHead {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

const METADATA: GoStruct = {
  kind: 'struct',
  name: 'k8sYamlMetadata',
  goType: 'rules.k8sYamlMetadata',
  fields: { Namespace: { kind: 'string' }, Name: { kind: 'string' } },
};

const HEAD: GoStruct = {
  kind: 'struct',
  name: 'k8sYamlStruct',
  goType: 'rules.k8sYamlStruct',
  fields: { apiVersion: { kind: 'string' }, Kind: { kind: 'string' }, Metadata: METADATA },
};

/**
 * The heads of the documents in a text, one after the other; undefined for documents without content. A text that begins
 * with a brace is read as JSON first. apimachinery: pkg/util/yaml/decoder.go.
 *
 * @throws Error with the text of the libraries that Helm reads with
 */
export function* manifestHeads(text: string): Generator<ManifestHead | undefined> {
  let rest = text;
  let jsonFault: string | undefined;
  let count = 0;
  for (let isJson = /^\s*\{/.test(text); isJson; ) {
    if (rest.trim() === '') return;
    const first = readFirst(rest);
    if ('fault' in first) {
      // More than one value makes it a stream of JSON, which cannot go on as YAML.
      if (count > 1) throw new Error(first.message);
      jsonFault = first.fault;
      rest = rest.replace(/^[^\S\n]*\n?/, '');
      isJson = false;
    } else {
      count += 1;
      yield first.head;
      ({ rest } = first);
    }
  }
  for (const document of documents(rest)) {
    const head = readDocument(document, jsonFault);
    jsonFault = undefined;
    yield head;
  }
}

function readDocument(document: string, jsonFault: string | undefined): ManifestHead | undefined {
  try {
    const value = fromYaml(document, { numbers: 'exact' });
    return value === null ? undefined : headOf(value);
  } catch (error) {
    // Where neither reads the text, the first one's word counts.
    throw jsonFault === undefined ? error : new Error(jsonFault, { cause: error });
  }
}

type First =
  | { readonly head: ManifestHead; readonly rest: string }
  | { readonly fault: string; readonly message: string };

/** The first JSON value of a text that may hold several. */
function readFirst(text: string): First {
  let end = text.length;
  for (;;) {
    try {
      return { head: headOf(decodeJson(text.slice(0, end))), rest: text.slice(end) };
    } catch (error) {
      if (!(error instanceof PintleError)) {
        const message = messageOf(error instanceof Error ? error.cause : error);
        return { fault: message, message };
      }
      const at = offsetOf(error, text);
      if (end < text.length || !error.message.includes('after top-level value')) {
        return { fault: jsonError(error, text, at), message: error.message };
      }
      end = at;
    }
  }
}

function jsonError(error: PintleError, text: string, at: number): string {
  if (error.message.includes('unexpected end of JSON input')) return 'unexpected EOF';
  return `json: offset ${Buffer.byteLength(text.slice(0, at)) + 1}: ${error.message}`;
}

function offsetOf({ location }: PintleError, text: string): number {
  const line = location?.line ?? 1;
  let start = 0;
  for (let n = 1; n < line; n += 1) start = text.indexOf('\n', start) + 1;
  return start + (location?.column ?? 1) - 1;
}

/** A line that begins with `---` ends a document; only a comment may follow on it. */
function* documents(text: string): Generator<string> {
  let lines: string[] = [];
  for (const line of text.split('\n')) {
    if (!line.startsWith('---')) {
      lines.push(line);
      continue;
    }
    const after = line.slice(3).trim();
    if (after !== '' && !after.startsWith('#')) throw new Error(`invalid Yaml document separator: ${after}`);
    if (lines.length > 0) yield lines.join('\n');
    lines = [];
  }
  if (lines.length > 0) yield lines.join('\n');
}

function headOf(value: unknown): ManifestHead {
  let read: { apiVersion?: string; Kind?: string; Metadata?: { Name?: string } };
  try {
    read = decodeStruct(value, HEAD);
  } catch (error) {
    throw new Error(`error unmarshaling JSON: while decoding JSON: ${messageOf(error)}`, { cause: error });
  }
  return { apiVersion: read.apiVersion ?? '', kind: read.Kind ?? '', name: read.Metadata?.Name ?? '' };
}
