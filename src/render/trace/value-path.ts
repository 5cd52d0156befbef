/** Where a value stands in the values of the whole chart tree. */
export type ValuePath = readonly (string | number)[];

/** A path as the top chart's templates would write it: `.Values.hosts[0].name`. */
export function valuePathText(path: ValuePath): string {
  return `.Values${path.map(stepText).join('')}`;
}

function stepText(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`;
  return /^[\w-]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}

/** True if `path` lies below `prefix` or is the same. */
export function startsWithPath(path: ValuePath, prefix: ValuePath): boolean {
  return prefix.length <= path.length && prefix.every((step, i) => step === path[i]);
}
