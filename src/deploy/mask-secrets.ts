import { isObject, newObject } from '../base/json.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A Secret as the API keeps it: what `stringData` says goes into `data`. Other objects stay as they are. */
export function withSecretData<T extends Fields | undefined>(object: T): T {
  if (object === undefined || object['kind'] !== 'Secret' || !isObject(object['stringData'])) return object;
  const { stringData, ...rest } = object;
  const data = newObject();
  if (isObject(rest['data'])) Object.assign(data, rest['data']);
  for (const [key, value] of Object.entries(stringData as Fields)) {
    data[key] = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');
  }
  return { ...rest, data } as unknown as T;
}

/**
 * Two states of a Secret without what is secret: a value that differs becomes `-------- # (5 bytes)` in one and
 * `++++++++ # (7 bytes)` in the other, one that does not `REDACTED # (5 bytes)`. Other objects stay as they are.
 */
export function maskSecrets(
  before: Fields | undefined,
  after: Fields | undefined,
): [Fields | undefined, Fields | undefined] {
  if ((after ?? before)?.['kind'] !== 'Secret') return [before, after];
  const old = dataOf(before);
  const fresh = dataOf(after);
  return [masked(before, old, fresh, '-'.repeat(8)), masked(after, fresh, old, '+'.repeat(8))];
}

function dataOf(object: Fields | undefined): Fields {
  return isObject(object?.['data']) ? object['data'] : {};
}

function masked(object: Fields | undefined, data: Fields, other: Fields, marker: string): Fields | undefined {
  if (object === undefined || !isObject(object['data'])) return object;
  const out = newObject();
  for (const [key, value] of Object.entries(data)) {
    const same = Object.hasOwn(other, key) && other[key] === value;
    const size = typeof value === 'string' ? Buffer.from(value, 'base64').length : 0;
    out[key] = `${same ? 'REDACTED' : marker} # (${size} bytes)`;
  }
  return { ...object, data: out };
}
