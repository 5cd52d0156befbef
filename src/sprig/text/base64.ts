const ALPHABET32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const DIGIT64 = /[A-Za-z0-9+/]/;
const ALPHABET64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** The value of every digit by its character code, -1 for other characters. */
const VALUES64 = Int8Array.from({ length: 128 }, (_, code) => ALPHABET64.indexOf(String.fromCharCode(code)));

/** base64.StdEncoding.DecodeString: line ends are skipped. Throws an Error with Go's text. */
export function fromBase64(text: string): Uint8Array {
  const out = new Uint8Array(Math.floor((text.length * 3) / 4));
  let size = 0;
  let buffer = 0;
  let digits = 0;
  let end = text.length;
  while (end > 0 && '=\r\n'.includes(text.charAt(end - 1))) end -= 1;
  for (let i = 0; i < end; i += 1) {
    const code = text.charCodeAt(i);
    const value = VALUES64[code] ?? -1;
    if (value < 0) {
      if (code === 0x0a || code === 0x0d) continue;
      throw illegal64(text);
    }
    buffer = ((buffer << 6) | value) & 0xffffff;
    digits = (digits + 1) % 4;
    if (digits === 0) {
      out[size] = buffer >> 16;
      out[size + 1] = (buffer >> 8) & 0xff;
      out[size + 2] = buffer & 0xff;
      size += 3;
    }
  }
  const padding = text.slice(end).replaceAll(/[\r\n]/g, '').length;
  if (padding !== (digits === 0 ? 0 : 4 - digits) || digits === 1) throw illegal64(text);
  if (digits === 2) out[size] = (buffer >> 4) & 0xff;
  if (digits === 3) {
    out[size] = (buffer >> 10) & 0xff;
    out[size + 1] = (buffer >> 2) & 0xff;
  }
  return out.subarray(0, size + Math.max(0, digits - 1));
}

function illegal64(text: string): Error {
  return new Error(`illegal base64 data at input byte ${faultOffset64(text)}`);
}

/** Where Go's decoder finds fault with a text that is not well-formed. */
function faultOffset64(text: string): number {
  let digits = 0;
  const skipLineEnds = (from: number): number => {
    let at = from;
    while (text[at] === '\n' || text[at] === '\r') at += 1;
    return at;
  };
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charAt(i);
    if (character === '\n' || character === '\r') continue;
    if (DIGIT64.test(character)) {
      digits = (digits + 1) % 4;
      continue;
    }
    if (character !== '=' || digits < 2) return i;
    let next = skipLineEnds(i + 1);
    if (digits === 2) {
      if (next === text.length) return next;
      if (text[next] !== '=') return next - 1;
      next = skipLineEnds(next + 1);
    }
    return next;
  }
  return text.length - digits;
}

/** Standard base32 with padding. */
export function toBase32(bytes: Uint8Array): string {
  let out = '';
  let buffer = 0;
  let held = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    held += 8;
    while (held >= 5) {
      held -= 5;
      out += ALPHABET32.charAt(buffer >> held);
      buffer &= (1 << held) - 1;
    }
  }
  if (held > 0) out += ALPHABET32.charAt(buffer << (5 - held));
  return out + '='.repeat((8 - (out.length % 8)) % 8);
}

/** base32.StdEncoding.DecodeString: line ends are skipped. Throws an Error with Go's text. */
export function fromBase32(text: string): Uint8Array {
  const source = text.replaceAll(/[\r\n]/g, '');
  const fault = (offset: number): Error => new Error(`illegal base32 data at input byte ${offset}`);
  const out: number[] = [];
  let buffer = 0;
  let held = 0;
  for (let i = 0; i < source.length; i += 1) {
    const digits = i % 8;
    const rest = source.length - i - 1;
    if (source[i] === '=' && digits >= 2 && rest < 8) {
      if (rest + digits < 7) throw fault(source.length);
      for (let k = 0; k < 7 - digits; k += 1) if (source[i + 1 + k] !== '=') throw fault(i + k);
      if (digits === 3 || digits === 6) throw fault(i);
      return Uint8Array.from(out);
    }
    const value = ALPHABET32.indexOf(source.charAt(i));
    if (value === -1) throw fault(i);
    buffer = ((buffer & 0xff) << 5) | value;
    held += 5;
    if (held >= 8) {
      held -= 8;
      out.push((buffer >> held) & 0xff);
    }
    if (digits === 7) {
      buffer = 0;
      held = 0;
    }
  }
  if (source.length % 8 !== 0) throw fault(source.length - (source.length % 8));
  return Uint8Array.from(out);
}
