/** Whether a name is as a pattern says, in which `*` stands for any text. */
export function matchesName(pattern: string, name: string): boolean {
  return new RegExp(`^${pattern.split('*').map(literally).join('.*')}$`).test(name);
}

/** A text as a part of a regular expression that matches it. */
export function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
