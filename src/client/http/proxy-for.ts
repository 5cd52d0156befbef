/**
 * The proxy that the environment names for a server, as Go's programs read it: `HTTPS_PROXY` (or `HTTP_PROXY` for plain HTTP) unless
 * `NO_PROXY` names the host; never for this machine itself. golang: x/net/http/httpproxy
 */
export function proxyFor(server: URL, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const name = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const proxy = variable(env, name);
  const host = server.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (proxy === undefined || isLocal(host) || isExempt(server, host, variable(env, 'NO_PROXY') ?? '')) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function variable(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const value = env[name] ?? env[name.toLowerCase()];
  return value === undefined || value === '' ? undefined : value;
}

function isLocal(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

function isExempt(server: URL, host: string, list: string): boolean {
  const port = server.port === '' ? (server.protocol === 'https:' ? '443' : '80') : server.port;
  return list
    .toLowerCase()
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      if (entry.includes('/')) return isWithin(host, entry);
      const [, name = entry, own] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      if (own !== undefined && own !== port) return false;
      const plain = name.replace(/^\*\./, '.');
      return plain.startsWith('.') ? host.endsWith(plain) : host === plain || host.endsWith(`.${plain}`);
    });
}

/** True for an IPv4 address within a block such as `10.0.0.0/8`. */
function isWithin(host: string, block: string): boolean {
  const [network = '', length = ''] = block.split('/');
  const [address, base] = [addressOf(host), addressOf(network)];
  const bits = Number(length);
  if (address === undefined || base === undefined || !(bits >= 0 && bits <= 32)) return false;
  const size = 2 ** (32 - bits);
  return Math.floor(address / size) === Math.floor(base / size);
}

function addressOf(text: string): number | undefined {
  const parts = text.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}
