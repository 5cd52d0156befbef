const PLAIN = /^[ !#-%'-;=?-[\]-~\x7f-\u2027\u202a-\ud7ff\ue000-\uffff]*$/;
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};
const ESCAPED = /["\\\0-\x1f<>&\u2028\u2029]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** A string in JSON as Go's encoding/json writes it: `<`, `>` and `&` escaped unless told otherwise, bytes that are no UTF-8 as \ufffd. */
export function quoteJson(text: string, escapeHtml = true): string {
  if (PLAIN.test(text)) return `"${text}"`;
  return `"${text.replace(ESCAPED, (char) => escape(char, escapeHtml))}"`;
}

/** JSON.stringify's text as Go's encoding/json writes it: `<`, `>`, `&` and two separators of lines escaped. */
export function escapeJsonText(json: string): string {
  return MARKS.test(json) ? json.replaceAll(EACH_MARK, unicodeEscape) : json;
}

const MARKS = /[<>&\u2028\u2029]/;
const EACH_MARK = /[<>&\u2028\u2029]/g;

function unicodeEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function escape(char: string, escapeHtml: boolean): string {
  const short = SHORT[char];
  if (short !== undefined) return short;
  if (!escapeHtml && (char === '<' || char === '>' || char === '&')) return char;
  const code = char.charCodeAt(0);
  if (code >= 0xd800 && code <= 0xdfff) return '\\ufffd';
  return unicodeEscape(char);
}
