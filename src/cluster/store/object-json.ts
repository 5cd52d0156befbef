/** How much of objects' JSON is kept, bytes: what was last asked for, by all who watch and list. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** Two halves: when the young one is full, the old one is forgotten and it takes its place. */
let young = new Map<object, Buffer>();
let old: ReadonlyMap<object, Buffer> = new Map();
let youngBytes = 0;

/** An object as JSON, kept for others. Objects are shared and never change, so that one is written once for all who ask for it. */
export function objectJson(object: object): Buffer {
  let bytes = young.get(object);
  if (bytes !== undefined) return bytes;
  bytes = old.get(object) ?? Buffer.from(JSON.stringify(object));
  young.set(object, bytes);
  youngBytes += bytes.length;
  if (youngBytes > KEPT_BYTES / 2) {
    old = young;
    young = new Map();
    youngBytes = 0;
  }
  return bytes;
}

/** An object as JSON, of which nothing is kept: for who is likely to be the last to ask. */
export function objectJsonOnce(object: object): Buffer {
  return young.get(object) ?? old.get(object) ?? Buffer.from(JSON.stringify(object));
}
