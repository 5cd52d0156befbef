import type { DryRun } from '../actions/context.ts';
import type { DefinitionPolicy } from '../actions/definitions.ts';
import type { RenderHooks } from '../actions/render-release.ts';
import { PintleError } from '../base/errors.ts';
import type { InstallRenderFlags, LimitFlags } from './flags.ts';
import type { Io } from './io.ts';
import { renderHooks } from './render-hooks.ts';

/** How install and upgrade render, from their flags. */
export interface InstallRendering {
  readonly renderHooks: RenderHooks;
  readonly lookupHost?: (name: string) => readonly string[];
  readonly hideSecrets: boolean;
  readonly ignoreUnknownFields: boolean;
  readonly crds?: DefinitionPolicy;
}

/**
 * The flags of {@link InstallRenderFlags} as the actions take them.
 *
 * @throws PintleError `usage` for flags that ask for what charts on disk do not have
 */
export async function installRendering(
  io: Io,
  flags: InstallRenderFlags & LimitFlags,
  dryRun: DryRun,
): Promise<InstallRendering> {
  const hideSecrets = flags.hideSecret === true;
  if (hideSecrets && dryRun === 'none') {
    throw new PintleError('usage', 'hiding Kubernetes secrets requires a dry-run mode');
  }
  return {
    renderHooks: renderHooks(io, flags),
    ...(flags.enableDns === true ? { lookupHost: (await import('./lookup-host.ts')).lookupHost } : {}),
    hideSecrets,
    ignoreUnknownFields: flags.disableOpenapiValidation === true,
    ...definitionPolicy(flags.crds),
  };
}

function definitionPolicy(text: string | undefined): { readonly crds?: DefinitionPolicy } {
  if (text === undefined) return {};
  if (text === 'skip' || text === 'create' || text === 'create-replace') return { crds: text };
  throw new PintleError('usage', `invalid argument "${text}" for "--crds" flag: use skip, create or create-replace`);
}
