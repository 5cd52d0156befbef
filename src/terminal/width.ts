import { createRequire } from 'node:module';

type StringWidth = (text: string) => number;

/** Given by Node to CommonJS, which the bundled program is; not there in ES modules. */
declare const require: ((name: string) => unknown) | undefined;

let measure: StringWidth | undefined;

/** Its tables take longer to load than most commands take; few texts need them. */
function stringWidth(text: string): number {
  measure ??= loadStringWidth();
  return measure(text);
}

function loadStringWidth(): StringWidth {
  const module = (
    typeof require === 'function' ? require('string-width') : createRequire(import.meta.url)('string-width')
  ) as { readonly default: StringWidth };
  return module.default;
}

/** Columns that a text takes on a terminal; escape sequences take none, wide characters two. */
export function displayWidth(text: string): number {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e) return stringWidth(text);
  }
  return text.length;
}

/** The text cut to a width, ending in `...` when something was cut. */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  const room = Math.max(0, width - 3);
  let out = '';
  for (const char of text) {
    if (displayWidth(out + char) > room) break;
    out += char;
  }
  return `${out}${'...'.slice(0, width)}`;
}
