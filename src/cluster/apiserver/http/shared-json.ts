import type { KubeList } from '../../../kube/object.ts';
import { objectJson, objectJsonOnce } from '../../store/object-json.ts';

const LINE_END = Buffer.from('}\n');
const LIST_END = Buffer.from(']}\n');
const COMMA = Buffer.from(',');
const heads = new Map<string, Buffer>();

/** An event as a line of a watch, in parts. */
export function eventLine(type: string, object: object): readonly Buffer[] {
  let head = heads.get(type);
  if (head === undefined) {
    head = Buffer.from(`{"type":"${type}","object":`);
    heads.set(type, head);
  }
  return [head, objectJson(object), LINE_END];
}

let last: { readonly parts: readonly Buffer[]; readonly bytes: Buffer } | undefined;

/** Parts one after the other; watchers that have the same to send share the bytes. */
export function joined(parts: readonly Buffer[]): Buffer {
  if (last?.parts.length === parts.length && parts.every((part, i) => part === last?.parts[i])) return last.bytes;
  last = { parts, bytes: Buffer.concat(parts) };
  return last.bytes;
}

const TEXT_END = Buffer.from('\n');

/** One object, as it is stored, as an answer. */
export function answerJson(object: object): Buffer {
  return Buffer.concat([objectJsonOnce(object), TEXT_END]);
}

/** A list as JSON, with the bytes that its objects have already. */
export function listJson({ items, ...head }: KubeList): Buffer {
  const parts: Buffer[] = [Buffer.from(`${JSON.stringify(head).slice(0, -1)},"items":[`)];
  items.forEach((item, i) => {
    if (i > 0) parts.push(COMMA);
    parts.push(objectJson(item));
  });
  parts.push(LIST_END);
  return Buffer.concat(parts);
}

/** True for what {@link listJson} writes: a list of objects as they are stored. */
export function isObjectList(body: object): body is KubeList {
  return 'items' in body && Array.isArray(body.items) && 'kind' in body && String(body.kind).endsWith('List');
}
