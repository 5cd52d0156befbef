import { type SourceLocation, type SourceText, positionAt } from '../base/source.ts';
import { isMerge } from './decode.ts';
import type { Mark } from './fault.ts';
import type { YamlMapping, YamlNode, YamlPair } from './node.ts';

/** A value in a document; `key` is the node of its key, undefined for the root and entries of sequences. */
export interface FoundNode {
  readonly key: YamlNode | undefined;
  readonly value: YamlNode;
}

/**
 * The node at a path of keys and indices, through aliases and merged mappings; of several equal keys the last one, as it is
 * the one that counts. Undefined if there is none.
 */
export function findNode(root: YamlNode, path: readonly (string | number)[]): FoundNode | undefined {
  let found: FoundNode = { key: undefined, value: root };
  for (const step of path) {
    const node = target(found.value);
    if (node.kind === 'sequence') {
      const value = node.items[Number(step)];
      if (value === undefined) return undefined;
      found = { key: undefined, value };
    } else if (node.kind === 'mapping') {
      const pair = findPair(node, String(step), new Set());
      if (pair === undefined) return undefined;
      found = pair;
    } else {
      return undefined;
    }
  }
  return found;
}

function target(node: YamlNode): YamlNode {
  return node.kind === 'alias' ? target(node.target) : node;
}

function findPair(mapping: YamlMapping, key: string, visited: Set<YamlMapping>): YamlPair | undefined {
  if (visited.has(mapping)) return undefined;
  visited.add(mapping);
  for (const pair of mapping.items.toReversed()) {
    if (isMerge(pair.key)) {
      const merged = findMerged(target(pair.value), key, visited);
      if (merged !== undefined) return merged;
    } else {
      const node = target(pair.key);
      if (node.kind === 'scalar' && node.value === key) return pair;
    }
  }
  return undefined;
}

/** A key in the mapping, or the mappings, that a merge names. */
function findMerged(node: YamlNode, key: string, visited: Set<YamlMapping>): YamlPair | undefined {
  if (node.kind === 'mapping') return findPair(node, key, visited);
  if (node.kind !== 'sequence') return undefined;
  for (const item of node.items) {
    const each = target(item);
    const found = each.kind === 'mapping' ? findPair(each, key, visited) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The place of a mark in the text that was parsed. */
export function locate(mark: Mark, { name, text }: SourceText): SourceLocation {
  const offset = text.charCodeAt(0) === 0xfeff ? mark.offset + 1 : mark.offset;
  return { file: name, ...positionAt(text, Math.min(offset, text.length)), source: text };
}
