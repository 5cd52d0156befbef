import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Document, isMap, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import { PintleError } from '../base/errors.ts';
import { replaceFile } from '../chart/files.ts';
import { type KubeconfigEntry, kubeconfigEntries } from '../client/http/kubeconfig-text.ts';

const EMPTY = 'apiVersion: v1\nkind: Config\npreferences: {}\n';
/** Others write for milliseconds: tries, and ms between them. */
const LOCK_TRIES = 100;
const LOCK_PAUSE = 20;
const LISTS = ['clusters', 'users', 'contexts'] as const;

/**
 * Adds a context with its cluster and user to a kubeconfig, or replaces them; everything else in the file stays as it is,
 * comments too.
 *
 * @param use make it the current context
 * @throws PintleError `target` when the file is no kubeconfig
 */
export async function mergeKubeconfig(path: string, entry: KubeconfigEntry, use: boolean): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await locked(path, async () => {
    const document = await readDocument(path);
    const entries = kubeconfigEntries(entry);
    for (const key of LISTS) put(document, path, key, entries[key]);
    const current = document.get('current-context');
    if (use || typeof current !== 'string') document.set('current-context', use ? entry.name : '');
    writeDocument(path, document);
  });
}

/**
 * Takes a context with its cluster and user out of a kubeconfig; a file that does not exist stays that way.
 *
 * @returns true when there was something to take out
 * @throws PintleError `target` when the file is no kubeconfig
 */
export async function removeFromKubeconfig(path: string, name: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  return await locked(path, () => removeEntries(path, name));
}

async function removeEntries(path: string, name: string): Promise<boolean> {
  const document = await readDocument(path);
  let found = false;
  for (const key of LISTS) {
    const list = document.get(key);
    if (!isSeq(list)) continue;
    const rest = list.items.filter((item) => !isNamed(item, name));
    found ||= rest.length < list.items.length;
    list.items = rest;
  }
  if (!found) return false;
  if (document.get('current-context') === name) document.set('current-context', '');
  writeDocument(path, document);
  return true;
}

/**
 * Keeps others from writing the file meanwhile, as kubectl does: a file `PATH.lock` that is there stands for a writer.
 * client-go: tools/clientcmd/config.go
 */
async function locked<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  for (let tries = 1; ; tries += 1) {
    try {
      await writeFile(lock, '', { flag: 'wx', mode: 0o600 });
      break;
    } catch (error) {
      const taken = error instanceof Error && 'code' in error && error.code === 'EEXIST';
      if (!taken) throw error;
      if (tries > LOCK_TRIES) {
        throw new PintleError('target', `another program is writing ${path}`, {
          hint: `if there is none, remove ${lock}`,
        });
      }
    }
    await new Promise((done) => setTimeout(done, LOCK_PAUSE));
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function readDocument(path: string): Promise<Document> {
  const text = existsSync(path) ? await readFile(path, 'utf8') : EMPTY;
  const document = parseDocument(text.trim() === '' ? EMPTY : text);
  const [error] = document.errors;
  if (error === undefined && isMap(document.contents)) return document;
  throw notKubeconfig(path, error?.message);
}

function notKubeconfig(path: string, reason: string | undefined): PintleError {
  return new PintleError('target', `${path} is no kubeconfig${reason === undefined ? '' : `: ${reason}`}`, {
    hint: 'name another file with --kubeconfig',
  });
}

function writeDocument(path: string, document: Document): void {
  replaceFile(path, document.toString({ lineWidth: 0 }), 0o600);
}

function put(document: Document, path: string, key: (typeof LISTS)[number], value: object): void {
  const known = document.get(key);
  if (known === undefined || known === null) document.set(key, document.createNode([]));
  else if (!isSeq(known)) throw notKubeconfig(path, `${key} is no list`);
  const list = document.get(key) as YAMLSeq<YAMLMap>;
  const node = document.createNode(value) as unknown as YAMLMap;
  const name = (value as { readonly name: string }).name;
  const index = list.items.findIndex((item) => isNamed(item, name));
  if (index === -1) list.items.push(node);
  else list.items[index] = node;
  list.flow = false;
}

function isNamed(item: unknown, name: string): boolean {
  return isMap(item) && item.get('name') === name;
}
