import type { Container, Pod } from '../../../kube/api/core-v1.generated.ts';
import { probeAnswer, type ProbeTarget } from '../probes/probe-answer.ts';
import { type FileSystem, normalizePath } from './file-system.ts';

/** What a container's server says to a request. */
export interface HttpContent {
  readonly status: number;
  readonly type: string;
  readonly body: Uint8Array;
}

/** The container that is asked. */
export interface HttpServerTarget {
  readonly pod: Pod;
  readonly container: Container;
  readonly target: ProbeTarget;
  /** ms since its start. */
  readonly elapsed: number;
  readonly files: FileSystem;
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  css: 'text/css',
  js: 'text/javascript',
  json: 'application/json',
  svg: 'image/svg+xml',
  txt: 'text/plain',
};

/** Folders from which servers read their pages. */
const PAGE_FOLDERS = [
  '/usr/share/nginx/html',
  '/usr/local/apache2/htdocs',
  '/var/www/html',
  '/usr/share/caddy',
  '/srv',
];

/** True when a container listens on a port. */
export function listensOn({ target, elapsed }: Pick<HttpServerTarget, 'target' | 'elapsed'>, port: number): boolean {
  return probeAnswer({ tcpSocket: { port } }, target, elapsed).passed;
}

/** Answers a GET: pages that are mounted, or a line about who answers. Undefined: nobody listens there. */
export function httpContent(server: HttpServerTarget, port: number, path: string): HttpContent | undefined {
  const { status } = probeAnswer({ httpGet: { port, path } }, server.target, server.elapsed);
  if (status === undefined) return undefined;
  const page = pageOf(server, splitTarget(path)[0]);
  if (page !== undefined) return page;
  return { status, type: 'text/plain', body: Buffer.from(bodyOf(server, status, path), 'utf8') };
}

/** Path and query of a request; what stands there is a client's, and need not be part of any URL. */
function splitTarget(target: string): readonly [path: string, query: string] {
  const [whole = ''] = target.split('#');
  const at = whole.indexOf('?');
  return at === -1 ? [whole, ''] : [whole.slice(0, at), whole.slice(at + 1)];
}

/** A path with its escapes read; one that cannot be read stands for itself. */
function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function pageOf({ files }: HttpServerTarget, path: string): HttpContent | undefined {
  const decoded = decodedPath(path);
  // Nothing above the folder of pages can be asked for.
  const name = normalizePath(decoded.endsWith('/') ? `${decoded}index.html` : decoded);
  for (const folder of PAGE_FOLDERS) {
    const file = `${folder}${name}`;
    if (!files.exists(file) || files.isFolder(file)) continue;
    return { status: 200, type: typeOf(name), body: files.read(file) };
  }
  return undefined;
}

function typeOf(name: string): string {
  const extension = name.slice(name.lastIndexOf('.') + 1);
  return (Object.hasOwn(TYPES, extension) ? TYPES[extension] : undefined) ?? 'application/octet-stream';
}

/** What agnhost's servers say. */
function agnhostBody(args: readonly string[], target: string, hostname: string): string | undefined {
  const [pathname, query] = splitTarget(target);
  if (args.includes('serve-hostname')) return hostname;
  if (args.includes('liveness')) return 'ok';
  if (!args.includes('netexec')) return undefined;
  if (/^\/hostname$/i.test(pathname)) return hostname;
  if (pathname === '/echo') return new URLSearchParams(query).get('msg') ?? '';
  return pathname === '/healthz' ? '' : undefined;
}

function bodyOf({ pod, container }: HttpServerTarget, status: number, path: string): string {
  const image = container.image ?? '';
  const { name = '' } = pod.metadata;
  if (/(?:^|\/)http-echo(?:[:@]|$)/.test(image)) {
    const text = (container.args ?? []).find((arg) => /^-?-text=/.test(arg))?.replace(/^-?-text=/, '');
    if (text !== undefined) return `${text}\n`;
  }
  if (/(?:^|\/)whoami(?:[:@]|$)/.test(image)) {
    return `Hostname: ${name}\nIP: 127.0.0.1\nIP: ${pod.status?.podIP ?? ''}\nGET ${path} HTTP/1.1\n`;
  }
  if (/(?:^|\/)agnhost(?:[:@]|$)/.test(image) && status < 400) {
    const text = agnhostBody(container.args ?? [], path, name);
    if (text !== undefined) return text;
  }
  return status < 400 ? `${container.name} (${image}) in pod ${name}\n` : `${status}\n`;
}
