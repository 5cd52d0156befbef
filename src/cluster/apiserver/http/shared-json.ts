/** Objects whose text is kept: those of the newest events, for all who watch them. */
const KEPT = 64;

const texts = new Map<object, string>();

/** An object as JSON; one that is told to many watchers is written once. Objects are shared and never change. */
export function jsonOf(object: object): string {
  let text = texts.get(object);
  if (text !== undefined) return text;
  text = JSON.stringify(object);
  if (texts.size >= KEPT) {
    const [oldest] = texts.keys();
    if (oldest !== undefined) texts.delete(oldest);
  }
  texts.set(object, text);
  return text;
}
