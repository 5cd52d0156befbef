import type { FetchFlags } from './fetch-flags.ts';
import type { PostRenderFlags, RenderFlags, ValueFlags } from './flags.ts';
import type { GlobalOptions } from './settings.ts';

/** The flags of template. */
export interface TemplateFlags extends GlobalOptions, ValueFlags, RenderFlags, PostRenderFlags, FetchFlags {
  readonly generateName?: boolean;
  readonly nameTemplate?: string;
  readonly showOnly?: readonly string[];
  readonly outputDir?: string;
  readonly releaseName?: boolean;
  readonly includeCrds?: boolean;
  readonly skipCrds?: boolean;
  readonly skipTests?: boolean;
  readonly hooks: boolean;
  readonly isUpgrade?: boolean;
  readonly kubeVersion?: string;
  readonly apiVersions?: readonly string[];
  readonly validate?: boolean;
  readonly dryRun?: string;
  readonly enableDns?: boolean;
  readonly explain?: readonly string[];
  /** True for the flag alone. */
  readonly coverage?: boolean | string;
}
