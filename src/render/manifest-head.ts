import { PintleError } from '../base/errors.ts';
import { formatFloat } from '../base/go-float.ts';
import { jsonKind } from '../yaml/json-kind.ts';
import { fromYaml } from '../yaml/parse.ts';
import { newObject, sortedKeys } from '../base/json.ts';

/** What Helm reads of a manifest to sort it. helm: release/v1/util.SimpleHead. */
export interface ManifestHead {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
}

const METADATA = 'struct { Name string "json:\\"name\\""; Annotations map[string]string "json:\\"annotations\\"" }';
const NO_ANNOTATIONS: Readonly<Record<string, string>> = Object.freeze({});

/**
 * The head of one document. Throws PintleError `manifest-invalid` in the words of Helm's YAML library.
 *
 * @param path the template that the document comes from
 */
export function readHead(path: string, document: string): ManifestHead {
  const value = parseDocument(path, document);
  const fail = (problem: string): never => {
    const text = `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${problem}`;
    throw invalidManifest(path, text, { file: path, line: 1, source: document });
  };
  if (value === null) return { apiVersion: '', kind: '', name: '', annotations: NO_ANNOTATIONS };
  if (!isRecord(value)) return fail(`${jsonKind(value)} into Go value of type util.SimpleHead`);
  const head = { apiVersion: '', kind: '', name: '', annotations: NO_ANNOTATIONS };
  // Go decodes in the order of the keys, without regard to case.
  for (const key of sortedKeys(value)) {
    const content = value[key];
    const field = key.toLowerCase();
    if (field === 'apiversion' || field === 'kind') {
      const name = field === 'kind' ? 'kind' : 'apiVersion';
      head[name] =
        textOf(content, head[name]) ??
        fail(`${jsonKind(content)} into Go struct field SimpleHead.${name} of type string`);
    } else if (field === 'metadata' && content !== null) {
      if (!isRecord(content)) {
        return fail(`${jsonKind(content)} into Go struct field SimpleHead.metadata of type ${METADATA}`);
      }
      readMetadata(content, head, fail);
    }
  }
  return head;
}

interface MutableHead {
  name: string;
  annotations: Readonly<Record<string, string>>;
}

function readMetadata(metadata: Record<string, unknown>, head: MutableHead, fail: (problem: string) => never): void {
  for (const key of sortedKeys(metadata)) {
    const content = metadata[key];
    const field = key.toLowerCase();
    if (field === 'name') {
      head.name =
        textOf(content, head.name) ?? fail(`${jsonKind(content)} into Go struct field .metadata.name of type string`);
    } else if (field === 'annotations' && content !== null) {
      if (!isRecord(content)) {
        fail(`${jsonKind(content)} into Go struct field .metadata.annotations of type map[string]string`);
      } else head.annotations = readAnnotations(content, fail);
    }
  }
}

function readAnnotations(
  content: Record<string, unknown>,
  fail: (problem: string) => never,
): Readonly<Record<string, string>> {
  const annotations: Record<string, string> = newObject<string>();
  for (const name of sortedKeys(content)) {
    const value = content[name];
    annotations[name] =
      textOf(value, '') ?? fail(`${jsonKind(value)} into Go struct field .metadata.annotations of type string`);
  }
  return annotations;
}

/** A scalar as the YAML library turns it into a Go string; null leaves what was there; undefined for maps and lists. */
function textOf(value: unknown, before: string): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return formatFloat(value, 'g', -1);
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      return value === null ? before : undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseDocument(path: string, document: string): unknown {
  try {
    return fromYaml(document, { file: path, numbers: 'int64-or-float' });
  } catch (error) {
    if (!(error instanceof PintleError)) throw error;
    throw invalidManifest(path, error.message, error.location);
  }
}

function invalidManifest(path: string, problem: string, location: PintleError['location']): PintleError {
  const message = `YAML parse error on ${path}: ${problem}`;
  return new PintleError('manifest-invalid', message, location === undefined ? {} : { location });
}
