export { splitDocuments, splitManifests } from './split.ts';
export { type FromYamlOptions, type YamlSource, fromYaml, jsonKind, parseDocuments, parseManifest } from './parse.ts';
export { toYaml, toYamlPretty } from './emit.ts';
export { type EncodeJsonOptions, encodeJson } from './json-encode.ts';
export { type DecodeJsonOptions, decodeJson, readJson } from './json-decode.ts';
export { type DecodeOptions, decodeNode } from './decode.ts';
export type { NumberMode } from './numbers.ts';
export type { Mark } from './fault.ts';
export type { YamlAlias, YamlMapping, YamlNode, YamlPair, YamlScalar, YamlSequence } from './node.ts';
