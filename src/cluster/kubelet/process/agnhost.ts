import { idText, ROOT } from './identity.ts';
import type { ToolResult, ToolShell } from './tool.ts';

/** What a new file of the mount tester holds. */
const NEW_FILE = 'mount-tester new file\n';

/** Seconds for which the mount tester looks at a file again and again unless it is told otherwise. */
const DEFAULT_RETRY = 180;

/** Subcommands that serve until they are stopped. */
const SERVERS =
  /^(?:audit-proxy|connect|crd-conversion-webhook|fake-gitserver|grpc-health-checking|guestbook|liveness|net|netexec|nettest|no-snat-test-proxy|pause|porter|resource-consumer-controller|serve-hostname|test-webserver|webhook)$/;

/**
 * agnhost, the image that Kubernetes' manual and its conformance tests use for everything: the subcommands that come to an end.
 *
 * @param path how it was started: it says so itself
 */
export function agnhost(path: string, args: readonly string[], shell: ToolShell): ToolResult {
  const [command = 'pause', ...rest] = args;
  switch (command) {
    case 'mounttest':
      return mountTest(rest, shell);
    case 'entrypoint-tester':
      return { exitCode: 0, output: `[${[path, ...args].join(' ')}]` };
    case 'dns-suffix':
      return { exitCode: 0, output: resolverWords(shell, 'search').join(',') };
    case 'dns-server-list':
      return { exitCode: 0, output: resolverWords(shell, 'nameserver').join(',') };
    case 'etc-hosts':
      return { exitCode: 0, output: shell.readFile('/etc/hosts') ?? '', raw: true };
    case 'logs-generator':
      return generateLogs(rest, shell);
    case 'pause':
      return { exitCode: 0, output: 'Paused', endless: 'waits' };
    case 'id':
      return { exitCode: 0, output: idText(shell.surroundings.user ?? ROOT, rest) };
    default:
      return SERVERS.test(command) ? { exitCode: 0, endless: 'serves' } : { exitCode: 0, unknown: true };
  }
}

function resolverWords(shell: ToolShell, keyword: string): readonly string[] {
  const lines = (shell.readFile('/etc/resolv.conf') ?? '').split('\n');
  return lines.flatMap((line) => {
    const [first, ...words] = line.split(/\s+/);
    return first === keyword ? words : [];
  });
}

function flagsOf(args: readonly string[]): ReadonlyMap<string, string> {
  const flags = new Map<string, string>();
  args.forEach((arg, i) => {
    const match = /^--?([\w-]+)(?:=(.*))?$/s.exec(arg);
    if (match === null) return;
    const next = args[i + 1];
    flags.set(match[1] ?? '', match[2] ?? (next === undefined || next.startsWith('-') ? '' : next));
  });
  return flags;
}

/** Tells about files, and makes some. */
function mountTest(args: readonly string[], shell: ToolShell): ToolResult {
  const flags = flagsOf(args);
  const looped = flags.get('file_content_in_loop');
  if (looped !== undefined) return loop(looped, Number(flags.get('retry_time') ?? DEFAULT_RETRY), shell);
  const lines: string[] = [];
  const made = new Map<string, number>();
  let failed = false;
  const tell = (path: string, line: string | undefined, what: string): void => {
    failed ||= line === undefined;
    lines.push(
      line ?? `error ${what} ${JSON.stringify(path)}: ${what.split(' ')[0]} ${path}: no such file or directory`,
    );
  };
  for (const [flag, path] of flags) {
    const bits = /^new_file_(0\d{3})$/.exec(flag)?.[1];
    if (bits !== undefined) {
      shell.writeFile(path, NEW_FILE);
      made.set(path, Number.parseInt(bits, 8));
    }
    const mode = (): number | undefined => made.get(path) ?? modeOf(path, shell);
    if (flag === 'fs_type') tell(path, `mount type of ${JSON.stringify(path)}: ${fileSystemOf(path, shell)}`, '');
    if (flag === 'file_mode') tell(path, modeLine('mode', path, mode(), shell), 'stat of');
    if (flag === 'file_perm') tell(path, modeLine('perms', path, mode(), shell), 'stat of');
    if (flag === 'file_owner') {
      const { uid, gid } = shell.surroundings.user ?? ROOT;
      tell(path, `owner UID of ${JSON.stringify(path)}: ${uid}\nowner GID of ${JSON.stringify(path)}: ${gid}`, '');
    }
    if (flag === 'file_content' || bits !== undefined) tell(path, contentLine(path, shell), 'open for reading');
  }
  return { exitCode: failed ? 1 : 0, output: lines.join('\n') };
}

function contentLine(path: string, shell: ToolShell): string | undefined {
  const text = shell.readFile(path);
  return text === undefined ? undefined : `content of file ${JSON.stringify(path)}: ${text}`;
}

function modeOf(path: string, shell: ToolShell): number | undefined {
  return shell.fileExists(path) ? (shell.surroundings.files.mode?.(path) ?? 0o644) : undefined;
}

function modeLine(
  word: 'mode' | 'perms',
  path: string,
  mode: number | undefined,
  shell: ToolShell,
): string | undefined {
  if (mode === undefined) return undefined;
  const isFolder = word === 'mode' && shell.readFile(path) === undefined;
  const letters = Array.from('rwxrwxrwx', (letter, i) => ((mode >> (8 - i)) & 1 ? letter : '-')).join('');
  return `${word} of file ${JSON.stringify(path)}: ${isFolder ? 'd' : '-'}${letters}`;
}

/** The kind of file system that a mount is on. */
function fileSystemOf(path: string, shell: ToolShell): string {
  return shell.surroundings.files.inMemory?.(path) === true ? 'tmpfs' : 'ext4';
}

function loop(path: string, seconds: number, shell: ToolShell): ToolResult {
  const once = `/agnhost mounttest --file_content='${path.replaceAll("'", `'\\''`)}'`;
  const script = `i=0; while [ $i -lt ${seconds} ]; do ${once}; sleep 1; i=$((i+1)); done`;
  return { exitCode: shell.nested(script), script: true };
}

/** Lines as a server would write them, spread over a time. */
function generateLogs(args: readonly string[], shell: ToolShell): ToolResult {
  const flags = flagsOf(args);
  const count = Math.min(1000, Number(flags.get('log-lines-total') ?? 0) || 0);
  const seconds = /^(\d+)(m?)/.exec(flags.get('run-duration') ?? '') ?? ['', '0', ''];
  const pause = count === 0 ? 0 : (Number(seconds[1]) * (seconds[2] === 'm' ? 60 : 1)) / count;
  const lines = Array.from({ length: count }, (_, i) => {
    const verb = ['GET', 'POST', 'PUT'][i % 3] ?? 'GET';
    const line = `1 logs_generator.go:76] ${i} ${verb} /api/v1/namespaces/default/pods/${(i * 7919).toString(36)} ${200 + (i % 300)}`;
    return `echo '${line}'; sleep ${pause}`;
  });
  return { exitCode: shell.nested(lines.join('\n')), script: true };
}
