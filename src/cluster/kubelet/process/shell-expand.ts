/** A variable's value, or what is wrong with it (`${NAME:?message}`). */
export interface Expanded {
  readonly text: string;
  readonly fault?: string;
}

/** Expands `$NAME` and `${NAME:-operand}`; operands are taken as they stand, but for variables in them. */
export function expandVariable(
  { name, operator, operand }: { readonly name: string; readonly operator: string; readonly operand: string },
  variables: Record<string, string>,
): Expanded {
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  const missing = value === undefined || (operator.startsWith(':') && value === '');
  switch (operator.replace(':', '')) {
    case '-':
      return { text: missing ? expandText(operand, variables) : (value ?? '') };
    case '=': {
      if (missing) variables[name] = expandText(operand, variables);
      return { text: variables[name] ?? '' };
    }
    case '+':
      return { text: missing ? '' : expandText(operand, variables) };
    case '?':
      if (missing) return { text: '', fault: operand === '' ? 'parameter not set' : expandText(operand, variables) };
      return { text: value ?? '' };
    case '#':
    case '##':
      return { text: withoutStart(value ?? '', expandText(operand, variables), operator === '##') };
    case '%':
    case '%%':
      return { text: withoutEnd(value ?? '', expandText(operand, variables), operator === '%%') };
    default:
      return { text: value ?? '' };
  }
}

/** `${NAME#pattern}`: without the shortest, or longest, beginning that fits. */
function withoutStart(text: string, pattern: string, longest: boolean): string {
  const found = new RegExp(`^${globSource(pattern, longest)}`).exec(text);
  return found === null ? text : text.slice(found[0].length);
}

/** `${NAME%pattern}`: without the shortest, or longest, end that fits. */
function withoutEnd(text: string, pattern: string, longest: boolean): string {
  if (longest) {
    // What begins with any text fits from the beginning, or nowhere.
    const found = new RegExp(`${pattern.startsWith('*') ? '^' : ''}${globSource(pattern, true)}$`).exec(text);
    return found === null ? text : text.slice(0, found.index);
  }
  const found = new RegExp(`^([^]*)${globSource(pattern.replace(/^\*+/, ''), true)}$`).exec(text);
  return found === null ? text : (found[1] ?? '');
}

function globSource(pattern: string, greedy: boolean): string {
  return pattern.replaceAll(/\*+|[\\^$.+()[\]{}|?]/g, (token) => {
    if (token.startsWith('*')) return greedy ? '[^]*' : '[^]*?';
    return token === '?' ? '[^]' : `\\${token}`;
  });
}

function expandText(text: string, variables: Readonly<Record<string, string>>): string {
  return text
    .replaceAll(/\$\{?([A-Za-z_]\w*)\}?/g, (_whole, name: string) =>
      Object.hasOwn(variables, name) ? (variables[name] ?? '') : '',
    )
    .replaceAll(/["']/g, '');
}

/** The arguments that the pieces of a word make. */
export function splitFields(pieces: readonly { readonly text: string; readonly splits: boolean }[]): readonly string[] {
  const fields: string[] = [];
  let current: string | undefined;
  for (const { text, splits } of pieces) {
    if (!splits) {
      current = (current ?? '') + text;
      continue;
    }
    const parts = text.split(/[ \t\n]+/);
    parts.forEach((part, i) => {
      if (i > 0 && current !== undefined) {
        fields.push(current);
        current = undefined;
      }
      if (part !== '') current = (current ?? '') + part;
    });
  }
  if (current !== undefined) fields.push(current);
  return fields;
}
