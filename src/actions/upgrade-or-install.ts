import type { Release } from '../release/release.ts';
import type { ActionContext } from './context.ts';
import { install, type InstallOptions } from './install.ts';
import { holdRelease, settle } from './recover.ts';
import { undoOf } from './undo.ts';
import { upgrade, type UpgradeOptions } from './upgrade.ts';

/** What {@link upgradeOrInstall} does either way. */
export interface UpgradeOrInstall {
  readonly upgrade: UpgradeOptions;
  readonly install: InstallOptions;
  /** Called before an installation begins. */
  installing?(): void;
}

/**
 * Upgrades a release, or installs it when there is none (`upgrade --install`). What a client that died left is dealt with first,
 * for it may leave no release at all.
 */
export async function upgradeOrInstall(
  context: ActionContext,
  request: UpgradeOrInstall,
): Promise<{ readonly release: Release; readonly installed: boolean }> {
  const run = async (held: ActionContext, history: readonly Release[]) => {
    const last = history.at(-1);
    if (last !== undefined && last.info.status !== 'uninstalled') {
      return { release: await upgrade(held, request.upgrade), installed: false };
    }
    request.installing?.();
    const options = { ...request.install, replace: last !== undefined };
    return { release: await install(held, options), installed: true };
  };
  const { upgrade: options } = request;
  if (options.dryRun !== 'none') return await run(context, await context.store.historyOrEmpty(options.name));
  return await holdRelease(context, { ...options, verb: 'upgrade' }, async (held) =>
    run(held, await settle(held, { ...options, undo: undoOf(options) })),
  );
}
