import { PintleError } from '../../base/errors.ts';
import type { SourceLocation, SourceText } from '../../base/source.ts';
import { decodeNode } from '../../yaml/decode.ts';
import { findNode, locate } from '../../yaml/find-node.ts';
import type { YamlNode } from '../../yaml/node.ts';
import { parseDocuments } from '../../yaml/parse.ts';
import type { ValuePath } from './value-path.ts';

/** What a file says of a path. */
export interface YamlFinding {
  /** Where the key stands, or the entry of a list; for a path that leads nowhere, what is in its way. */
  readonly location: SourceLocation;
  readonly value?: { readonly content: unknown };
  /** Something else than a map stands on the way. */
  readonly hides: boolean;
}

/** Texts of which places are asked for; each is parsed once. */
export class YamlPlaces {
  readonly #parsed = new Map<string, readonly YamlNode[]>();

  /** The place of a path in a text; of several documents the last that has it. Undefined: the text says nothing of it. */
  find(text: string, name: string, path: ValuePath): YamlFinding | undefined {
    for (const root of this.#documents(text).toReversed()) {
      const found = findIn(root, path, { name, text });
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #documents(text: string): readonly YamlNode[] {
    let known = this.#parsed.get(text);
    if (known === undefined) {
      known = parse(text);
      this.#parsed.set(text, known);
    }
    return known;
  }
}

function findIn(root: YamlNode, path: ValuePath, source: SourceText): YamlFinding | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const found = findNode(root, path.slice(0, length));
    if (found === undefined) continue;
    const location = locate((found.key ?? found.value).start, source);
    const target = found.value.kind === 'alias' ? found.value.target : found.value;
    if (length === path.length) return { location, value: { content: contentOf(target) }, hides: false };
    return target.kind === 'mapping' ? undefined : { location, hides: true };
  }
  return undefined;
}

/** Texts that are no YAML have been refused elsewhere. */
function parse(text: string): readonly YamlNode[] {
  try {
    return parseDocuments(text);
  } catch (error) {
    if (error instanceof PintleError) return [];
    throw error;
  }
}

function contentOf(node: YamlNode): unknown {
  try {
    return decodeNode(node, { numbers: 'float64', strict: false });
  } catch {
    return null;
  }
}
