import type { ActionContext, OperationOptions } from './context.ts';
import { rollback } from './rollback.ts';
import { uninstall } from './uninstall.ts';

/** How an operation that was interrupted is undone before another one begins. */
export function undoOf(options: OperationOptions & { readonly name: string }): {
  rollback(context: ActionContext, revision: number): Promise<void>;
  uninstall(context: ActionContext): Promise<void>;
} {
  return {
    rollback: async (context, revision) => {
      await rollback(context, { ...options, revision, dryRun: false, cleanupOnFail: false });
    },
    uninstall: async (context) => {
      await uninstall(context, {
        name: options.name,
        timeout: options.timeout,
        noHooks: options.noHooks,
        keepHistory: false,
        wait: true,
        cascade: 'background',
      });
    },
  };
}
