import { createHash } from 'node:crypto';
import { FileError } from './file-system.ts';
import { complain, pathOf, print, type Process, splitOptions, type Tool } from './process.ts';
import { readAll } from './process-io.ts';

/** The text of the files that are named, or of standard input. @throws FileError */
async function textOf(paths: readonly string[], process: Process): Promise<string> {
  return (await bytesOf(paths, process)).toString('utf8');
}

/** @throws FileError */
async function bytesOf(paths: readonly string[], process: Process): Promise<Buffer> {
  const all = paths.length === 0 ? ['-'] : paths;
  const parts: Buffer[] = [];
  for (const path of all) {
    if (path === '-') parts.push(await readAll(process.input));
    else {
      try {
        parts.push(Buffer.from(process.world.files.read(pathOf(process, path))));
      } catch (error) {
        throw error instanceof FileError ? new FileError(`${path}: ${error.message}`) : error;
      }
    }
  }
  return Buffer.concat(parts);
}

function linesOf(text: string): string[] {
  if (text === '') return [];
  return text.replace(/\n$/, '').split('\n');
}

/** A program that turns lines into lines. */
function filter(
  name: string,
  withValue: string,
  run: (
    lines: string[],
    options: { readonly flags: ReadonlySet<string>; readonly values: ReadonlyMap<string, string> },
  ) => readonly string[],
): Tool {
  return async (args, process) => {
    const { flags, values, rest } = splitOptions(args, withValue);
    try {
      const lines = run(linesOf(await textOf(rest, process)), { flags, values });
      print(process, lines.map((line) => `${line}\n`).join(''));
      return 0;
    } catch (error) {
      if (error instanceof FileError) return complain(process, `${name}: ${error.message}`);
      throw error;
    }
  };
}

const echo: Tool = (args, process) => {
  let first = 0;
  const flags = new Set<string>();
  while (/^-[neE]+$/.test(args[first] ?? '')) {
    for (const letter of (args[first] ?? '').slice(1)) flags.add(letter);
    first += 1;
  }
  const text = args.slice(first).join(' ');
  print(process, `${flags.has('e') ? unescape(text) : text}${flags.has('n') ? '' : '\n'}`);
  return 0;
};

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  a: '\x07',
  b: '\b',
  e: '\x1b',
};

function unescape(text: string): string {
  return text.replaceAll(/\\(0?[0-7]{1,3}|x[0-9a-fA-F]{1,2}|[\s\S])/g, (whole, code: string) => {
    if (code.startsWith('x') && code.length > 1) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
    return ESCAPES[code] ?? whole;
  });
}

/** Columns that `printf` fills at most. */
const WIDEST_FIELD = 65_536;

const printf: Tool = ([format = '', ...values], process) => {
  const template = unescape(format);
  let next = 0;
  do {
    print(
      process,
      template.replaceAll(/%(-?\d*)(?:\.\d+)?([sdixc%])/g, (_whole, width: string, kind: string) => {
        if (kind === '%') return '%';
        const value = values[next] ?? (kind === 's' ? '' : '0');
        next += 1;
        const text = kind === 'x' ? Number(value).toString(16) : value;
        const columns = Math.min(WIDEST_FIELD, Math.abs(Number(width)));
        return width.startsWith('-') ? text.padEnd(columns) : text.padStart(columns);
      }),
    );
  } while (next > 0 && next < values.length);
  return 0;
};

const grep: Tool = async (args, process) => {
  const { flags, values, rest } = splitOptions(args, 'eABC');
  const pattern = values.get('e') ?? rest.shift() ?? '';
  const source = flags.has('F')
    ? pattern.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    : basicPattern(pattern, flags.has('E'));
  const expression = new RegExp(flags.has('w') ? `\\b(?:${source})\\b` : source, flags.has('i') ? 'i' : '');
  let code = 1;
  const many = rest.length > 1 || flags.has('r');
  for (const path of rest.length === 0 ? ['-'] : rest) {
    try {
      const lines = linesOf(await textOf([path], process));
      const found = lines
        .map((line, i) => ({ line, number: i + 1 }))
        .filter(({ line }) => expression.test(line) !== flags.has('v'));
      if (found.length > 0) code = 0;
      const prefix = many && !flags.has('h') ? `${path}:` : '';
      if (flags.has('q')) continue;
      if (flags.has('c')) print(process, `${prefix}${found.length}\n`);
      else if (flags.has('l')) print(process, found.length > 0 ? `${path}\n` : '');
      else {
        for (const { line, number } of found) {
          const shown = flags.has('o') ? (expression.exec(line)?.[0] ?? '') : line;
          print(process, `${prefix}${flags.has('n') ? `${number}:` : ''}${shown}\n`);
        }
      }
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      code = flags.has('s') ? 2 : complain(process, `grep: ${error.message}`, 2);
    }
  }
  return code;
};

/** A POSIX pattern as one of JavaScript; in basic ones `\(`, `\|` and `\+` are special, plain ones are not. */
function basicPattern(pattern: string, extended: boolean): string {
  const plain = pattern
    .replaceAll('[[:space:]]', '\\s')
    .replaceAll('[[:digit:]]', '\\d')
    .replaceAll('[[:alpha:]]', '[A-Za-z]')
    .replaceAll('[[:alnum:]]', '[A-Za-z0-9]');
  if (extended) return plain;
  return plain.replaceAll(/\\?[(){}|+?]/g, (token) => (token.length === 2 ? token.charAt(1) : `\\${token}`));
}

const sed: Tool = async (args, process) => {
  const { flags, values, rest } = splitOptions(args, 'e');
  const script = values.get('e') ?? rest.shift() ?? '';
  const inPlace = flags.has('i');
  const substitute = /^(?:(\d+|\/(?:[^/\\]|\\.)*\/))?s(.)((?:(?!\2)[^\\]|\\.)*)\2((?:(?!\2)[^\\]|\\.)*)\2([gi]*)$/.exec(
    script,
  );
  const select = /^(?:(\d+)(?:,(\d+|\$))?|\/((?:[^/\\]|\\.)*)\/)([pd])$/.exec(script);
  if (substitute === null && select === null) return complain(process, `sed: unsupported command ${script}`);
  const edit = (lines: readonly string[]): string[] => {
    if (substitute !== null)
      return lines.map((line) => substituted(line, substitute, flags.has('E') || flags.has('r')));
    const [, from, to, pattern, action] = select ?? [];
    const isChosen = (line: string, i: number): boolean => {
      if (pattern !== undefined) return new RegExp(basicPattern(pattern, false)).test(line);
      const last = to === undefined ? Number(from) : to === '$' ? lines.length : Number(to);
      return i + 1 >= Number(from) && i + 1 <= last;
    };
    if (action === 'd') return lines.filter((line, i) => !isChosen(line, i));
    if (flags.has('n')) return lines.filter(isChosen);
    return lines.flatMap((line, i) => (isChosen(line, i) ? [line, line] : [line]));
  };
  try {
    for (const path of inPlace ? rest : [undefined]) {
      const text = edit(linesOf(await textOf(path === undefined ? rest : [path], process)))
        .map((line) => `${line}\n`)
        .join('');
      if (path === undefined) print(process, text);
      else process.world.files.write(pathOf(process, path), Buffer.from(text));
    }
    return 0;
  } catch (error) {
    if (error instanceof FileError) return complain(process, `sed: ${error.message}`);
    throw error;
  }
};

function substituted(line: string, command: RegExpExecArray, extended: boolean): string {
  const [, , , pattern = '', replacement = '', flags = ''] = command;
  const expression = new RegExp(basicPattern(pattern, extended), flags);
  const text = replacement.replaceAll(/\\([0-9&/n])|&|\$/g, (token, escaped: string | undefined) => {
    if (escaped === undefined) return token === '&' ? '$&' : '$$';
    if (escaped === 'n') return '\n';
    return /\d/.test(escaped) ? `$${escaped}` : escaped;
  });
  return line.replace(expression, text);
}

const cut = filter('cut', 'dfc', (lines, { values }) => {
  const ranges = (values.get('f') ?? values.get('c') ?? '1').split(',').map((range) => {
    const [from = '', to] = range.split('-');
    return {
      from: from === '' ? 1 : Number(from),
      to: to === undefined ? Number(from) : to === '' ? Infinity : Number(to),
    };
  });
  const isChosen = (_: string, i: number): boolean => ranges.some(({ from, to }) => i + 1 >= from && i + 1 <= to);
  if (values.has('c')) return lines.map((line) => Array.from(line).filter(isChosen).join(''));
  const delimiter = values.get('d') ?? '\t';
  return lines.map((line) =>
    line.includes(delimiter) ? line.split(delimiter).filter(isChosen).join(delimiter) : line,
  );
});

const wc: Tool = async (args, process) => {
  const { flags, rest } = splitOptions(args);
  try {
    const bytes = await bytesOf(rest, process);
    const text = bytes.toString('latin1');
    const counts = [
      ['l', text.split('\n').length - 1],
      ['w', text.split(/\s+/).filter((word) => word !== '').length],
      ['c', bytes.length],
    ] as const;
    const shown = counts.filter(([flag]) => flags.size === 0 || flags.has(flag)).map(([, count]) => String(count));
    const [only] = rest;
    print(process, `${shown.join(' ')}${only === undefined ? '' : ` ${only}`}\n`);
    return 0;
  } catch (error) {
    if (error instanceof FileError) return complain(process, `wc: ${error.message}`);
    throw error;
  }
};

const awk: Tool = async (args, process) => {
  const { values, rest } = splitOptions(args, 'Fv');
  const program = rest.shift() ?? '';
  const fields = /^\s*(?:\/((?:[^/\\]|\\.)*)\/\s*)?\{\s*print\s*([^}]*?)\s*;?\s*\}\s*$/.exec(program);
  if (fields === null) return complain(process, `awk: unsupported program ${program}`, 2);
  const [, pattern, list = ''] = fields;
  const separator = values.get('F');
  for (const line of linesOf(await textOf(rest, process))) {
    if (pattern !== undefined && !new RegExp(pattern).test(line)) continue;
    const parts = separator === undefined ? line.trim().split(/\s+/) : line.split(separator);
    const value = (term: string): string => {
      if (term === '$0') return line;
      if (term === '$NF') return parts.at(-1) ?? '';
      if (term === 'NF') return String(parts.length);
      const field = /^\$(\d+)$/.exec(term)?.[1];
      return field === undefined ? term.replaceAll('"', '') : (parts[Number(field) - 1] ?? '');
    };
    const text =
      list === ''
        ? line
        : list
            .split(/\s*,\s*/)
            .map((group) =>
              group
                .split(/\s+(?=["$N])/)
                .map(value)
                .join(''),
            )
            .join(' ');
    print(process, `${text}\n`);
  }
  return 0;
};

function digest(name: string, algorithm: string): Tool {
  return async (args, process) => {
    const { rest } = splitOptions(args);
    for (const path of rest.length === 0 ? ['-'] : rest) {
      try {
        const bytes = path === '-' ? await readAll(process.input) : process.world.files.read(pathOf(process, path));
        print(process, `${createHash(algorithm).update(bytes).digest('hex')}  ${path}\n`);
      } catch (error) {
        if (error instanceof FileError) return complain(process, `${name}: ${path}: ${error.message}`);
        throw error;
      }
    }
    return 0;
  };
}

const base64: Tool = async (args, process) => {
  const { flags, rest } = splitOptions(args, 'w');
  const text = await textOf(rest, process);
  if (flags.has('d')) process.out(Buffer.from(text, 'base64'));
  else print(process, `${Buffer.from(text, 'utf8').toString('base64')}\n`);
  return 0;
};

const tr: Tool = async (args, process) => {
  const { flags, rest } = splitOptions(args);
  const [from = '', to = ''] = rest.map(expandSet);
  const text = (await readAll(process.input)).toString('utf8');
  const changed = Array.from(text).flatMap((character) => {
    const at = from.indexOf(character);
    if (at === -1) return [character];
    return flags.has('d') ? [] : [to[Math.min(at, to.length - 1)] ?? character];
  });
  print(process, changed.join(''));
  return 0;
};

function expandSet(text: string): string {
  return unescape(text.replace('[:upper:]', 'A-Z').replace('[:lower:]', 'a-z').replace('[:digit:]', '0-9')).replaceAll(
    /(.)-(.)/g,
    (_whole, first: string, last: string) => {
      let set = '';
      for (let code = first.charCodeAt(0); code <= last.charCodeAt(0); code += 1) set += String.fromCharCode(code);
      return set;
    },
  );
}

const xargs: Tool = async (args, process) => {
  const { values, rest } = splitOptions(args, 'nI');
  const words = (await readAll(process.input))
    .toString('utf8')
    .split(/\s+/)
    .filter((word) => word !== '');
  const command = rest.length === 0 ? ['echo'] : rest;
  const placeholder = values.get('I');
  if (placeholder !== undefined) {
    for (const word of words) await process.run(command.map((part) => part.replaceAll(placeholder, word)));
    return 0;
  }
  const size = Math.max(1, Number(values.get('n') ?? words.length) || 1);
  let code = 0;
  for (let i = 0; i < Math.max(1, words.length); i += size)
    code = await process.run([...command, ...words.slice(i, i + size)]);
  return code;
};

function count({
  values,
  flags,
}: {
  readonly values: ReadonlyMap<string, string>;
  readonly flags: ReadonlySet<string>;
}): number {
  const short = [...flags].find((flag) => /^\d+$/.test(flag));
  return Number(values.get('n') ?? short ?? 10);
}

/** Programs about text. */
export const TEXT_TOOLS: Readonly<Record<string, Tool>> = {
  echo,
  printf,
  grep,
  egrep: (args, process) => grep(['-E', ...args], process),
  sed,
  cut,
  wc,
  awk,
  tr,
  xargs,
  base64,
  md5sum: digest('md5sum', 'md5'),
  sha1sum: digest('sha1sum', 'sha1'),
  sha256sum: digest('sha256sum', 'sha256'),
  head: filter('head', 'nc', (lines, options) => lines.slice(0, count(options))),
  sort: filter('sort', 'kt', (lines, { flags }) => {
    const sorted = flags.has('n') ? lines.sort((a, b) => Number.parseFloat(a) - Number.parseFloat(b)) : lines.sort();
    const unique = flags.has('u') ? [...new Set(sorted)] : sorted;
    return flags.has('r') ? unique.reverse() : unique;
  }),
  uniq: filter('uniq', '', (lines, { flags }) => {
    const groups: { line: string; count: number }[] = [];
    for (const line of lines) {
      const last = groups.at(-1);
      if (last?.line === line) last.count += 1;
      else groups.push({ line, count: 1 });
    }
    return groups.map((group) => (flags.has('c') ? `${String(group.count).padStart(7)} ${group.line}` : group.line));
  }),
  rev: filter('rev', '', (lines) => lines.map((line) => Array.from(line).reverse().join(''))),
  tac: filter('tac', '', (lines) => lines.reverse()),
  lastLines: filter('tail', 'nc', (lines, options) => {
    const from = /^\+(\d+)$/.exec(options.values.get('n') ?? '')?.[1];
    return from === undefined ? lines.slice(Math.max(0, lines.length - count(options))) : lines.slice(Number(from) - 1);
  }),
};
