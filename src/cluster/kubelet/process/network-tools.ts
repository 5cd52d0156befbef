import type { ToolResult, ToolShell } from './tool.ts';

interface Target {
  readonly host: string;
  readonly port: number;
  /** Host and port as they were written. */
  readonly text: string;
}

const DATABASE_PORTS: Readonly<Record<string, number>> = {
  pg_isready: 5432,
  psql: 5432,
  pg_dump: 5432,
  createdb: 5432,
  mysql: 3306,
  mysqladmin: 3306,
  mariadb: 3306,
  'mariadb-admin': 3306,
  'redis-cli': 6379,
  'valkey-cli': 6379,
  mongo: 27_017,
  mongosh: 27_017,
  'rabbitmq-diagnostics': 5672,
  rabbitmqctl: 5672,
  ping: 0,
  ping6: 0,
  telnet: 23,
};

/** What a program that talks to the network comes to; undefined: it is none that is known. */
export function networkTool(name: string, args: readonly string[], shell: ToolShell): ToolResult | undefined {
  switch (name) {
    case 'wget':
      return fetchTool(args, shell, wgetErrors);
    case 'curl':
      return curl(args, shell);
    case 'nc':
    case 'ncat':
    case 'netcat':
      return netcat(args, shell);
    case 'nslookup':
    case 'dig':
    case 'host':
    case 'getent':
      return lookUp(name, args, shell);
    case 'wait-for-it.sh':
    case 'wait-for-it':
    case 'wait-for':
    case 'wait-for.sh':
      return waitFor(args, shell);
    default:
      return Object.hasOwn(DATABASE_PORTS, name) ? client(name, DATABASE_PORTS[name] ?? 0, args, shell) : undefined;
  }
}

const NAMED = /^(?:wget|curl|nc|ncat|netcat|nslookup|dig|host|getent|wait-for(?:-it)?(?:\.sh)?)$/;

/** True for programs that {@link networkTool} knows. */
export function isNetworkTool(name: string): boolean {
  return NAMED.test(name) || Object.hasOwn(DATABASE_PORTS, name);
}

interface Errors {
  unknownHost(target: Target): string;
  refused(target: Target): string;
  readonly unknownHostCode: number;
  readonly refusedCode: number;
}

const wgetErrors: Errors = {
  unknownHost: ({ text }) => `wget: bad address '${text}'`,
  refused: ({ host }) => `wget: can't connect to remote host (${host}): Connection refused`,
  unknownHostCode: 1,
  refusedCode: 1,
};

const curlErrors: Errors = {
  unknownHost: ({ host }) => `curl: (6) Could not resolve host: ${host}`,
  refused: ({ host, port }) =>
    `curl: (7) Failed to connect to ${host} port ${port} after 0 ms: Could not connect to server`,
  unknownHostCode: 6,
  refusedCode: 7,
};

const WITH_VALUE =
  /^-(?:[a-zA-Z]*[OoTtHXdUuPYmAebcwFE]|-(?:output|header|request|data|timeout|tries|max-time|retry|retry-delay|connect-timeout|user|cacert|cert|key|write-out|form))$/;

function fetchTool(args: readonly string[], shell: ToolShell, errors: Errors): ToolResult {
  const url = urlIn(args);
  const target = url === undefined ? undefined : targetOf(url);
  if (target === undefined) return { exitCode: 0 };
  const result = dial(target, shell);
  if (result === 'connected') {
    // What the server said is not known here, but a page has come.
    const file = option(args, /^-[a-zA-Z]*[oO]$/, /^--output(?:-document)?=(.+)$/);
    if (file?.startsWith('/') === true && !file.startsWith('/dev/')) {
      shell.writeFile(file, `<!doctype html>\n<title>${target.host}</title>\n`);
    }
    return { exitCode: 0, network: true };
  }
  const unknown = result === 'unknown-host';
  const resolved = shell.surroundings.network.resolve(target.host) ?? target.host;
  return {
    exitCode: unknown ? errors.unknownHostCode : errors.refusedCode,
    error: unknown ? errors.unknownHost(target) : errors.refused({ ...target, host: resolved }),
    network: true,
  };
}

/** With `-w`, the status is what scripts go by; 000 where there was no answer. */
function curl(args: readonly string[], shell: ToolShell): ToolResult {
  const result = fetchTool(args, shell, curlErrors);
  const format = option(args, /^(?:-[a-zA-Z]*w|--write-out)$/, /^(?:--write-out=|-w)(.+)$/);
  if (format === undefined || result.network !== true) return result;
  const status = result.exitCode === 0 ? '200' : '000';
  const output = format.replaceAll(/%\{(?:http|response)_code\}/g, status).replaceAll('\\n', '\n');
  return { ...result, output: output.replace(/\n$/, '') };
}

function urlIn(args: readonly string[]): string | undefined {
  const scheme = args.find((arg) => /^https?:\/\//.test(arg));
  if (scheme !== undefined) return scheme;
  return args.find((arg, i) => !arg.startsWith('-') && !(i > 0 && WITH_VALUE.test(args[i - 1] ?? '')));
}

function targetOf(text: string): Target | undefined {
  const match = /^(?:(\w+):\/\/)?(?:[^@/]*@)?(\[[^\]]+\]|[^:/?#]+)(?::(\d+))?(?:[/?#]|$)/.exec(text);
  if (match === null) return undefined;
  const [, scheme, host = '', port] = match;
  const written = port === undefined ? host : `${host}:${port}`;
  return { host, port: port === undefined ? (scheme === 'https' ? 443 : 80) : Number(port), text: written };
}

function dial(
  { host, port }: Pick<Target, 'host' | 'port'>,
  shell: ToolShell,
): 'connected' | 'refused' | 'unknown-host' {
  if (/^(?:localhost|127\.\d+\.\d+\.\d+|\[?::1\]?|0\.0\.0\.0)$/.test(host)) return 'connected';
  return shell.surroundings.network.dial(host.replace(/^\[|\]$/g, ''), port);
}

function netcat(args: readonly string[], shell: ToolShell): ToolResult {
  if (args.some((arg) => /^-[a-z]*l/.test(arg))) return { exitCode: 0, endless: 'serves' };
  const plain = args.filter((arg, i) => !arg.startsWith('-') && !/^-[a-z]*w$/.test(args[i - 1] ?? ''));
  const [host, port] = plain;
  if (host === undefined || port === undefined) return { exitCode: 0 };
  const result = dial({ host, port: Number(port) }, shell);
  if (result === 'connected') return { exitCode: 0, network: true };
  const verbose = args.some((arg) => /^-[a-z]*v/.test(arg));
  const error =
    result === 'refused' ? `nc: ${host} (${host}:${port}): Connection refused` : `nc: bad address '${host}'`;
  return { exitCode: 1, network: true, ...(verbose || result !== 'refused' ? { error } : {}) };
}

function lookUp(name: string, args: readonly string[], shell: ToolShell): ToolResult {
  const plain = args.filter(
    (arg) => !/^[-+]/.test(arg) && !(name === 'getent' && /^(?:a?hosts|hostsv4|ahostsv4)$/.test(arg)),
  );
  const host = plain[0];
  if (host === undefined) return { exitCode: 0 };
  const address = shell.surroundings.network.resolve(host);
  if (address === undefined) {
    return { exitCode: name === 'getent' ? 2 : 1, error: `** server can't find ${host}: NXDOMAIN`, network: true };
  }
  const full = fullName(host, shell);
  if (name === 'getent') return { exitCode: 0, output: `${address.padEnd(15)} ${full}`, network: true };
  if (name === 'host') return { exitCode: 0, output: `${full} has address ${address}`, network: true };
  const server = /^nameserver (\S+)$/m.exec(shell.readFile('/etc/resolv.conf') ?? '')?.[1];
  const head = server === undefined ? '' : `Server:\t\t${server}\nAddress:\t${server}#53\n\n`;
  const all = shell.surroundings.network.addresses?.(host) ?? [address];
  const found = all.map((each) => `Name:\t${full}\nAddress: ${each}`).join('\n');
  const output = `${name === 'nslookup' ? head : ''}${found}`;
  return { exitCode: 0, output, network: true };
}

/** The name that was found: the one that was asked for, or with one of the domains that are searched. */
function fullName(host: string, shell: ToolShell): string {
  if (host.endsWith('.')) return host.slice(0, -1);
  const domains = /^search (.+)$/m.exec(shell.readFile('/etc/resolv.conf') ?? '')?.[1]?.split(' ') ?? [];
  const { network } = shell.surroundings;
  return domains.map((domain) => `${host}.${domain}`).find((name) => network.resolve(name) !== undefined) ?? host;
}

function waitFor(args: readonly string[], shell: ToolShell): ToolResult {
  const text = args.find((arg) => /^[\w.-]+:\d+$/.test(arg)) ?? args.find((arg) => /^https?:/.test(arg));
  const target = text === undefined ? undefined : targetOf(text);
  if (target === undefined) return { exitCode: 0 };
  const limit = /-(?:t|-timeout=?)\s*=?(\d+)/.exec(args.join(' '));
  const millis = Number(limit?.[1] ?? 15) * 1000;
  if (dial(target, shell) === 'connected') return { exitCode: 0, millis: 100, network: true };
  return millis === 0 ? { exitCode: 1, endless: 'waits', network: true } : { exitCode: 1, millis, network: true };
}

/** A client of a database: its server is named by options, by the environment, or is its own container. */
function client(name: string, defaultPort: number, args: readonly string[], shell: ToolShell): ToolResult {
  const { env } = shell.surroundings;
  let host = option(args, /^(?:-h|--host|-H|--hostname)$/, /^(?:--host=|-h)(.+)$/);
  const port = Number(option(args, /^(?:-p|--port|-P)$/, /^(?:--port=)(\d+)$/) ?? env.PGPORT ?? defaultPort);
  host ??= args.map((arg) => /^\w+:\/\/(?:[^@/]*@)?([^:/]+)/.exec(arg)?.[1]).find((found) => found !== undefined);
  if (host === undefined && /^(?:ping6?|telnet)$/.test(name)) host = args.findLast((arg) => !arg.startsWith('-'));
  host ??= name.startsWith('p') ? env.PGHOST : undefined;
  if (host === undefined || host === '') return { exitCode: 0 };
  const known = shell.surroundings.network.resolve(host) !== undefined;
  const result = defaultPort === 0 ? (known ? 'connected' : 'unknown-host') : dial({ host, port }, shell);
  if (result === 'connected') {
    return {
      exitCode: 0,
      network: true,
      ...(name === 'pg_isready' ? { output: `${host}:${port} - accepting connections` } : {}),
    };
  }
  const error =
    name === 'pg_isready' ? `${host}:${port} - no response` : `${name}: could not connect to ${host}:${port}`;
  return { exitCode: name === 'pg_isready' ? 2 : 1, error, network: true };
}

function option(args: readonly string[], separate: RegExp, joined: RegExp): string | undefined {
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i] ?? '';
    if (separate.test(arg)) return args[i + 1];
    const match = joined.exec(arg);
    if (match !== null) return match[1];
  }
  return undefined;
}
