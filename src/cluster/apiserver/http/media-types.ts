/** One entry of an Accept header. */
export interface MediaRange {
  /** `application/json`, `*` + `/*` for anything. */
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** How an answer is written. */
export interface Negotiated {
  readonly format: 'json' | 'yaml';
  /** What the object is turned into. */
  readonly as: 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  /** The meta.k8s.io version asked for. */
  readonly version: string;
  /** The Content-Type of the answer. */
  readonly contentType: string;
}

/** The entries of an Accept header, best first. */
export function parseAccept(header: string): MediaRange[] {
  const ranges = header
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => {
      const [type = '', ...rest] = text.split(';').map((part) => part.trim());
      const parameters = new Map(
        rest.map((part): [string, string] => {
          const equals = part.indexOf('=');
          return equals === -1 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
        }),
      );
      return { type: type.toLowerCase(), parameters, quality: Number(parameters.get('q') ?? 1) };
    });
  return ranges.sort((a, b) => b.quality - a.quality);
}

const TRANSFORMS = new Set(['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList']);

/** Clients send the same few headers over and over. */
const chosen = new Map<string, Negotiated | undefined>();
const MOST_CHOSEN = 200;

/**
 * Chooses among what a client accepts; undefined when there is nothing that this server can write (406).
 * apiserver: pkg/endpoints/handlers/negotiation/negotiate.go.
 */
export function negotiate(header = ''): Negotiated | undefined {
  let choice = chosen.get(header);
  if (choice !== undefined || chosen.has(header)) return choice;
  choice = choose(parseAccept(header === '' ? '*/*' : header));
  if (chosen.size >= MOST_CHOSEN) chosen.clear();
  chosen.set(header, choice);
  return choice;
}

function choose(ranges: readonly MediaRange[]): Negotiated | undefined {
  for (const { type, parameters } of ranges) {
    const format = formatOf(type);
    if (format === undefined) continue;
    const as = parameters.get('as') ?? '';
    if (as === '') return { format, as: 'object', version: 'v1', contentType: `application/${format}` };
    const version = parameters.get('v') ?? 'v1';
    if (!TRANSFORMS.has(as) || parameters.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1'))
      continue;
    return { format, as: as as Negotiated['as'], version, contentType: `application/${format}` };
  }
  return undefined;
}

function formatOf(type: string): 'json' | 'yaml' | undefined {
  if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json';
  return type === 'application/yaml' ? 'yaml' : undefined;
}

/** The media type of a Content-Type header, without its parameters, in lower case. */
export function mediaTypeOf(header: string | undefined): string {
  return (header ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}
