import { encodeUtf8, wellFormed } from '../../base/go-string.ts';
import { kindName, isNil } from '../runtime/go-value.ts';
import { sprint } from '../runtime/print.ts';
import { isPrint } from '../runtime/quote.ts';

const HTML: Readonly<Record<string, string>> = {
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\0': '\ufffd',
};
const JS: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
};

/** The text of arguments as an action would print them. */
function textOf(values: readonly unknown[]): string {
  const [only] = values;
  if (values.length === 1 && typeof only === 'string') return only;
  return sprint(values.map((value) => (isNil(value) && kindName(value) === 'invalid' ? '<no value>' : value)));
}

/** `html`: text that is safe in HTML. */
export function html(...values: unknown[]): string {
  return textOf(values).replace(/["'&<>\0]/g, (character) => HTML[character] ?? character);
}

/** `js`: text that is safe in a JavaScript string. */
export function js(...values: unknown[]): string {
  const text = textOf(values);
  if (!/[\\'"<>&=\0-\x1f\x7f-\uffff]/.test(text)) return text;
  let out = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const escape = JS[character];
    if (escape !== undefined) out += escape;
    else if (code < 0x20) out += `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`;
    else if (code < 0x80) out += character;
    else if (isPrint(code)) out += character;
    else
      out += `\\u${(character === wellFormed(character) ? code : 0xfffd).toString(16).toUpperCase().padStart(4, '0')}`;
  }
  return out;
}

/** `urlquery`: text that is safe in the query of a URL. */
export function urlquery(...values: unknown[]): string {
  let out = '';
  for (const byte of encodeUtf8(textOf(values))) {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z0-9_.~-]/.test(character)) out += character;
    else if (character === ' ') out += '+';
    else out += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}
