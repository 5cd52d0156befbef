import type { IncomingMessage } from 'node:http';

/** All values of a header, also over HTTP/2, where Node joins them; the name in lower case. */
export function headerValues({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>, name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === name) values.push(rawHeaders[i + 1] ?? '');
  }
  return values;
}

/** The names of the headers that begin with a prefix, in lower case, each once. */
export function headerNames({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>, prefix: string): string[] {
  const names = new Set<string>();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]?.toLowerCase() ?? '';
    if (name.startsWith(prefix)) names.add(name);
  }
  return [...names];
}
