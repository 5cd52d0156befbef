const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/** What `--set` makes of a text: booleans, null, integers (int64), and strings for all else. helm: strvals.typedVal. */
export function typedValue(text: string): unknown {
  if (/^true$/iu.test(text)) return true;
  if (/^false$/iu.test(text)) return false;
  if (/^null$/iu.test(text)) return null;
  if (text === '0') return 0n;
  // With a leading zero it is no decimal number: file modes and phone numbers stay what they are.
  if (!/^[-+]?\d+$/.test(text) || text.startsWith('0')) return text;
  const value = BigInt(text.replace(/^\+/, ''));
  return value >= MIN_INT64 && value <= MAX_INT64 ? value : text;
}
