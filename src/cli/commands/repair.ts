import { Command } from 'commander';
import { addConcurrencyFlags, collect } from '../flags.ts';
import type { Io } from '../io.ts';
import type { RepairFlags } from '../run-repair.ts';

/** `pintle repair`: puts back what others changed. */
export function repairCommand(io: Io): Command {
  return addConcurrencyFlags(new Command('repair'))
    .description('put back what others changed or deleted of a release')
    .argument('<release>')
    .option('--ignore <file>', 'rules for changes that stay; may be given several times', collect)
    .option('--dry-run', 'only show what would be put back')
    .option('--detailed-exitcode', 'with --dry-run: exit with 2 when there is something to put back')
    .option('--wait', 'wait until what was put back is ready')
    .option('--timeout <duration>', 'how long to wait', '5m0s')
    .option('-o, --output <format>', 'text, json, yaml, markdown, html or dyff', 'text')
    .option('-C, --context <lines>', 'unchanged lines around a change; default: all')
    .option('--show-secrets', 'show what Secrets hold')
    .action(async (name: string, _: unknown, self: Command) => {
      const { runRepair } = await import('../run-repair.ts');
      await runRepair(io, name, self.optsWithGlobals<RepairFlags>());
    });
}
