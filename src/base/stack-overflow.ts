/** True for the error that the JavaScript engine throws when its stack ends. */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}

/** True when the end of the engine's stack is behind an error. */
export function isCausedByStackOverflow(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) if (isStackOverflow(each)) return true;
  return false;
}
