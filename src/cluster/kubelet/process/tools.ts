import { agnhost } from './agnhost.ts';
import { dateText } from './date-text.ts';
import { hostnameText, idText, ROOT, userName } from './identity.ts';
import { isNetworkTool, networkTool } from './network-tools.ts';
import type { ToolResult, ToolShell } from './tool.ts';

const DONE: ToolResult = { exitCode: 0 };
const FAILED: ToolResult = { exitCode: 1 };

type Tool = (args: readonly string[], shell: ToolShell, input: string | undefined) => ToolResult;

/** Programs that serve when they are started in the foreground. */
const SERVERS: ReadonlySet<string> = new Set(
  (
    'nginx httpd httpd-foreground apache2-foreground apachectl php-fpm uwsgi gunicorn uvicorn node nodejs npm yarn pnpm java ' +
    'catalina.sh redis-server redis-sentinel valkey-server valkey-sentinel mysqld mariadbd mongod rabbitmq-server memcached etcd haproxy traefik caddy dnsmasq ' +
    'sshd socat postgres docker-entrypoint.sh prometheus grafana-server envoy thttpd lighttpd supervisord'
  ).split(' '),
);

/** First processes that only run another: the options of each that take a value. */
const INITS: Readonly<Record<string, RegExp>> = {
  'dumb-init': /^(?:-r|--rewrite)$/,
  tini: /^-[pe]$/,
  'tini-static': /^-[pe]$/,
  catatonit: /^-[gP]$/,
};

const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'ash', 'dash', 'zsh', 'ksh', 'busybox']);

/** True for programs that read scripts. */
function isShell(program: string): boolean {
  return SHELLS.has(baseName(program)) && baseName(program) !== 'busybox';
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** True for names that nobody gives a program but to see it fail. */
export function isNoProgram(name: string): boolean {
  return /(?:does-?not-?exist|non-?existent|no-?such|not-?found|(?:^|\/)nope$|missing-?(?:command|binary|program))/i.test(
    name,
  );
}

const TOOLS: Readonly<Record<string, Tool>> = {
  true: () => DONE,
  ':': () => DONE,
  false: () => FAILED,
  echo: (args) => echo(args),
  printf: (args) => ({ exitCode: 0, output: printf(args), raw: true }),
  sleep,
  cat,
  test: (args, shell) => ({ exitCode: evaluateTest(args, shell) ? 0 : 1 }),
  '[': (args, shell) => ({ exitCode: evaluateTest(args.slice(0, -1), shell) ? 0 : 1 }),
  '[[': (args, shell) => ({ exitCode: evaluateTest(args.slice(0, -1), shell) ? 0 : 1 }),
  env: (args, shell) =>
    args.length === 0
      ? { exitCode: 0, output: listing(shell.variables) }
      : runTool(
          args.filter((arg) => !arg.includes('=')),
          shell,
          undefined,
        ),
  printenv: (args, shell) => printenv(args, shell),
  hostname: (args, shell) => ({
    exitCode: 0,
    output: hostnameText(args, shell.surroundings.hostname, shell.readFile('/etc/hosts')),
  }),
  whoami: (_args, { surroundings }) => {
    const { uid } = surroundings.user ?? ROOT;
    return uid === 0 ? { exitCode: 0, output: 'root' } : { exitCode: 1, error: `whoami: unknown uid ${userName(uid)}` };
  },
  id: (args, { surroundings }) => ({ exitCode: 0, output: idText(surroundings.user ?? ROOT, args) }),
  pwd: () => ({ exitCode: 0, output: '/' }),
  touch: (args, shell) => {
    for (const path of paths(args)) shell.writeFile(path, shell.readFile(path) ?? '');
    return DONE;
  },
  rm: (args, shell) => {
    for (const path of paths(args)) shell.writeFile(path, undefined);
    return DONE;
  },
  mkdir: (args, shell) => {
    for (const path of paths(args)) shell.makeFolder(path);
    return DONE;
  },
  cp: (args, shell) => copy(args, shell),
  mv: (args, shell) => copy(args, shell),
  ln: (args, shell) => copy(args, shell),
  tee: (args, shell, input) => {
    const appends = args.some((arg) => /^-[a-z]*a/.test(arg));
    for (const path of paths(args)) {
      if (appends) shell.appendFile(path, `${input ?? ''}\n`);
      else shell.writeFile(path, `${input ?? ''}\n`);
    }
    return { exitCode: 0, output: input ?? '' };
  },
  ls,
  head: (args, shell, input) => ends(args, shell, input, (lines, count) => lines.slice(0, count)),
  grep,
  tail: (args, shell, input) =>
    args.some((arg) => /^-[a-zA-Z]*[fF]/.test(arg) || arg === '--follow')
      ? { exitCode: 0, endless: 'waits' }
      : ends(args, shell, input, (lines, count) => lines.slice(-count)),
  timeout: (args, shell) => timeout(args, shell),
  seq: (args) => ({ exitCode: 0, output: sequence(args) }),
  expr: (args) => ({ exitCode: 0, output: String(arithmetic(args)) }),
  let: () => DONE,
  kill: () => DONE,
  sysctl: (args, shell) => {
    const name = paths(args)[0];
    if (name === undefined) return DONE;
    // Settings of the node are nothing that is kept.
    if (name.includes('=')) return { exitCode: 0, output: name.replace('=', ' = ') };
    const value = shell.readFile(`/proc/sys/${name.replaceAll('.', '/')}`);
    return value === undefined
      ? { exitCode: 1, error: `sysctl: error: '${name}' is an unknown key` }
      : { exitCode: 0, output: `${name} = ${value.trimEnd()}` };
  },
  date: (args, { times, elapsed }) => ({
    exitCode: 0,
    output: times.startedAt === undefined ? '' : dateText(args, times.startedAt + elapsed),
  }),
  pause: () => ({ exitCode: 0, endless: 'waits' }),
  agnhost: (args, shell) => agnhost('/agnhost', args, shell),
  'agnhost-2': (args, shell) => agnhost('/agnhost-2', args, shell),
  httpd: (args) =>
    args.includes('-f') || args.some((arg) => arg.startsWith('-f')) ? { exitCode: 0, endless: 'serves' } : DONE,
};

const FILTERS: ReadonlySet<string> = new Set(
  'sed awk tr cut sort uniq wc xargs jq yq base64 sha256sum md5sum rev column'.split(' '),
);

/** Runs one program of a script. Programs that are not known succeed at once, or serve where a server is to run. */
export function runTool(argv: readonly string[], shell: ToolShell, input: string | undefined): ToolResult {
  const [path = '', ...args] = argv;
  const name = baseName(path);
  if (name === 'busybox') return runTool(args, shell, input);
  if (isShell(name)) return runShell(args, shell);
  const valued = Object.hasOwn(INITS, name) ? INITS[name] : undefined;
  if (valued !== undefined) return runInit(args, valued, shell, input);
  const tool = Object.hasOwn(TOOLS, name) ? TOOLS[name] : undefined;
  if (tool !== undefined) return tool(args, shell, input);
  if (FILTERS.has(name)) return pass(input);
  const answer = networkTool(name, args, shell);
  if (answer !== undefined) return answer;
  if (isNoProgram(path)) return { exitCode: 127, error: `sh: ${path}: not found` };
  if (SERVERS.has(name) && !isShortRun(name, args)) return { exitCode: 0, endless: 'serves' };
  return unknownProgram(name, args);
}

/** `tini -s -- server --port 80` does what the server does. */
function runInit(args: readonly string[], valued: RegExp, shell: ToolShell, input: string | undefined): ToolResult {
  let at = 0;
  while (args[at]?.startsWith('-') === true) {
    if (args[at] === '--') {
      at += 1;
      break;
    }
    at += valued.test(args[at] ?? '') ? 2 : 1;
  }
  return at < args.length ? runTool(args.slice(at), shell, input) : { exitCode: 1 };
}

/** `node -v`, `java -version`, `nginx -t`, `npm ci` */
function isShortRun(name: string, args: readonly string[]): boolean {
  if (args.some((arg) => /^--?(?:v|version|V|t|T|help|h)$/.test(arg))) return true;
  return /^(?:npm|yarn|pnpm)$/.test(name) && !args.some((arg) => /^(?:start|run|serve|dev)$/.test(arg));
}

function unknownProgram(name: string, args: readonly string[]): ToolResult {
  const interpreter = /^(?:python|python3|ruby|perl|php|deno|bun)$/.test(name);
  const servesModule = interpreter && args.some((arg) => /http\.server|uvicorn|gunicorn|runserver|flask/.test(arg));
  if (servesModule) return { exitCode: 0, endless: 'serves' };
  if (interpreter && args.includes('-c')) return DONE;
  return { exitCode: 0, unknown: true };
}

/** True for programs whose doings are known: shells, tools, servers, and names that stand for no program. */
export function isKnownProgram(path: string): boolean {
  const name = baseName(path);
  if (isShell(name) || name === 'busybox' || Object.hasOwn(TOOLS, name) || FILTERS.has(name) || SERVERS.has(name))
    return true;
  return Object.hasOwn(INITS, name) || isNetworkTool(name);
}

function runShell(args: readonly string[], shell: ToolShell): ToolResult {
  const at = args.findIndex((arg) => /^-[a-z]*c[a-z]*$/.test(arg));
  if (at !== -1) return { exitCode: shell.nested(args[at + 1] ?? ''), script: true };
  const file = args.find((arg) => !arg.startsWith('-'));
  const script = file === undefined ? undefined : shell.readFile(file);
  return script === undefined ? DONE : { exitCode: shell.nested(script), script: true };
}

function pass(input: string | undefined): ToolResult {
  return input === undefined || input === '' ? DONE : { exitCode: 0, output: input };
}

function paths(args: readonly string[]): readonly string[] {
  return args.filter((arg) => !arg.startsWith('-'));
}

function echo(args: readonly string[]): ToolResult {
  let letters = '';
  let first = 0;
  while (/^-[neE]+$/.test(args[first] ?? '')) {
    letters += args[first] ?? '';
    first += 1;
  }
  const text = args.slice(first).join(' ');
  const output = letters.includes('e') ? unescape(text) : text;
  return { exitCode: 0, output, ...(letters.includes('n') ? { raw: true } : {}) };
}

function unescape(text: string): string {
  return text.replaceAll('\\n', '\n').replaceAll('\\t', '\t').replaceAll('\\\\', '\\');
}

function printf([format = '', ...values]: readonly string[]): string {
  let next = 0;
  return unescape(format).replaceAll(/%(?:\d*)([sdi%])/g, (_whole, kind: string) => {
    if (kind === '%') return '%';
    const value = values[next] ?? '';
    next += 1;
    return value;
  });
}

function sleep(args: readonly string[]): ToolResult {
  let millis = 0;
  for (const arg of args) {
    if (arg === 'infinity' || arg === 'inf') return { exitCode: 0, endless: 'waits' };
    const match = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(arg);
    if (match === null) return { exitCode: 1, error: `sleep: invalid number '${arg}'` };
    const unit = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2] === '' ? 's' : (match[2] ?? 's')] ?? 1000;
    millis += Number(match[1]) * unit;
  }
  return args.length === 0 ? { exitCode: 1, error: 'sleep: missing operand' } : { exitCode: 0, millis };
}

function cat(args: readonly string[], shell: ToolShell, input: string | undefined): ToolResult {
  const files = paths(args);
  if (files.length === 0) return pass(input);
  const texts: string[] = [];
  for (const file of files) {
    if (!shell.fileExists(file)) return { exitCode: 1, error: `cat: can't open '${file}': No such file or directory` };
    const text = shell.readFile(file);
    if (text !== undefined) texts.push(text);
  }
  const output = texts.join('');
  return output === '' ? DONE : { exitCode: 0, output, raw: true };
}

/** The first or last lines of a text; 10 unless `-n` or `-5` says how many. */
function ends(
  args: readonly string[],
  shell: ToolShell,
  input: string | undefined,
  part: (lines: readonly string[], count: number) => readonly string[],
): ToolResult {
  const joined = args.join(' ');
  const count = Number(/(?:^|\s)-(?:n\s*)?(\d+)/.exec(joined)?.[1] ?? 10);
  const files = paths(args).filter((arg) => !/^\d+$/.test(arg));
  const text = files.length === 0 ? input : files.map((file) => shell.readFile(file) ?? '').join('');
  if (text === undefined || text === '') return DONE;
  return { exitCode: 0, output: part(text.replace(/\n$/, '').split('\n'), count).join('\n') };
}

function ls(args: readonly string[], shell: ToolShell): ToolResult {
  const given = paths(args);
  const missing = given.find((path) => !shell.fileExists(path));
  if (missing !== undefined) return { exitCode: 1, error: `ls: ${missing}: No such file or directory` };
  const hidden = args.some((arg) => /^-[a-zA-Z]*[aA]/.test(arg));
  const names = given.flatMap(
    (path) => shell.listFolder(path)?.filter((name) => hidden || !name.startsWith('.')) ?? [path],
  );
  return names.length === 0 ? DONE : { exitCode: 0, output: names.join('\n') };
}

function grep(args: readonly string[], shell: ToolShell, input: string | undefined): ToolResult {
  const [pattern = '', ...files] = args.filter((arg) => !/^-[a-zA-Z]+$/.test(arg));
  const text = files.length === 0 ? input : files.map((file) => shell.readFile(file) ?? '').join('\n');
  // Text that nobody knows is taken to hold what is looked for.
  if (text === undefined || text === '')
    return files.some((file) => shell.readFile(file) !== undefined) ? FAILED : DONE;
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, args.some((arg) => /^-[a-zA-Z]*i/.test(arg)) ? 'i' : '');
  } catch {
    return DONE;
  }
  const inverted = args.some((arg) => /^-[a-zA-Z]*v/.test(arg));
  const found = text.split('\n').filter((line) => expression.test(line) !== inverted);
  const quiet = args.some((arg) => /^-[a-zA-Z]*q/.test(arg));
  return { exitCode: found.length > 0 ? 0 : 1, ...(quiet || found.length === 0 ? {} : { output: found.join('\n') }) };
}

function printenv(args: readonly string[], shell: ToolShell): ToolResult {
  if (args.length === 0) return { exitCode: 0, output: listing(shell.variables) };
  const set = args.filter((name) => Object.hasOwn(shell.variables, name));
  const exitCode = set.length === args.length ? 0 : 1;
  return set.length === 0 ? FAILED : { exitCode, output: set.map((name) => shell.variables[name]).join('\n') };
}

function listing(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');
}

function copy(args: readonly string[], shell: ToolShell): ToolResult {
  const files = [...paths(args)];
  const target = files.pop();
  if (target === undefined) return DONE;
  const isFolder = target.endsWith('/') || files.length > 1 || shell.listFolder(target) !== undefined;
  for (const source of files) {
    const path = isFolder ? `${target.replace(/\/+$/, '')}/${baseName(source)}` : target;
    shell.writeFile(path, shell.readFile(source) ?? '');
  }
  return DONE;
}

function timeout(args: readonly string[], shell: ToolShell): ToolResult {
  const [limit = '', ...command] = args.filter((arg, i) => !(arg.startsWith('-') && i < 4));
  const millis = sleep([limit.replace(/^-t/, '')]).millis ?? 0;
  const before = shell.elapsed;
  const result = runTool(command, shell, undefined);
  const waits = result.endless !== undefined || (result.millis ?? 0) + shell.elapsed - before > millis;
  if (!waits) return result;
  shell.elapsed = before;
  return { exitCode: 143, millis };
}

function sequence(args: readonly string[]): string {
  const numbers = args.map(Number);
  const [first, last] = numbers.length === 1 ? [1, numbers[0] ?? 0] : [numbers[0] ?? 1, numbers.at(-1) ?? 0];
  const out: number[] = [];
  for (let i = first; i <= last && out.length < 1000; i += 1) out.push(i);
  return out.join('\n');
}

function arithmetic(args: readonly string[]): number {
  let value = Number(args[0] ?? 0) || 0;
  for (let i = 1; i + 1 < args.length; i += 2) {
    const operand = Number(args[i + 1]) || 0;
    if (args[i] === '+') value += operand;
    else if (args[i] === '-') value -= operand;
    else if (args[i] === '*') value *= operand;
    else if (args[i] === '/' && operand !== 0) value = Math.trunc(value / operand);
    else if (args[i] === '%' && operand !== 0) value %= operand;
  }
  return value;
}

/** `test` and `[`, with `-a`, `-o` and `!`, from left to right. */
function evaluateTest(args: readonly string[], shell: ToolShell): boolean {
  for (const joint of ['-o', '||', '-a', '&&']) {
    const at = args.indexOf(joint, 1);
    if (at <= 0) continue;
    const left = evaluateTest(args.slice(0, at), shell);
    const right = evaluateTest(args.slice(at + 1), shell);
    return joint === '-o' || joint === '||' ? left || right : left && right;
  }
  if (args[0] === '!') return !evaluateTest(args.slice(1), shell);
  if (args.length <= 1) return args[0] !== undefined && args[0] !== '';
  if (args.length === 2) return unaryTest(args[0] ?? '', args[1] ?? '', shell);
  return binaryTest(args[0] ?? '', args[1] ?? '', args[2] ?? '');
}

function unaryTest(operator: string, value: string, shell: ToolShell): boolean {
  if (operator === '-z') return value === '';
  if (operator === '-n') return value !== '';
  return /^-[defrswxhLSpk]$/.test(operator) ? shell.fileExists(value) : true;
}

function binaryTest(left: string, operator: string, right: string): boolean {
  switch (operator) {
    case '=':
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '-eq':
      return Number(left) === Number(right);
    case '-ne':
      return Number(left) !== Number(right);
    case '-lt':
      return Number(left) < Number(right);
    case '-le':
      return Number(left) <= Number(right);
    case '-gt':
      return Number(left) > Number(right);
    case '-ge':
      return Number(left) >= Number(right);
    default:
      return true;
  }
}
