import { PintleError } from '../../base/errors.ts';
import { isObject } from '../../base/json.ts';
import { encodeJson } from '../../yaml/index.ts';
import { readOptional, writePrivate } from '../../chart/files.ts';
import type { RepositoryContext } from '../places.ts';

/** As whom a registry is talked to. */
export interface Credential {
  readonly username: string;
  readonly password: string;
  /** A token that gets tokens; instead of the two above. */
  readonly refreshToken?: string;
}

type Json = Readonly<Record<string, unknown>>;

/** What is kept for a registry: in Helm's file, then in Docker's. @throws PintleError `repositories-invalid` */
export function findCredential(context: RepositoryContext, registry: string): Credential | undefined {
  for (const path of [context.paths.registry, context.dockerConfig]) {
    const found = path === undefined ? undefined : credentialIn(context, path, keyOf(registry));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Keeps credentials in Helm's file, or gives them to the helper that it names. */
export function storeCredential(context: RepositoryContext, registry: string, credential: Credential): void {
  const path = context.paths.registry;
  const file = readConfig(path) ?? {};
  const key = keyOf(registry);
  const helper = helperOf(file, key);
  if (helper !== undefined) {
    const input = { ServerURL: key, Username: credential.username, Secret: credential.password };
    if (context.askHelper?.(helper, 'store', encodeJson(input)) !== undefined) return;
    throw new PintleError('usage', `docker-credential-${helper}, which ${path} names, does not keep the credentials`);
  }
  const auth = Buffer.from(`${credential.username}:${credential.password}`, 'utf8').toString('base64');
  write(path, { ...file, auths: { ...objectOf(file['auths']), [key]: { auth } } });
}

/** Forgets credentials, if there are any. */
export function removeCredential(context: RepositoryContext, registry: string): void {
  const path = context.paths.registry;
  const file = readConfig(path) ?? {};
  const key = keyOf(registry);
  const helper = helperOf(file, key);
  if (helper !== undefined) {
    context.askHelper?.(helper, 'erase', key);
    return;
  }
  const { [key]: found, ...auths } = objectOf(file['auths']);
  if (found !== undefined) write(path, { ...file, auths });
}

/** Docker Hub keeps its old name in such files. */
function keyOf(registry: string): string {
  return registry === 'docker.io' || registry === 'registry-1.docker.io' ? 'https://index.docker.io/v1/' : registry;
}

function credentialIn(context: RepositoryContext, path: string, key: string): Credential | undefined {
  const file = readConfig(path);
  if (file === undefined) return undefined;
  const helper = helperOf(file, key);
  if (helper !== undefined) return helped(context, helper, key);
  const auths = objectOf(file['auths']);
  const entry = auths[key] ?? auths[`https://${key}`] ?? auths[`http://${key}`];
  if (entry === undefined) return undefined;
  const { auth, identitytoken, username, password } = objectOf(entry);
  if (typeof identitytoken === 'string' && identitytoken !== '') {
    return { username: '', password: '', refreshToken: identitytoken };
  }
  const text = typeof auth === 'string' && auth !== '' ? Buffer.from(auth, 'base64').toString('utf8') : undefined;
  if (text !== undefined) {
    const colon = text.indexOf(':');
    if (colon === -1) throw invalid(path, `the credentials for ${key} are not of the form user:password`);
    return { username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, '') };
  }
  if (typeof username !== 'string' || typeof password !== 'string') return undefined;
  return { username, password };
}

function helperOf(file: Json, key: string): string | undefined {
  const own = objectOf(file['credHelpers'])[key];
  const name = typeof own === 'string' ? own : file['credsStore'];
  return typeof name === 'string' && name !== '' ? name : undefined;
}

function helped(context: RepositoryContext, helper: string, key: string): Credential | undefined {
  const answer = context.askHelper?.(helper, 'get', key);
  if (answer === undefined) return undefined;
  const { Username, Secret } = objectOf(parse(answer) ?? {});
  if (typeof Username !== 'string' || typeof Secret !== 'string') return undefined;
  if (Username === '<token>') return { username: '', password: '', refreshToken: Secret };
  return { username: Username, password: Secret };
}

function readConfig(path: string): Json | undefined {
  const bytes = readOptional(path);
  if (bytes === undefined) return undefined;
  const value = bytes.length === 0 ? {} : parse(bytes.toString('utf8'));
  if (isObject(value)) return value;
  throw invalid(path, 'the file is no JSON object');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Json {
  return isObject(value) ? value : {};
}

function write(path: string, file: Json): void {
  writePrivate(path, `${JSON.stringify(file, undefined, '\t')}\n`);
}

function invalid(path: string, fault: string): PintleError {
  return new PintleError('repositories-invalid', `failed to read the credentials of registries: ${fault}`, {
    location: { file: path },
    hint: 'repair the file, or remove it and log in again',
  });
}
