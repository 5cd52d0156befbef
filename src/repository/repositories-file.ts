import { PintleError } from '../base/errors.ts';
import { isObject } from '../base/json.ts';
import { fromYaml, toYaml } from '../yaml/index.ts';
import { readOptional, writePrivate } from '../chart/files.ts';
import type { Access } from './get-file.ts';

/** A repository that the user has named. */
export interface RepositoryEntry {
  readonly name: string;
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
  readonly insecure_skip_tls_verify: boolean;
  readonly pass_credentials_all: boolean;
}

/** repositories.yaml, which Helm and Pintle share. helm: pkg/repo/v1/repo.go. */
export interface RepositoriesFile {
  readonly apiVersion: string;
  readonly generated: string;
  readonly repositories: readonly RepositoryEntry[];
}

const ZERO_TIME = '0001-01-01T00:00:00Z';

/** An entry with what most repositories need. */
export function repositoryEntry(name: string, url: string, access: Access = {}): RepositoryEntry {
  return {
    name,
    url,
    username: access.username ?? '',
    password: access.password ?? '',
    certFile: access.tls?.certFile ?? '',
    keyFile: access.tls?.keyFile ?? '',
    caFile: access.tls?.caFile ?? '',
    insecure_skip_tls_verify: access.tls?.insecure === true,
    pass_credentials_all: access.passCredentials === true,
  };
}

/** How the files of a repository are fetched. */
export function accessOf(entry: RepositoryEntry): Access {
  return {
    username: entry.username,
    password: entry.password,
    passCredentials: entry.pass_credentials_all,
    tls: {
      certFile: entry.certFile,
      keyFile: entry.keyFile,
      caFile: entry.caFile,
      insecure: entry.insecure_skip_tls_verify,
    },
  };
}

/** The repositories of a file; undefined when there is no file. @throws PintleError `repositories-invalid`, `io` */
export function readRepositories(path: string): RepositoriesFile | undefined {
  const text = readOptional(path);
  if (text === undefined) return undefined;
  const value = fromYaml(text.toString('utf8'), { file: path });
  const file = isObject(value) ? value : {};
  const list = file['repositories'] ?? [];
  if (!Array.isArray(list)) throw invalid(path, 'repositories is not a list');
  return {
    apiVersion: textOf(file['apiVersion']),
    generated: textOf(file['generated']) || ZERO_TIME,
    repositories: list.filter((each) => each !== null).map((each, i) => entryOf(path, each, i)),
  };
}

/** Writes the file so that nobody sees half of it; only its owner may read it, since it may hold passwords. */
export function writeRepositories(path: string, file: RepositoriesFile): void {
  writePrivate(path, toYaml({ ...file, repositories: file.repositories.map((each) => ({ ...each })) }));
}

/** What a new file holds. */
export const NO_REPOSITORIES: RepositoriesFile = { apiVersion: '', generated: ZERO_TIME, repositories: [] };

function entryOf(path: string, value: unknown, index: number): RepositoryEntry {
  if (!isObject(value)) throw invalid(path, `repositories[${index}] is not an object`);
  return {
    name: textOf(value['name']),
    url: textOf(value['url']),
    username: textOf(value['username']),
    password: textOf(value['password']),
    certFile: textOf(value['certFile']),
    keyFile: textOf(value['keyFile']),
    caFile: textOf(value['caFile']),
    insecure_skip_tls_verify: value['insecure_skip_tls_verify'] === true,
    pass_credentials_all: value['pass_credentials_all'] === true,
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function invalid(path: string, fault: string): PintleError {
  return new PintleError('repositories-invalid', `failed loading file: ${path}: ${fault}`, {
    location: { file: path },
    hint: 'repair the file, or remove it and add the repositories again',
  });
}
