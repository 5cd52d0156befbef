import { isSpace } from './unicode.ts';

/** strings.TrimSpace. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charAt(start))) start += 1;
  while (end > start && isSpace(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** strings.Trim: cuts the runes of `cutset` off both ends. */
export function trimSet(text: string, cutset: string): string {
  const cut = new Set(cutset);
  const runes = Array.from(text);
  let start = 0;
  let end = runes.length;
  while (start < end && cut.has(runes[start] ?? '')) start += 1;
  while (end > start && cut.has(runes[end - 1] ?? '')) end -= 1;
  return runes.slice(start, end).join('');
}
