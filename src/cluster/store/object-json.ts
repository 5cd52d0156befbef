/** How much of objects' JSON is kept, bytes: what was last asked for, by all who watch and list. */
const KEPT_BYTES = 64 * 1024 * 1024;

/**
 * Two halves: when the young one is full, the old one is forgotten and it takes its place. Objects that nobody else holds are
 * not kept for their JSON's sake.
 */
let young = new WeakMap<object, Buffer>();
let old = new WeakMap<object, Buffer>();
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
    young = new WeakMap();
    youngBytes = 0;
  }
  return bytes;
}

/** An object as JSON, of which nothing is kept: for who is likely to be the last to ask. */
export function objectJsonOnce(object: object): Buffer {
  return young.get(object) ?? old.get(object) ?? Buffer.from(JSON.stringify(object));
}
