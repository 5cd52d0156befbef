/** The login in an address as a header of basic authentication; undefined if there is none. golang: net/http, send. */
export function basicLogin({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`, 'utf8').toString('base64')}`;
}

/** What is no percent-encoding stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
