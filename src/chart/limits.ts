/** How much a chart may hold, in bytes. */
export interface ChartLimits {
  /** All files of an archive together; default 100 MiB. */
  readonly total?: number;
  /** One file; default 5 MiB. */
  readonly file?: number;
}

/** Helm's own limits. helm: pkg/chart/loader/archive. */
export const DEFAULT_LIMITS: Required<ChartLimits> = { total: 100 * 1024 * 1024, file: 5 * 1024 * 1024 };
