import type { Release, ReleaseSummary } from './release.ts';

/** A record of which only the name has been looked at. */
export interface RecordHeader {
  readonly name: string;
  readonly namespace: string;
  readonly revision: number;
  /** @throws PintleError `release-corrupt`; `release-not-found` when it has been deleted meanwhile */
  summary(): Promise<ReleaseSummary>;
  /** All of it, with all of its labels. @throws as {@link summary} */
  release(): Promise<Release>;
  /** Tells that the record is left out, since it cannot be read. */
  leaveOut(error: Error): void;
}

/** Which headers are wanted. */
export interface HeaderRequest {
  /** Of one release; undefined: of all. */
  readonly name?: string | undefined;
  /** The newest revision of each release is looked for: older ones may be read one by one if they are asked for at all. */
  readonly newest: boolean;
  /** Most summaries will be asked for: they are read while the next records are on their way. */
  readonly ahead: boolean;
}
