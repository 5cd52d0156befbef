import { PintleError } from '../../base/errors.ts';
import { positionAt } from '../../base/source.ts';
import { findNode } from '../../yaml/find-node.ts';
import type { YamlNode } from '../../yaml/node.ts';
import { parseDocuments } from '../../yaml/parse.ts';
import type { RenderResult } from '../render-chart.ts';
import { fieldPathText, type FieldStep, parseFieldPath, parseObjectSelector, pathBehind } from './object-selector.ts';
import type { RenderTrace } from './render-trace.ts';
import { documentsIn, type Origin, SourceMap } from './source-map.ts';
import type { ValuePath } from './value-path.ts';
import type { ValueOrigin, ValueOriginFinder } from './value-origins.ts';
import type { ValueRead } from './watch-values.ts';

/** A value that went into a field, with the places that set it. */
export interface ExplainedValue extends ValueRead {
  /** The one that counts first. */
  readonly origins: readonly ValueOrigin[];
}

/** A field of a rendered object and where it comes from. */
export interface ExplainedField {
  readonly kind: string;
  readonly name: string;
  /** `.spec.replicas` */
  readonly path: string;
  /** As it stands in the manifest; for scalars their text. */
  readonly value: string;
  /** The template whose output holds it, with the line in that output. */
  readonly template: string;
  readonly line: number;
  readonly origins: readonly Origin[];
  readonly values: readonly ExplainedValue[];
}

/** A rendered object with its place in the output of its template. */
export interface PlacedObject {
  readonly kind: string;
  readonly name: string;
  readonly template: string;
  readonly content: string;
  /** UTF-16 offset in the output. */
  readonly start: number;
}

/** What explaining works with. */
export interface ExplainInput {
  readonly result: RenderResult;
  readonly trace: RenderTrace;
  readonly origins: ValueOriginFinder;
}

/** All objects of a render, hooks too, in the order of their templates. */
export function placedObjects({ templates, manifests, hooks }: RenderResult): PlacedObject[] {
  const heads = new Map<string, { readonly kind: string; readonly name: string }>();
  for (const { name, content, head } of manifests) heads.set(`${name}\0${content}`, head);
  for (const { path, manifest, kind, name } of hooks) heads.set(`${path}\0${manifest}`, { kind, name });
  const out: PlacedObject[] = [];
  for (const [template, text] of templates) {
    for (const { content, start } of documentsIn(text)) {
      const head = heads.get(`${template}\0${content}`);
      if (head !== undefined) out.push({ kind: head.kind, name: head.name, template, content, start });
    }
  }
  return out;
}

/**
 * Where fields come from: the one that the selector (`KIND/NAME.path`) names, or all below it.
 *
 * @throws PintleError `usage`, `not-found`
 */
export function explainFields(selector: string, input: ExplainInput): ExplainedField[] {
  const parsed = parseObjectSelector(selector);
  const objects = placedObjects(input.result);
  const named = objects.flatMap((object) => {
    const path = pathBehind(parsed, object);
    return path === undefined ? [] : [{ object, path }];
  });
  // Of `web` and `web.db` the longer name is meant.
  const longest = Math.max(0, ...named.map(({ object }) => object.name.length));
  const meant = named.filter(({ object }) => object.name.length === longest);
  if (meant.length === 0) throw noObject(selector, parsed.kind, objects);
  const map = new SourceMap(input.trace);
  const fields = meant.flatMap(({ object, path }) => explainObject(object, parseFieldPath(path), { ...input, map }));
  if (fields.length === 0) throw new PintleError('not-found', `${selector}: the object has no such field`);
  return fields;
}

function noObject(selector: string, kind: string, objects: readonly PlacedObject[]): PintleError {
  const alike = objects.filter((object) => object.kind.toLowerCase() === kind.toLowerCase());
  const shown = (alike.length > 0 ? alike : objects).slice(0, 20).map((object) => `${object.kind}/${object.name}`);
  return new PintleError('not-found', `${selector}: the chart renders no such object`, {
    hint: shown.length === 0 ? 'the chart renders nothing' : `there are: ${shown.join(', ')}`,
  });
}

interface Workshop extends ExplainInput {
  readonly map: SourceMap;
}

function explainObject(object: PlacedObject, steps: readonly FieldStep[], workshop: Workshop): ExplainedField[] {
  const [root] = parseDocuments(object.content, { file: object.template });
  if (root === undefined) return [];
  const path = resolveSteps(root, steps);
  const found = path === undefined ? undefined : findNode(root, path);
  if (found === undefined || path === undefined) return [];
  return leavesOf(found.value, path, found.key).map((leaf) => explainLeaf(object, leaf, workshop));
}

/** Steps that look for an element by a field become its index. */
function resolveSteps(root: YamlNode, steps: readonly FieldStep[]): (string | number)[] | undefined {
  const path: (string | number)[] = [];
  for (const step of steps) {
    if (typeof step !== 'object') {
      path.push(step);
      continue;
    }
    const list = findNode(root, path)?.value;
    if (list?.kind !== 'sequence') return undefined;
    const index = list.items.findIndex((item) => {
      const field = findNode(item, [step.by])?.value;
      return field?.kind === 'scalar' && field.value === step.value;
    });
    if (index === -1) return undefined;
    path.push(index);
  }
  return path;
}

interface Leaf {
  readonly path: readonly (string | number)[];
  readonly node: YamlNode;
  readonly key: YamlNode | undefined;
}

/** The scalars below a node, and collections that are empty. */
function leavesOf(node: YamlNode, path: readonly (string | number)[], key: YamlNode | undefined): Leaf[] {
  if (node.kind === 'mapping' && node.items.length > 0) {
    return node.items.flatMap((pair) => leavesOf(pair.value, [...path, keyText(pair.key)], pair.key));
  }
  if (node.kind === 'sequence' && node.items.length > 0) {
    return node.items.flatMap((item, i) => leavesOf(item, [...path, i], undefined));
  }
  return [{ path, node, key }];
}

function keyText(key: YamlNode): string {
  const target = key.kind === 'alias' ? key.target : key;
  return target.kind === 'scalar' ? target.value : '?';
}

function explainLeaf(object: PlacedObject, { path, node, key }: Leaf, { map, origins }: Workshop): ExplainedField {
  const { content, start, template, kind, name } = object;
  const from = node.start.offset;
  const to = node.kind === 'scalar' ? node.end.offset : from + 1;
  // What was to be the value may have been nothing.
  const place = from === to ? { from: key?.start.offset ?? from, to: lineEnd(content, to) } : { from, to };
  const found = dropEqual(map.origins(template, start + place.from, start + place.to));
  const scalar = node.kind === 'scalar' ? node.value : undefined;
  const reads = found.flatMap((origin) => relevantReads(origin.reads, path, scalar));
  const values = [...new Map(reads.map((read) => [JSON.stringify(read.path), read])).values()];
  return {
    kind,
    name,
    path: fieldPathText(path),
    value: scalar ?? content.slice(from, from + 2),
    template,
    line: positionAt(content, place.from).line,
    origins: found,
    values: values.map((read) => ({ ...read, origins: origins(read.path) })),
  };
}

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end === -1 ? text.length : end;
}

/** A long text is written by many segments of one statement or line; text around an action is left out. */
function dropEqual(origins: readonly Origin[]): Origin[] {
  const lineOf = ({ location }: Origin): string => `${location.file}:${location.line}`;
  const actions = new Set(origins.filter(({ kind }) => kind === 'action').map(lineOf));
  const seen = new Set<string>();
  return origins.filter((origin) => {
    if (origin.kind === 'text' && actions.has(lineOf(origin))) return false;
    const key = `${lineOf(origin)}:${origin.code}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}

/**
 * The values of a field among those that its statement read: an action that prints a whole map reads all of it, but the
 * field comes from the entry of its own name.
 */
function relevantReads(reads: readonly ValueRead[], path: ValuePath, scalar: string | undefined): readonly ValueRead[] {
  if (reads.length < 2 || scalar === undefined) return reads;
  const scored = reads.map((read) => ({ read, score: commonEnd(read.path, path) }));
  const best = Math.max(...scored.map(({ score }) => score));
  if (best === 0) return reads;
  const top = scored.filter(({ score }) => score === best).map(({ read }) => read);
  return top.some(({ value }) => String(value) === scalar) ? top : reads;
}

function commonEnd(a: ValuePath, b: ValuePath): number {
  let length = 0;
  while (length < a.length && length < b.length && String(a.at(-1 - length)) === String(b.at(-1 - length))) length += 1;
  return length;
}
