import { sortedKeys } from '../base/json.ts';
import { mapEntries, sliceElements, truth } from '../gotemplate/runtime/go-value.ts';

/**
 * mergo.Merge of maps: `target` is changed in place, maps within it too; values of `source` are shared, not copied.
 *
 * @param overwrite values of the source win (mergo.MergeWithOverwrite); else only what is missing or empty is filled
 */
export function mergeInto(
  target: Record<string, unknown>,
  source: Readonly<Record<string, unknown>>,
  overwrite: boolean,
): void {
  for (const key of sortedKeys(source)) {
    const value = source[key];
    const present = Object.hasOwn(target, key);
    const current = target[key];
    if (value === null || value === undefined) {
      if (overwrite) target[key] = null;
      continue;
    }
    const map = mapEntries(value);
    if (map !== undefined) {
      const inner = present ? mapEntries(current) : undefined;
      if (inner !== undefined) {
        mergeInto(inner, map, overwrite);
        if (truth(current)) continue;
      }
    }
    // A list replaces whatever was there, however empty it is; so do scalars.
    if (overwrite || !present || !isFilled(current)) target[key] = value;
  }
}

/** Not empty in mergo's sense: structs never are. */
function isFilled(value: unknown): boolean {
  return sliceElements(value)?.length === 0 ? false : truth(value);
}
