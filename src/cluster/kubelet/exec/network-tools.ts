import { complain, print, splitOptions, type Tool } from './process.ts';

const WGET_VALUES = 'OoTtUP';
const CURL_VALUES = 'oXHdmuAebwFT';

/** Reads the address of a command line; `host/path` is HTTP. */
function urlIn(rest: readonly string[]): URL | undefined {
  const text = rest.find((arg) => arg !== '');
  if (text === undefined) return undefined;
  try {
    return new URL(/^[a-z]+:\/\//.test(text) ? text : `http://${text}`);
  } catch {
    return undefined;
  }
}

const wget: Tool = (args, process) => {
  const { flags, values, rest } = splitOptions(args, WGET_VALUES);
  const url = urlIn(rest);
  if (url === undefined) return complain(process, 'wget: missing URL');
  const result = process.world.fetch(url);
  if (result.kind === 'unknown-host') return complain(process, `wget: bad address '${url.host}'`);
  if (result.kind === 'refused') {
    return complain(process, `wget: can't connect to remote host (${url.hostname}): Connection refused`);
  }
  if (result.status >= 400) return complain(process, `wget: server returned error: HTTP/1.1 ${result.status}`);
  const target = values.get('O') ?? (url.pathname.split('/').at(-1) || 'index.html');
  if (flags.has('spider')) return 0;
  if (target === '-') process.out(result.body);
  else process.world.files.write(`${process.folder === '/' ? '' : process.folder}/${target}`, result.body);
  return 0;
};

const curl: Tool = (args, process) => {
  const { flags, values, rest } = splitOptions(args, CURL_VALUES);
  const url = urlIn(rest);
  if (url === undefined) return complain(process, "curl: try 'curl --help' for more information", 2);
  const result = process.world.fetch(url);
  const silent = flags.has('s') && !flags.has('S');
  const fail = (code: number, text: string): number =>
    silent ? code : complain(process, `curl: (${code}) ${text}`, code);
  if (result.kind === 'unknown-host') return fail(6, `Could not resolve host: ${url.hostname}`);
  if (result.kind === 'refused') {
    const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
    return fail(7, `Failed to connect to ${url.hostname} port ${port} after 0 ms: Could not connect to server`);
  }
  if (flags.has('f') && result.status >= 400) return fail(22, `The requested URL returned error: ${result.status}`);
  if (flags.has('i') || flags.has('I')) {
    print(
      process,
      `HTTP/1.1 ${result.status}\r\ncontent-type: ${result.type}\r\ncontent-length: ${result.body.length}\r\n\r\n`,
    );
  }
  const out = values.get('o');
  if (!flags.has('I') && out !== '/dev/null') {
    if (out === undefined) process.out(result.body);
    else process.world.files.write(`${process.folder === '/' ? '' : process.folder}/${out}`, result.body);
  }
  const format = values.get('w');
  if (format !== undefined)
    print(process, format.replaceAll('%{http_code}', String(result.status)).replaceAll('\\n', '\n'));
  return 0;
};

/** Programs that fetch. */
export const NETWORK_TOOLS: Readonly<Record<string, Tool>> = { wget, curl };
