import { spawnSync } from 'node:child_process';
import type { DryRun } from '../actions/context.ts';
import type { DefinitionPolicy } from '../actions/definitions.ts';
import type { RenderHooks } from '../actions/render-release.ts';
import { PintleError } from '../base/errors.ts';
import type { InstallRenderFlags } from './flags.ts';
import type { Io } from './io.ts';

/** How install and upgrade render, from their flags. */
export interface InstallRendering {
  readonly renderHooks: RenderHooks;
  readonly lookupHost?: (name: string) => readonly string[];
  readonly hideSecrets: boolean;
  readonly ignoreUnknownFields: boolean;
  readonly crds?: DefinitionPolicy;
}

const MAX_OUTPUT = 256 * 1024 * 1024;

/**
 * The flags of {@link InstallRenderFlags} as the actions take them.
 *
 * @throws PintleError `usage` for flags that ask for what charts on disk do not have
 */
export async function installRendering(io: Io, flags: InstallRenderFlags, dryRun: DryRun): Promise<InstallRendering> {
  refuseFetching(flags);
  const hideSecrets = flags.hideSecret === true;
  if (hideSecrets && dryRun === 'none') {
    throw new PintleError('usage', 'hiding Kubernetes secrets requires a dry-run mode');
  }
  return {
    renderHooks: { postRender: postRenderer(io, flags) },
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

function refuseFetching(flags: InstallRenderFlags): void {
  if (flags.repo !== undefined && flags.repo !== '') {
    throw new PintleError('usage', '--repo: charts are read from disk, not from a repository', {
      hint: 'download the chart and name its folder or archive',
    });
  }
  if (flags.verify === true) {
    throw new PintleError('usage', '--verify: provenance files are not checked', {
      hint: 'check the archive with "gpg --verify" first, or leave the flag out',
    });
  }
}

/** A program that changes manifests. Helm has plugins for it; here any program does. */
function postRenderer(io: Io, flags: InstallRenderFlags): ((manifests: string) => string) | undefined {
  const [program, second] = flags.postRenderer ?? [];
  if (program === undefined || program === '') return undefined;
  if (second !== undefined) throw new PintleError('usage', 'cannot specify --post-renderer flag more than once');
  return (manifests) => {
    const run = spawnSync(program, [...(flags.postRendererArgs ?? [])], {
      cwd: io.cwd,
      input: manifests,
      encoding: 'utf8',
      maxBuffer: MAX_OUTPUT,
      env: { ...io.env },
    });
    if (run.error !== undefined) {
      throw new PintleError('usage', `error while running post render on files: ${run.error.message}`, {
        cause: run.error,
        hint: '--post-renderer names a program, by its path or as it is found in PATH',
      });
    }
    if (run.status !== 0) {
      const said = run.stderr.trim();
      const how = run.status === null ? `signal ${run.signal ?? ''}` : `exit status ${run.status}`;
      throw new PintleError(
        'manifest-invalid',
        `error while running post render on files: error while running command ${program}. error output:\n${said}: ${how}`,
      );
    }
    if (run.stdout.trim() === '') {
      throw new PintleError('manifest-invalid', `post-renderer "${program}" produced empty output`);
    }
    return run.stdout;
  };
}
