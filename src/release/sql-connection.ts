import { PintleError } from '../base/errors.ts';

/** Where a database is, in the fields that the client takes. */
export interface SqlConnection {
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  /** ms; 0: as long as it takes */
  readonly connectTimeout?: number;
  /** Run-time settings, such as `search_path`. */
  readonly options?: string;
  readonly tls: SqlTls;
  /** Files of the client's certificate, its key and the authorities. */
  readonly files: { readonly certificate?: string; readonly key?: string; readonly authority?: string };
}

/** How the connection is secured: not at all, encrypted, with a trusted certificate, with one for this very host. */
export type SqlTls = 'off' | 'encrypt' | 'verify' | 'verify-host';

const MODES: Readonly<Record<string, SqlTls>> = {
  disable: 'off',
  require: 'encrypt',
  'verify-ca': 'verify',
  'verify-full': 'verify-host',
};

/**
 * Reads what HELM_DRIVER_SQL_CONNECTION_STRING holds: a URL (`postgres://user:password@host:5432/db?sslmode=disable`) or pairs
 * (`host=… dbname=… sslmode=disable`), as github.com/lib/pq reads them. Without `sslmode` the connection is encrypted.
 *
 * @throws PintleError `usage`; the text is never repeated, for it holds a password
 */
export function parseSqlConnection(text: string): SqlConnection {
  const trimmed = text.trim();
  const settings = /^postgres(?:ql)?:\/\//i.test(trimmed) ? fromUrl(trimmed) : fromPairs(trimmed);
  const mode = settings.get('sslmode') ?? 'require';
  const tls = Object.hasOwn(MODES, mode) ? MODES[mode] : undefined;
  if (tls === undefined) {
    throw fault(
      `unsupported sslmode "${mode}"; only "require", "verify-full", "verify-ca", and "disable" are supported`,
    );
  }
  const port = numberOf(settings, 'port');
  const timeout = numberOf(settings, 'connect_timeout');
  const runtime = [...settings]
    .filter(([name]) => !KNOWN.has(name))
    .map(([name, value]) => `-c ${name}=${escapeOption(value)}`);
  const options = [settings.get('options') ?? '', ...runtime].filter((each) => each !== '').join(' ');
  return {
    ...given('host', settings.get('host')),
    ...(port === undefined ? {} : { port }),
    ...given('user', settings.get('user')),
    ...given('password', settings.get('password')),
    ...given('database', settings.get('dbname')),
    ...(timeout === undefined ? {} : { connectTimeout: timeout * 1000 }),
    ...(options === '' ? {} : { options }),
    tls,
    files: {
      ...given('certificate', settings.get('sslcert')),
      ...given('key', settings.get('sslkey')),
      ...given('authority', settings.get('sslrootcert')),
    },
  };
}

/** Settings of the connection; all others are the server's. */
const KNOWN: ReadonlySet<string> = new Set([
  'host',
  'port',
  'user',
  'password',
  'dbname',
  'connect_timeout',
  'options',
  'sslmode',
  'sslcert',
  'sslkey',
  'sslrootcert',
  'fallback_application_name',
  'binary_parameters',
  'disable_prepared_binary_result',
]);

function given<K extends string>(name: K, value: string | undefined): { readonly [key in K]?: string } {
  return value === undefined || value === '' ? {} : ({ [name]: value } as { readonly [key in K]: string });
}

function numberOf(settings: ReadonlyMap<string, string>, name: string): number | undefined {
  const text = settings.get(name);
  if (text === undefined || text === '') return undefined;
  if (!/^\d+$/.test(text)) throw fault(`${name} is no number`);
  return Number(text);
}

function escapeOption(value: string): string {
  return value.replaceAll(/[\\ ]/g, (character) => `\\${character}`);
}

function fromUrl(text: string): Map<string, string> {
  let url: URL;
  try {
    // The scheme decides on how the rest is read; hosts of http are read as libpq reads them.
    url = new URL(text.replace(/^postgres(?:ql)?:/i, 'http:'));
  } catch {
    throw fault('it is no URL');
  }
  const out = new Map<string, string>();
  const put = (name: string, value: string): void => {
    if (value !== '') out.set(name, decodeURIComponent(value));
  };
  put('host', url.hostname.replace(/^\[|\]$/g, ''));
  put('port', url.port);
  put('user', url.username);
  put('password', url.password);
  put('dbname', url.pathname.slice(1));
  for (const [name, value] of url.searchParams) out.set(name, value);
  // 80 is what http leaves out.
  if (url.port === '' && /:80(?:[/?]|$)/.test(text.replace(/^[^@]*@/, ''))) out.set('port', '80');
  return out;
}

/** `key=value` and `key = 'with spaces'`, with backslashes before quotes and backslashes. */
function fromPairs(text: string): Map<string, string> {
  const out = new Map<string, string>();
  const pair = /\s*([A-Za-z_][\w.]*)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/gy;
  let end = 0;
  for (let match = pair.exec(text); match !== null; match = pair.exec(text)) {
    out.set(match[1] ?? '', (match[2] ?? match[3] ?? '').replaceAll(/\\(.)/g, '$1'));
    end = pair.lastIndex;
  }
  if (text.slice(end).trim() !== '') throw fault(`it cannot be read from character ${end + 1} on`);
  return out;
}

function fault(reason: string): PintleError {
  return new PintleError('usage', `HELM_DRIVER_SQL_CONNECTION_STRING: ${reason}`, {
    hint: 'write postgres://USER:PASSWORD@HOST:5432/DATABASE, with ?sslmode=disable for a server without TLS',
  });
}
