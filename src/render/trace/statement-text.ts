const OPEN = '{{';
const CLOSE = '}}';

/** A statement's code with its braces, and where it begins; `offset` lies anywhere between its braces. */
export function statementText(text: string, offset: number): { readonly start: number; readonly code: string } {
  const before = text.lastIndexOf(OPEN, offset);
  const start = before === -1 ? offset : before;
  return { start, code: text.slice(start, endOf(text, start)) };
}

/** Behind the closing braces; those in strings do not count. */
function endOf(text: string, start: number): number {
  for (let i = start + OPEN.length; i < text.length; i += 1) {
    const character = text[i];
    if (text.startsWith(CLOSE, i)) return text[i + 2] === '}' && text.startsWith('{{{', start) ? i + 3 : i + 2;
    if (character === '"' || character === '`' || character === "'") i = endOfString(text, i, character);
  }
  return text.length;
}

function endOfString(text: string, start: number, quote: string): number {
  for (let i = start + 1; i < text.length; i += 1) {
    if (text[i] === '\\' && quote !== '`') i += 1;
    else if (text[i] === quote) return i;
  }
  return start;
}
