import { join } from 'node:path';
import type { Http } from './http.ts';

/** Where Helm and Pintle keep what they know of repositories. */
export interface RepositoryPaths {
  /** repositories.yaml */
  readonly config: string;
  /** The folder of indexes. */
  readonly cache: string;
  /** The folder of charts, by their sums. */
  readonly content: string;
  /** The credentials of registries. */
  readonly registry: string;
}

/** What charts are fetched with. */
export interface RepositoryContext {
  readonly http: Http;
  readonly paths: RepositoryPaths;
  /** The wall clock, ms since the epoch. */
  now(): number;
  /** Goes on after so many ms of the wall clock. */
  wait(ms: number): Promise<void>;
  /** A number from 0 to 1, 1 not among them. */
  random(): number;
  /** Lines for the user that are no results: they go to stderr. */
  note(line: string): void;
  /** What a credential helper such as `docker-credential-pass` says to a request; undefined when there is none. */
  askHelper?(helper: string, verb: 'get' | 'store' | 'erase', input: string): string | undefined;
  /** Does work while no other process has the same file locked; absent: nobody else is there. */
  lock?<T>(path: string, work: () => T | Promise<T>): Promise<T>;
  /** Docker's own configuration, where credentials are looked for next. */
  readonly dockerConfig?: string | undefined;
}

/** The file of a repository's index. @throws nothing: names are checked when they are added */
export function indexPath(paths: RepositoryPaths, name: string): string {
  return join(paths.cache, `${fileName(name)}index.yaml`);
}

/** The file with the names of a repository's charts, which shells complete with. */
export function chartsPath(paths: RepositoryPaths, name: string): string {
  return join(paths.cache, `${fileName(name)}charts.txt`);
}

/** A name out of a file that somebody edited must not lead elsewhere. */
function fileName(name: string): string {
  return name === '' ? '' : `${name.replaceAll(/[/\\]/g, '_')}-`;
}
