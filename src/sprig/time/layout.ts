/** One element of a Go time layout; `literal` stands for itself. */
export interface LayoutChunk {
  readonly kind: ChunkKind;
  /** The text in the layout. */
  readonly text: string;
}

/** What an element of a layout stands for, named after the reference time `Mon Jan 2 15:04:05 MST 2006`. */
export type ChunkKind =
  | 'literal'
  | 'January'
  | 'Jan'
  | '1'
  | '01'
  | 'Monday'
  | 'Mon'
  | '2'
  | '_2'
  | '02'
  | '__2'
  | '002'
  | '15'
  | '3'
  | '03'
  | '4'
  | '04'
  | '5'
  | '05'
  | '2006'
  | '06'
  | 'PM'
  | 'pm'
  | 'MST'
  | 'offset'
  | 'fraction0'
  | 'fraction9';

// Alternatives in the order in which time.nextStdChunk tries them at one place.
const ELEMENT = new RegExp(
  [
    'January|Jan(?![a-z])',
    'Monday|Mon(?![a-z])|MST',
    '0[1-6]|002',
    '15|1',
    '2006|2',
    '_2(?!006)|__2',
    '[345]|PM|pm',
    '-070000|-07:00:00|-0700|-07:00|-07',
    'Z070000|Z07:00:00|Z0700|Z07:00|Z07',
    '[.,](?:0+|9+)(?![0-9])',
  ].join('|'),
  'g',
);

const cache = new Map<string, readonly LayoutChunk[]>();
const CACHE_LIMIT = 200;

/** Cuts a Go time layout into its elements. */
export function parseLayout(layout: string): readonly LayoutChunk[] {
  const known = cache.get(layout);
  if (known !== undefined) return known;
  const chunks: LayoutChunk[] = [];
  let end = 0;
  for (const { 0: text, index } of layout.matchAll(ELEMENT)) {
    if (index > end) chunks.push({ kind: 'literal', text: layout.slice(end, index) });
    chunks.push({ kind: kindOf(text), text });
    end = index + text.length;
  }
  if (end < layout.length) chunks.push({ kind: 'literal', text: layout.slice(end) });
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(layout, chunks);
  return chunks;
}

function kindOf(text: string): ChunkKind {
  const first = text.charAt(0);
  if (first === '-' || first === 'Z') return 'offset';
  if (first === '.' || first === ',') return text.charAt(1) === '0' ? 'fraction0' : 'fraction9';
  return text as ChunkKind;
}
