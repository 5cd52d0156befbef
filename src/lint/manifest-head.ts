import { decodeStruct, type GoStruct } from '../chart/decode-struct.ts';
import { fromYaml } from '../yaml/index.ts';
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
 * The heads of the documents in a text, one after the other; undefined for documents without content.
 * apimachinery: pkg/util/yaml/decoder.go.
 *
 * @throws Error with the text of the libraries that Helm reads with
 */
export function* manifestHeads(text: string): Generator<ManifestHead | undefined> {
  const whole = wholeJson(text);
  if (whole !== undefined) {
    yield headOf(whole);
    return;
  }
  for (const document of documents(text)) {
    const value = fromYaml(document, { numbers: 'exact' });
    yield value === null ? undefined : headOf(value);
  }
}

function wholeJson(text: string): unknown {
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
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
