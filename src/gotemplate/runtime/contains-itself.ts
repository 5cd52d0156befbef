import { mapEntries, sliceElements } from './go-value.ts';

/** True if a map or list is found inside of itself, at any depth. */
export function containsItself(value: unknown): boolean {
  const open = new Set<unknown>();
  const done = new Set<unknown>();
  // A stack of its own, since the engine's ended on such a value before.
  const work: { readonly value: unknown; readonly leaves: boolean }[] = [{ value, leaves: false }];
  for (let item = work.pop(); item !== undefined; item = work.pop()) {
    const { value: current, leaves } = item;
    if (typeof current !== 'object' || current === null || done.has(current)) continue;
    if (leaves) {
      open.delete(current);
      done.add(current);
      continue;
    }
    if (open.has(current)) return true;
    open.add(current);
    work.push({ value: current, leaves: true });
    const inside = sliceElements(current) ?? Object.values(mapEntries(current) ?? {});
    for (const each of inside) work.push({ value: each, leaves: false });
  }
  return false;
}
