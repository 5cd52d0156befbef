import type { ChartLock, ChartMetadata } from '../chart/chart.ts';

/** Helm's statuses. helm: pkg/release/common/status.go. */
export type ReleaseStatus =
  | 'unknown'
  | 'deployed'
  | 'uninstalled'
  | 'superseded'
  | 'failed'
  | 'uninstalling'
  | 'pending-install'
  | 'pending-upgrade'
  | 'pending-rollback';

/** Times are RFC 3339; absent ones are Go's zero time. */
interface ReleaseInfo {
  readonly resources?: Readonly<Record<string, unknown>>;
  readonly first_deployed?: string;
  readonly last_deployed?: string;
  readonly deleted?: string;
  readonly description?: string;
  readonly status: ReleaseStatus;
  readonly notes?: string;
}

/** How one hook's last run went. */
interface ReleaseHookRun {
  readonly started_at?: string;
  readonly completed_at?: string;
  readonly phase: string;
}

/** A hook as the record keeps it. */
export interface ReleaseHook {
  readonly name: string;
  readonly kind: string;
  readonly path: string;
  readonly manifest: string;
  readonly events: readonly string[];
  readonly last_run: ReleaseHookRun;
  readonly weight?: number;
  readonly delete_policies?: readonly string[];
  readonly output_log_policies?: readonly string[];
}

/** A chart file inside a record; `data` is base64. */
export interface ReleaseFile {
  readonly name: string;
  readonly data: string;
  readonly modtime?: string;
}

/** The chart inside a record: without its subcharts, as Helm keeps it. */
export interface ReleaseChart {
  readonly metadata: ChartMetadata;
  readonly lock: ChartLock | null;
  readonly templates: readonly ReleaseFile[] | null;
  readonly values: Readonly<Record<string, unknown>> | null;
  /** base64 */
  readonly schema: string | null;
  readonly files: readonly ReleaseFile[] | null;
  readonly [field: string]: unknown;
}

/**
 * One revision of a release, in the shape of Helm's JSON (helm: pkg/release/v1/release.go); fields that this version does
 * not know are kept. `labels` are not part of the JSON: they are the record's own labels.
 */
export interface Release {
  readonly name: string;
  readonly info: ReleaseInfo;
  readonly chart: ReleaseChart;
  /** The user's values. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly manifest: string;
  readonly hooks?: readonly ReleaseHook[];
  /** The revision, from 1. */
  readonly version: number;
  readonly namespace: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** `ssa` or `csa`; absent in records of Helm 3, which means `csa`. */
  readonly apply_method?: string;
  readonly [field: string]: unknown;
}

/** What lists show of a revision. */
export type ReleaseSummary = Pick<Release, 'name' | 'namespace' | 'version' | 'info' | 'labels'> & {
  readonly chart: Pick<ReleaseChart, 'metadata'>;
};

/** True while an operation is under way, or was when its client died. */
export function isPending(release: Release): boolean {
  return release.info.status.startsWith('pending-');
}

/** The release with another status and description. */
export function withStatus(release: Release, status: ReleaseStatus, description?: string): Release {
  return { ...release, info: { ...release.info, status, ...(description === undefined ? {} : { description }) } };
}
