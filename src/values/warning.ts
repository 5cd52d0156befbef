/** Something about values that is odd but no fault. */
export interface ValuesWarning {
  readonly level: 'info' | 'warn';
  /** Helm's text. */
  readonly message: string;
  readonly fields?: Readonly<Record<string, string>>;
}

/** Collects warnings; the same one is kept once. */
export class Warnings {
  readonly #found = new Map<string, ValuesWarning>();

  add(level: ValuesWarning['level'], message: string, fields?: Readonly<Record<string, string>>): void {
    const key = JSON.stringify([message, fields]);
    if (!this.#found.has(key)) this.#found.set(key, { level, message, ...(fields === undefined ? {} : { fields }) });
  }

  list(): ValuesWarning[] {
    return [...this.#found.values()];
  }
}

/** A warning as a line of text, with what it is about behind it. */
export function warningText({ message, fields }: ValuesWarning): string {
  const text = message.replace(/^warning: /, '');
  if (fields === undefined) return text;
  const shown = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return `${text} (${shown.join(', ')})`;
}
