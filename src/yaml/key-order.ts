function isLetter(code: number): boolean {
  if (code < 0x80) return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
  return /^\p{L}/u.test(String.fromCodePoint(code));
}

function isDigit(code: number): boolean {
  if (code < 0x80) return code >= 0x30 && code <= 0x39;
  return /^\p{Nd}/u.test(String.fromCodePoint(code));
}

/**
 * The order in which go-yaml writes the keys of a map: numbers in keys count as numbers (`a2` before `a10`), letters come
 * behind other characters (go-yaml: sorter.go).
 *
 * @param lettersBehindDigits go-yaml v3: behind equal digits, letters come first
 */
export function compareKeys(a: string, b: string, lettersBehindDigits: boolean): number {
  const length = Math.min(a.length, b.length);
  let i = 0;
  while (i < length && a.charCodeAt(i) === b.charCodeAt(i)) i += 1;
  if (i === length) return a.length - b.length;
  // The second half of a pair of surrogates belongs to the character before.
  const unit = a.charCodeAt(i);
  if (i > 0 && unit >= 0xdc00 && unit <= 0xdfff && isHighSurrogate(a.charCodeAt(i - 1))) i -= 1;
  return compareAt(a, b, i, lettersBehindDigits);
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function compareAt(a: string, b: string, i: number, lettersBehindDigits: boolean): number {
  const x = a.codePointAt(i) ?? 0;
  const y = b.codePointAt(i) ?? 0;
  const xLetter = isLetter(x);
  const yLetter = isLetter(y);
  if (xLetter && yLetter) return x - y;
  if (xLetter || yLetter) {
    const afterDigit = lettersBehindDigits && i > 0 && isDigit(codeBefore(a, i));
    return xLetter === afterDigit ? -1 : 1;
  }
  if (!isDigit(x) && !isDigit(y)) return x - y;
  const start = (x === 0x30 || y === 0x30) && followsNumber(a, i) ? 1n : 0n;
  const left = readNumber(a, i, start);
  const right = readNumber(b, i, start);
  if (left.value !== right.value) return left.value < right.value ? -1 : 1;
  if (left.digits !== right.digits) return left.digits - right.digits;
  return x - y;
}

function codeBefore(text: string, i: number): number {
  const unit = text.charCodeAt(i - 1);
  return unit >= 0xdc00 && unit <= 0xdfff && i > 1 ? (text.codePointAt(i - 2) ?? 0) : unit;
}

/** True if digits other than 0 stand right before. */
function followsNumber(text: string, end: number): boolean {
  for (let i = end; i > 0; ) {
    const code = codeBefore(text, i);
    if (!isDigit(code)) return false;
    if (code !== 0x30) return true;
    i -= code > 0xffff ? 2 : 1;
  }
  return false;
}

/** The number that the digits from `start` on make, as an int64 that overflows. */
function readNumber(text: string, start: number, initial: bigint): { value: bigint; digits: number } {
  let i = start;
  let digits = 0;
  let value = initial;
  while (i < text.length) {
    const code = text.codePointAt(i) ?? 0;
    if (!isDigit(code)) break;
    value = BigInt.asIntN(64, value * 10n + BigInt(code - 0x30));
    digits += 1;
    i += code > 0xffff ? 2 : 1;
  }
  return { value, digits };
}
