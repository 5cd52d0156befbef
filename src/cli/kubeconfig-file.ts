import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Document, isMap, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import { PintleError } from '../base/errors.ts';

const EMPTY = 'apiVersion: v1\nkind: Config\npreferences: {}\n';

/** One way into a cluster. */
export interface KubeconfigEntry {
  /** Of context, cluster and user. */
  readonly name: string;
  readonly server: string;
  /** PEM */
  readonly authority: string;
  readonly token: string;
}

/**
 * Adds a context with its cluster and user to a kubeconfig, or replaces them; everything else in the file stays as it is,
 * comments too.
 *
 * @param use make it the current context
 * @throws PintleError `target` when the file is no kubeconfig
 */
export async function mergeKubeconfig(path: string, entry: KubeconfigEntry, use: boolean): Promise<void> {
  const document = await readDocument(path);
  putEntry(document, entry, use);
  await writeDocument(path, document);
}

/** A kubeconfig of one context, which is the current one. */
export function kubeconfigText(entry: KubeconfigEntry): string {
  const document = parseDocument(EMPTY);
  putEntry(document, entry, true);
  return document.toString({ lineWidth: 0 });
}

function putEntry(document: Document, entry: KubeconfigEntry, use: boolean): void {
  const { name } = entry;
  put(document, 'clusters', name, {
    cluster: { server: entry.server, 'certificate-authority-data': Buffer.from(entry.authority).toString('base64') },
  });
  put(document, 'users', name, { user: { token: entry.token } });
  put(document, 'contexts', name, { context: { cluster: name, user: name } });
  const current = document.get('current-context');
  if (use || typeof current !== 'string') document.set('current-context', use ? name : '');
}

async function readDocument(path: string): Promise<Document> {
  const text = existsSync(path) ? await readFile(path, 'utf8') : EMPTY;
  const document = parseDocument(text === '' ? '{}' : text);
  const [error] = document.errors;
  if (error !== undefined || !isMap(document.contents)) {
    throw new PintleError('target', `${path} is no kubeconfig${error === undefined ? '' : `: ${error.message}`}`, {
      hint: 'name another file with --kubeconfig',
    });
  }
  return document;
}

async function writeDocument(path: string, document: Document): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, document.toString({ lineWidth: 0 }), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

function put(document: Document, key: string, name: string, value: object): void {
  if (!isSeq(document.get(key))) document.set(key, document.createNode([]));
  const list = document.get(key) as YAMLSeq<YAMLMap>;
  const node = document.createNode({ name, ...value }) as unknown as YAMLMap;
  const index = list.items.findIndex((item) => isMap(item) && item.get('name') === name);
  if (index === -1) list.items.push(node);
  else list.items[index] = node;
  list.flow = false;
}
