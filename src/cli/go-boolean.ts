const YES: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const NO: ReadonlySet<string> = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** What Go takes for a boolean (strconv.ParseBool); undefined for anything else. */
export function parseGoBoolean(text: string): boolean | undefined {
  return YES.has(text) ? true : NO.has(text) ? false : undefined;
}
