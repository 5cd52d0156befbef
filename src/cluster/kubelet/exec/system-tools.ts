import type { Container } from '../../../kube/api/core-v1.generated.ts';
import { processUser } from '../pods/process-user.ts';
import { dateText } from '../process/date-text.ts';
import { hostnameText, idText, userName } from '../process/identity.ts';
import { FileError } from './file-system.ts';
import { complain, pathOf, pause, print, type Process, splitOptions, type Tool, untilGone } from './process.ts';

function say(text: (process: Process) => string): Tool {
  return (_args, process) => {
    print(process, `${text(process)}\n`);
    return 0;
  };
}

const printEnvironment: Tool = async (args, process) => {
  const { env } = process;
  let at = 0;
  const more: Record<string, string> = {};
  for (; at < args.length; at += 1) {
    const [name = '', value] = (args[at] ?? '').split(/=(.*)/s);
    if (value === undefined) break;
    more[name] = value;
  }
  const all = { ...env, ...more };
  if (at < args.length) return await process.run(args.slice(at), { env: all });
  print(
    process,
    Object.entries(all)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  return 0;
};

const printenv: Tool = async (args, process) => {
  const { env } = process;
  if (args.length === 0) return await printEnvironment([], process);
  let code = 0;
  for (const name of args) {
    if (Object.hasOwn(env, name)) print(process, `${env[name] ?? ''}\n`);
    else code = 1;
  }
  return code;
};

const SECONDS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

const sleep: Tool = async (args, process) => {
  let millis = 0;
  for (const arg of args) {
    if (arg === 'infinity' || arg === 'inf') {
      await untilGone(process);
      return 130;
    }
    const match = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(arg);
    if (match === null) return complain(process, `sleep: invalid number '${arg}'`);
    millis += Number(match[1]) * (SECONDS[match[2] ?? ''] ?? 1) * 1000;
  }
  if (args.length === 0) return complain(process, 'sleep: missing operand');
  await pause(process, millis);
  return 0;
};

const ps: Tool = (args, process) => {
  const { container, pod, user } = process.world;
  // Where the namespace of processes is shared, the pod's sandbox comes first.
  const shares = pod.spec?.shareProcessNamespace === true;
  const others = shares ? (pod.spec?.containers ?? []) : [container];
  const rows = others.map((each) => ({ line: commandLine(each), user: processUser(pod, each).uid }));
  const all = [
    ...(shares ? [{ line: '/pause', user: PAUSE_USER }] : []),
    ...rows,
    { line: ['ps', ...args].join(' '), user: user.uid },
  ];
  const text = all.map(({ line, user: uid }, i) => {
    const pid = String(i === 0 ? 1 : i * 7).padStart(5);
    return `${pid} ${userName(uid).padEnd(8)}  0:00 ${line}\n`;
  });
  print(process, `PID   USER     TIME  COMMAND\n${text.join('')}`);
  return 0;
};

/** As whom the program of a pod's sandbox runs. */
const PAUSE_USER = 65_535;

function commandLine({ command = [], args = [], image = '' }: Container): string {
  return [...command, ...args].join(' ') || entrypointOf(image);
}

/** What an image probably runs: it bears the name of its program. */
function entrypointOf(image: string): string {
  const name = image.replace(/[@:][^/]*$/, '');
  return name.slice(name.lastIndexOf('/') + 1);
}

const date: Tool = (args, process) => {
  print(process, `${dateText(args, process.world.clock.now())}\n`);
  return 0;
};

const test: Tool = (args, process) => (evaluate(args, process) ? 0 : 1);

/** `test` with `-a`, `-o` and `!`. */
function evaluate(args: readonly string[], process: Process): boolean {
  for (const [joint, or] of [
    ['-o', true],
    ['||', true],
    ['-a', false],
    ['&&', false],
  ] as const) {
    const at = args.indexOf(joint, 1);
    if (at <= 0) continue;
    const left = evaluate(args.slice(0, at), process);
    const right = evaluate(args.slice(at + 1), process);
    return or ? left || right : left && right;
  }
  if (args[0] === '!') return !evaluate(args.slice(1), process);
  if (args.length <= 1) return (args[0] ?? '') !== '';
  const [first = '', second = '', third = ''] = args;
  return args.length === 2 ? unary(first, second, process) : binary(first, second, third);
}

function unary(operator: string, value: string, process: Process): boolean {
  if (operator === '-z') return value === '';
  if (operator === '-n') return value !== '';
  const { files } = process.world;
  const path = pathOf(process, value);
  if (operator === '-L' || operator === '-h') return files.lookUp(path)?.kind === 'link';
  try {
    const { entry } = files.find(path);
    if (operator === '-f') return entry.kind === 'file';
    if (operator === '-d') return entry.kind === 'folder';
    if (operator === '-s') return entry.kind === 'file' && entry.bytes.length > 0;
    if (operator === '-x') return entry.kind === 'folder' || (entry.mode & 0o111) !== 0;
    return true;
  } catch (error) {
    if (error instanceof FileError) return false;
    throw error;
  }
}

function binary(left: string, operator: string, right: string): boolean {
  const [a, b] = [Number(left), Number(right)];
  const results: Readonly<Record<string, boolean>> = {
    '=': left === right,
    '==': left === right,
    '!=': left !== right,
    '-eq': a === b,
    '-ne': a !== b,
    '-lt': a < b,
    '-le': a <= b,
    '-gt': a > b,
    '-ge': a >= b,
  };
  return results[operator] ?? false;
}

const seq: Tool = (args, process) => {
  const numbers = args.map(Number);
  const [first, step, last] =
    numbers.length === 1
      ? [1, 1, numbers[0] ?? 0]
      : numbers.length === 2
        ? [numbers[0] ?? 0, 1, numbers[1] ?? 0]
        : [numbers[0] ?? 0, numbers[1] ?? 1, numbers[2] ?? 0];
  const lines: string[] = [];
  for (let value = first; step > 0 ? value <= last : value >= last; value += step) {
    lines.push(`${value}\n`);
    if (lines.length > 100_000 || step === 0) break;
  }
  print(process, lines.join(''));
  return 0;
};

const expr: Tool = (args, process) => {
  let value = Number(args[0] ?? 0) || 0;
  for (let i = 1; i + 1 < args.length; i += 2) {
    const operand = Number(args[i + 1]) || 0;
    if (args[i] === '+') value += operand;
    else if (args[i] === '-') value -= operand;
    else if (args[i] === '*') value *= operand;
    else if (operand === 0) return complain(process, 'expr: division by zero', 2);
    else value = args[i] === '%' ? value % operand : Math.trunc(value / operand);
  }
  print(process, `${value}\n`);
  return value === 0 ? 1 : 0;
};

const timeout: Tool = async (args, process) => {
  const { rest } = splitOptions(args, 'sk');
  const [, ...command] = rest;
  return await process.run(command);
};

/** Programs about the machine, the user and the time. */
export const SYSTEM_TOOLS: Readonly<Record<string, Tool>> = {
  true: () => 0,
  false: () => 1,
  env: printEnvironment,
  printenv,
  sleep,
  ps,
  date,
  test,
  '[': (args, process) => test(args.slice(0, -1), process),
  '[[': (args, process) => test(args.slice(0, -1), process),
  seq,
  expr,
  timeout,
  hostname: (args, process) => {
    const { files, hostname } = process.world;
    const hosts = files.exists('/etc/hosts') ? Buffer.from(files.read('/etc/hosts')).toString('utf8') : undefined;
    print(process, `${hostnameText(args, hostname, hosts)}\n`);
    return 0;
  },
  whoami: (_args, process) => {
    const { uid } = process.world.user;
    if (uid !== 0) return complain(process, `whoami: unknown uid ${uid}`);
    print(process, 'root\n');
    return 0;
  },
  id: (args, process) => {
    print(process, `${idText(process.world.user, args)}\n`);
    return 0;
  },
  uname: (args, process) => {
    const { hostname } = process.world;
    const all = `Linux ${hostname} 6.8.0-pintle #1 SMP x86_64 GNU/Linux`;
    const { flags } = splitOptions(args);
    print(
      process,
      `${flags.has('a') ? all : flags.has('r') ? '6.8.0-pintle' : flags.has('m') ? 'x86_64' : flags.has('n') ? hostname : 'Linux'}\n`,
    );
    return 0;
  },
  nproc: say(() => '8'),
  tty: say(() => '/dev/pts/0'),
  kill: () => 0,
  sync: () => 0,
  clear: (_args, process) => {
    print(process, '\x1b[H\x1b[J');
    return 0;
  },
  df: say(
    () =>
      'Filesystem           1K-blocks      Used Available Use% Mounted on\noverlay              209715200  20971520 188743680  10% /',
  ),
  free: say(
    () =>
      '              total        used        free      shared  buff/cache   available\nMem:       33554432     4194304    29360128           0           0    29360128\nSwap:             0           0           0',
  ),
};
