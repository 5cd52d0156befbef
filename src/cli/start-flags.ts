import type { GlobalOptions } from './settings.ts';

/** The flags of `cluster start`. */
export interface StartFlags extends GlobalOptions {
  readonly name: string;
  readonly port?: string;
  /** A number, or a file. */
  readonly nodes?: string;
  readonly images?: string;
  /** A file, or `default`. */
  readonly schedulerConfig?: string;
  readonly speed: string;
  readonly kubernetesVersion?: string;
  readonly use?: boolean;
  readonly merge: boolean;
  readonly detach?: boolean;
  readonly auditLog?: string;
}
