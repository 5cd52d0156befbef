const BEGIN = /^-----BEGIN (.*)-----\s*$/;
const END = /^-----END (.*)-----\s*$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * The DER in a request for a certificate, base64 of PEM: what the first whole block holds; undefined when there is none, or it is no
 * `CERTIFICATE REQUEST`. All who look at requests read them with this, so that what is checked is what is signed.
 * kubernetes: pkg/apis/certificates/helpers.go (ParseCSR); Go: encoding/pem
 */
export function requestDer(request: string): Buffer | undefined {
  const lines = Buffer.from(request, 'base64').toString('latin1').split('\n');
  let begun: { readonly type: string; readonly line: number } | undefined;
  for (const [line, text] of lines.entries()) {
    if (!text.startsWith('-----')) continue;
    const type = BEGIN.exec(text)?.[1];
    if (type !== undefined) begun = { type, line };
    else if (begun !== undefined && begun.type === END.exec(text)?.[1]) {
      const bytes = bytesOf(lines.slice(begun.line + 1, line));
      if (bytes !== undefined) return begun.type === 'CERTIFICATE REQUEST' ? bytes : undefined;
      begun = undefined;
    }
  }
  return undefined;
}

/** What is written in base64 behind the headers of a block; undefined when it is something else. */
function bytesOf(lines: readonly string[]): Buffer | undefined {
  const first = lines.findIndex((line) => !line.includes(':'));
  const base64 = first === -1 ? '' : lines.slice(first).join('').replaceAll(/\s/g, '');
  return base64.length % 4 === 0 && BASE64.test(base64) ? Buffer.from(base64, 'base64') : undefined;
}
