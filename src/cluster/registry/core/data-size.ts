import { byteLength } from '../../../base/go-string.ts';

/** Most bytes that the values of a ConfigMap or Secret may have: 1 MiB. */
export const DATA_LIMIT = 1024 * 1024;

/** Bytes of a text. */
export function textSize(value: string | undefined): number {
  return value === undefined ? 0 : byteLength(value);
}

/** Bytes that base64 stands for. */
export function base64Size(value: string | undefined): number {
  const text = value ?? '';
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return Math.floor((text.length * 3) / 4) - padding;
}
