import { byteLength, sliceBytes } from '../../base/go-string.ts';

const MARK = '...';

/** goutils.AbbreviateFull: cuts a text to `width` bytes with dots at the end, or at both ends when `offset` lies behind 4. */
export function abbreviate(text: string, offset: number, width: number): string {
  const length = byteLength(text);
  if (text === '' || width < 4) return '';
  if (length <= width) return text;
  let start = Math.min(offset, length);
  if (length - start < width - 3) start = length - (width - 3);
  if (start <= 4) return sliceBytes(text, 0, width - 3) + MARK;
  if (width < 7) return '';
  if (start + width - 3 < length) return MARK + abbreviate(sliceBytes(text, start), 0, width - 3);
  return MARK + sliceBytes(text, length - (width - 3));
}
