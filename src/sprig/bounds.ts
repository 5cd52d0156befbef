/** Elements of a list that one call may make, and UTF-16 units of a text: more would end the process, not the render. */
const MAX_ELEMENTS = 10_000_000;
const MAX_TEXT = 256 * 1024 * 1024;

/** Refuses lists that are too long to make. @throws Error */
export function checkElements(count: number | bigint): void {
  if (count > MAX_ELEMENTS) throw new Error(`a list of ${count} elements is longer than ${MAX_ELEMENTS}`);
}

/** Refuses texts that are too long to make. @throws Error */
export function checkLength(length: number | bigint): void {
  if (length > MAX_TEXT) throw new Error(`a text of ${length} characters is longer than ${MAX_TEXT}`);
}
