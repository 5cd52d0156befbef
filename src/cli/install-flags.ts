import type { InstallRenderFlags, OperationFlags, RenderFlags, ValueFlags } from './flags.ts';
import type { GlobalOptions } from './settings.ts';

/** The flags of install; `upgrade --install` uses them too. */
export interface InstallFlags extends GlobalOptions, ValueFlags, RenderFlags, InstallRenderFlags, OperationFlags {
  readonly output: string;
  readonly createNamespace?: boolean;
  readonly generateName?: boolean;
  readonly nameTemplate?: string;
  readonly description?: string;
  readonly labels?: readonly string[];
  readonly dryRun?: string;
  readonly atomic?: boolean;
  readonly rollbackOnFailure?: boolean;
  readonly replace?: boolean;
  readonly skipCrds?: boolean;
  readonly takeOwnership?: boolean;
  readonly hideNotes?: boolean;
}

/** The flags of upgrade. */
export interface UpgradeFlags extends InstallFlags {
  readonly install?: boolean;
  readonly resetValues?: boolean;
  readonly reuseValues?: boolean;
  readonly resetThenReuseValues?: boolean;
  readonly cleanupOnFail?: boolean;
  readonly historyMax: string;
}
