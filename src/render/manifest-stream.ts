import { PintleError } from '../base/errors.ts';
import { compareStrings } from '../base/json.ts';
import { type CommentedDocument, type CommentedNode, newNode } from '../yaml/commented-node.ts';
import { parseCommented } from '../yaml/compose-commented.ts';
import { writeCommented } from '../yaml/write-commented.ts';
import { isPartial } from './renderables.ts';
import { isBlank } from './trim-space.ts';

/** Carries a document's file through programs. helm: pkg/action/action.go, filenameAnnotation. */
const FILE_NAME = 'postrenderer.helm.sh/postrender-filename';
/** What kyaml's reader sets and its writer takes away again. */
const READER_ANNOTATIONS = [
  'config.kubernetes.io/index',
  'internal.config.kubernetes.io/index',
  'internal.config.kubernetes.io/seqindent',
];

/**
 * Rendered files as one stream of documents, each with its file's name as an annotation; comments stay.
 * helm: pkg/action/action.go, annotateAndMerge.
 *
 * @throws PintleError `manifest-invalid`
 */
export function mergeManifests(files: ReadonlyMap<string, string>): string {
  const all: CommentedDocument[] = [];
  for (const name of [...files.keys()].sort(compareStrings)) {
    const content = files.get(name) ?? '';
    if (isPartial(name) || isBlank(content)) continue;
    for (const document of failing(`error merging manifests: parsing ${name}`, () =>
      readDocuments(separated(content), name),
    )) {
      failing(`error merging manifests: annotating ${name}`, () => annotate(document.root, FILE_NAME, name));
      all.push(document);
    }
  }
  return writeCommented(all);
}

/**
 * A stream of documents as files again; documents that lost their annotation get a file of their own.
 * helm: pkg/action/action.go, splitAndDeannotate.
 *
 * @throws PintleError `manifest-invalid`
 */
export function splitMerged(stream: string): Map<string, string> {
  const prefix = 'error while parsing post rendered output: error parsing YAML';
  const byFile = new Map<string, CommentedDocument[]>();
  for (const [i, document] of failing(prefix, () => readDocuments(stream, 'post-renderer output')).entries()) {
    const annotations = fieldOf(fieldOf(document.root, 'metadata'), 'annotations');
    const given = fieldOf(annotations, FILE_NAME);
    const known = given === undefined || isNull(given) ? '' : given.value;
    const name = known === '' ? `generated-by-postrender-${i}.yaml` : known;
    removeField(annotations, FILE_NAME);
    clearEmpty(document.root);
    byFile.set(name, [...(byFile.get(name) ?? []), document]);
  }
  return new Map(Array.from(byFile, ([name, documents]) => [name, writeCommented(documents)]));
}

/** A `---` that trimming has drawn to what follows gets its line break back. helm: fixDocSeparators. */
function separated(content: string): string {
  return content.replaceAll(/^---(?=[^\n\r \t])/gm, '---\n');
}

function failing<T>(prefix: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof PintleError)) throw error;
    const { location } = error;
    throw new PintleError('manifest-invalid', `${prefix}: ${error.message}`, {
      cause: error,
      ...(location === undefined ? {} : { location }),
    });
  }
}

/** The documents of a text that hold something; the items of a list that is alone in it. kyaml: kio.ByteReader. */
function readDocuments(text: string, file: string): CommentedDocument[] {
  const parts = splitStream(text.replaceAll('\r\n', '\n'));
  const out: CommentedDocument[] = [];
  for (const { content, line } of parts) {
    const document = placed(line, () => parseCommented(content, file));
    if (document === undefined || isNull(document.root)) continue;
    const { root } = document;
    copyLegacyAnnotations(root);
    clearEmpty(root);
    const kind = fieldOf(root, 'kind')?.value;
    const items = fieldOf(root, 'items');
    const isList = kind === 'List' || kind === 'ResourceList';
    if (parts.length === 1 && isList && (items !== undefined || fieldOf(root, 'functionConfig') !== undefined)) {
      for (const item of items?.items ?? []) out.push({ root: item, head: '', foot: '' });
      continue;
    }
    out.push(document);
  }
  for (const { root } of out) {
    const annotations = fieldOf(fieldOf(root, 'metadata'), 'annotations');
    for (const key of READER_ANNOTATIONS) removeField(annotations, key);
    clearEmpty(root);
  }
  return out;
}

interface Part {
  readonly content: string;
  /** Of its first line, from 0. */
  readonly line: number;
}

/** kyaml: splitDocuments. */
function splitStream(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  let line = 0;
  for (const { 0: separator, index } of text.matchAll(/\n---.*\n/g)) {
    const behind = separator.slice(4).trim();
    if (behind !== '' && !behind.startsWith('#')) {
      throw new PintleError('manifest-invalid', `invalid document separator: ${separator.trim()}`);
    }
    const content = text.slice(from, index + 1);
    parts.push({ content, line });
    line += content.split('\n').length;
    from = index + separator.length;
  }
  if (text !== '') parts.push({ content: text.slice(from), line });
  return parts;
}

/** Failures of a part get their line in the whole. */
function placed<T>(line: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof PintleError)) throw error;
    const { location } = error;
    throw new PintleError('manifest-invalid', `MalformedYAMLError: ${error.message}`, {
      cause: error,
      ...(location?.line === undefined ? {} : { location: { file: location.file, line: location.line + line } }),
    });
  }
}

const NULLS: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL']);

function isNull({ kind, tag, style, value }: CommentedNode): boolean {
  if (kind !== 'scalar') return false;
  return tag === '' ? style === 'plain' && NULLS.has(value) : tag === '!!null';
}

const KINDS: Readonly<Record<CommentedNode['kind'], string>> = {
  scalar: 'ScalarNode',
  mapping: 'MappingNode',
  sequence: 'SequenceNode',
  alias: 'AliasNode',
};

function checkMapping(node: CommentedNode): void {
  if (isNull(node) || node.kind === 'mapping') return;
  const contents = writeCommented([{ root: node, head: '', foot: '' }]);
  throw new PintleError(
    'manifest-invalid',
    `wrong node kind: expected MappingNode but got ${KINDS[node.kind]}: node contents:\n${contents}`,
  );
}

function indexOfField({ items }: CommentedNode, name: string): number {
  for (let i = 0; i + 1 < items.length; i += 2) if (items[i]?.value === name) return i;
  return -1;
}

function fieldOf(node: CommentedNode | undefined, name: string): CommentedNode | undefined {
  if (node?.kind !== 'mapping') return undefined;
  const index = indexOfField(node, name);
  return index === -1 ? undefined : node.items[index + 1];
}

function removeField(node: CommentedNode | undefined, name: string): void {
  if (node?.kind !== 'mapping') return;
  const index = indexOfField(node, name);
  if (index !== -1) node.items.splice(index, 2);
}

/** Takes annotations and metadata away that hold nothing. kyaml: ClearEmptyAnnotations. */
function clearEmpty(root: CommentedNode): void {
  checkMapping(root);
  const metadata = fieldOf(root, 'metadata');
  if (metadata === undefined) return;
  if (metadata.kind !== 'alias') checkMapping(metadata);
  const annotations = fieldOf(metadata, 'annotations');
  if (annotations?.items.length === 0) removeField(metadata, 'annotations');
  if (metadata.items.length === 0) removeField(root, 'metadata');
}

/** kyaml: SetAnnotation. */
function annotate(root: CommentedNode, name: string, value: string): void {
  clearEmpty(root);
  const annotations = made(made(root, 'metadata'), 'annotations');
  checkMapping(annotations);
  const index = indexOfField(annotations, name);
  if (index === -1) {
    annotations.items.push(newNode('scalar', { value: name }), newNode('scalar', { value, style: 'single', tag: '' }));
    return;
  }
  annotations.items[index + 1] = newNode('scalar', { value, style: annotations.items[index + 1]?.style ?? 'plain' });
}

function made(node: CommentedNode, name: string): CommentedNode {
  const known = fieldOf(node, name);
  if (known !== undefined) return known;
  const created = newNode('mapping');
  node.items.push(newNode('scalar', { value: name }), created);
  return created;
}

/** Old names of kyaml's annotations get their new ones beside them, and the other way. kyaml: CopyLegacyAnnotations. */
function copyLegacyAnnotations(root: CommentedNode): void {
  const annotations = fieldOf(fieldOf(root, 'metadata'), 'annotations');
  if (annotations === undefined) return;
  const text = (name: string): string => fieldOf(annotations, name)?.value ?? '';
  for (const [legacy, current] of [
    ['config.kubernetes.io/path', 'internal.config.kubernetes.io/path'],
    ['config.k8s.io/id', 'internal.config.kubernetes.io/id'],
  ] as const) {
    if (text(current) !== '' && text(legacy) === '') annotate(root, legacy, text(current));
    else if (text(current) === '' && text(legacy) !== '') annotate(root, current, text(legacy));
  }
}
