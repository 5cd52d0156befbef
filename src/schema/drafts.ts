/** How schemas lie in the value of a keyword. */
type Position = 'one' | 'list' | 'map' | 'one-or-list';

/** A version of JSON Schema. */
export interface Draft {
  readonly version: 4 | 6 | 7 | 2019 | 2020;
  readonly url: string;
  /** The keyword that names a schema. */
  readonly id: 'id' | '$id';
  /** Where schemas lie in a schema. */
  readonly positions: ReadonlyMap<string, Position>;
  readonly vocabularyPrefix: string;
  readonly vocabularies: readonly string[];
  readonly defaultVocabularies: readonly string[];
}

const DRAFT4_POSITIONS: readonly (readonly [string, Position])[] = [
  ['definitions', 'map'],
  ['not', 'one'],
  ['allOf', 'list'],
  ['anyOf', 'list'],
  ['oneOf', 'list'],
  ['properties', 'map'],
  ['additionalProperties', 'one'],
  ['patternProperties', 'map'],
  ['items', 'one-or-list'],
  ['additionalItems', 'one'],
  ['dependencies', 'map'],
];

const DRAFT4: Draft = {
  version: 4,
  url: 'http://json-schema.org/draft-04/schema',
  id: 'id',
  positions: new Map(DRAFT4_POSITIONS),
  vocabularyPrefix: '',
  vocabularies: [],
  defaultVocabularies: [],
};

const DRAFT6: Draft = {
  ...DRAFT4,
  version: 6,
  url: 'http://json-schema.org/draft-06/schema',
  id: '$id',
  positions: new Map([...DRAFT4.positions, ['propertyNames', 'one'], ['contains', 'one']]),
};

const DRAFT7: Draft = {
  ...DRAFT6,
  version: 7,
  url: 'http://json-schema.org/draft-07/schema',
  positions: new Map([...DRAFT6.positions, ['if', 'one'], ['then', 'one'], ['else', 'one']]),
};

const DRAFT2019: Draft = {
  version: 2019,
  url: 'https://json-schema.org/draft/2019-09/schema',
  id: '$id',
  positions: new Map([
    ...DRAFT7.positions,
    ['$defs', 'map'],
    ['dependentSchemas', 'map'],
    ['unevaluatedProperties', 'one'],
    ['unevaluatedItems', 'one'],
    ['contentSchema', 'one'],
  ]),
  vocabularyPrefix: 'https://json-schema.org/draft/2019-09/vocab/',
  vocabularies: ['core', 'applicator', 'validation', 'meta-data', 'format', 'content'],
  defaultVocabularies: ['core', 'applicator', 'validation'],
};

const DRAFT2020: Draft = {
  version: 2020,
  url: 'https://json-schema.org/draft/2020-12/schema',
  id: '$id',
  positions: new Map([...DRAFT2019.positions, ['prefixItems', 'list']]),
  vocabularyPrefix: 'https://json-schema.org/draft/2020-12/vocab/',
  vocabularies: [
    'core',
    'applicator',
    'unevaluated',
    'validation',
    'meta-data',
    'format-annotation',
    'format-assertion',
    'content',
  ],
  defaultVocabularies: ['core', 'applicator', 'unevaluated', 'validation'],
};

/** What a schema without `$schema` is read as. */
export const LATEST_DRAFT = DRAFT2020;

const DRAFTS: readonly Draft[] = [DRAFT4, DRAFT6, DRAFT7, DRAFT2019, DRAFT2020];

/** The draft that a `$schema` names, with http or https and with or without an empty fragment. */
export function draftOf(url: string): Draft | undefined {
  const path = url.replace(/#$/, '').replace(/^https?:\/\//, '');
  if (path === 'json-schema.org/schema') return LATEST_DRAFT;
  return DRAFTS.find((draft) => draft.url.replace(/^https?:\/\//, '') === path);
}

/** The path of a document below json-schema.org; undefined for others. */
export function metaschemaPath(url: string): string | undefined {
  const match = /^https?:\/\/json-schema\.org\/(.*)$/s.exec(url);
  if (match === null) return undefined;
  return match[1] === 'schema' ? metaschemaPath(LATEST_DRAFT.url) : match[1];
}

/** The name of a schema without fragment; '' if it has none. */
export function idOf(draft: Draft, schema: Readonly<Record<string, unknown>>): string {
  // Up to draft 7 all other keywords beside $ref are ignored.
  if (draft.version < 2019 && Object.hasOwn(schema, '$ref')) return '';
  const id = Object.hasOwn(schema, draft.id) ? schema[draft.id] : undefined;
  return typeof id === 'string' ? (id.split('#', 1)[0] ?? '') : '';
}

/** A draft with those of its vocabularies that are in force. */
export interface Dialect {
  readonly draft: Draft;
  /** Undefined: the draft's default. */
  readonly vocabularies: readonly string[] | undefined;
}

/** Whether the keywords of a vocabulary count. */
export function hasVocabulary({ draft, vocabularies }: Dialect, name: string): boolean {
  if (name === 'core' || draft.version < 2019) return true;
  return (vocabularies ?? draft.defaultVocabularies).includes(name);
}
