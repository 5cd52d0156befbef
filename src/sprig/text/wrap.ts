import { fromLatin1, toLatin1 } from '../../base/latin1.ts';

/** How {@link wrap} breaks lines. */
export interface WrapOptions {
  /** Bytes a line may hold; less than 1 counts as 1. */
  readonly width: number;
  /** What stands between lines; '' means a newline. */
  readonly separator?: string;
  /** Also break words that are longer than a line. */
  readonly breakWords?: boolean;
}

/** goutils.Wrap and WrapCustom: breaks at blanks, drops blanks at the start of a line, counts bytes. */
export function wrap(text: string, { width, separator = '', breakWords = false }: WrapOptions): string {
  const bytes = toLatin1(text);
  const lines: string[] = [];
  const limit = Math.max(1, width);
  let offset = 0;
  while (bytes.length - offset > limit) {
    if (bytes[offset] === ' ') {
      offset += 1;
      continue;
    }
    let end = bytes.lastIndexOf(' ', limit + offset);
    let next = end + 1;
    if (end < offset) {
      end = breakWords ? offset + limit : bytes.indexOf(' ', offset + limit);
      if (end === -1) break;
      next = breakWords ? end : end + 1;
    }
    lines.push(bytes.slice(offset, end));
    offset = next;
  }
  lines.push(bytes.slice(offset));
  return lines.map(fromLatin1).join(separator === '' ? '\n' : separator);
}
