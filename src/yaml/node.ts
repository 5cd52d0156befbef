import type { Mark } from './fault.ts';
import type { ScalarStyle } from './token.ts';

interface YamlNodeBase {
  /** The tag in full (`tag:yaml.org,2002:str`, `!foo`), '' if none is written. */
  readonly tag: string;
  /** Name of the anchor, '' if there is none. */
  readonly anchor: string;
  readonly start: Mark;
}

/** A scalar; `value` is its text without quotes and escapes. */
export interface YamlScalar extends YamlNodeBase {
  readonly kind: 'scalar';
  readonly value: string;
  readonly style: ScalarStyle;
  /** Its type follows from its text: plain, or tagged `!`. */
  readonly implicit: boolean;
  readonly end: Mark;
}

/** An entry of a mapping. */
export interface YamlPair {
  readonly key: YamlNode;
  readonly value: YamlNode;
}

/** A mapping, its entries as they stand in the text, duplicates too. */
export interface YamlMapping extends YamlNodeBase {
  readonly kind: 'mapping';
  readonly flow: boolean;
  readonly items: YamlPair[];
}

/** A sequence. */
export interface YamlSequence extends YamlNodeBase {
  readonly kind: 'sequence';
  readonly flow: boolean;
  readonly items: YamlNode[];
}

/** An alias with the node that it stands for. */
export interface YamlAlias extends YamlNodeBase {
  readonly kind: 'alias';
  readonly name: string;
  readonly target: YamlNode;
}

/** A part of a document with its place in the text. */
export type YamlNode = YamlScalar | YamlMapping | YamlSequence | YamlAlias;
