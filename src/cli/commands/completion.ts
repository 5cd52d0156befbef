import { Command } from 'commander';
import type { Shell } from '../completion/candidates.ts';
import type { Io } from '../io.ts';

/** What is said of each shell. */
const SHELLS: Readonly<Record<Shell, string>> = {
  bash: 'source <(pintle completion bash)',
  zsh: 'source <(pintle completion zsh), after "autoload -Uz compinit; compinit"',
  fish: 'pintle completion fish | source',
  powershell: 'pintle completion powershell | Out-String | Invoke-Expression',
};

/** `pintle completion bash|zsh|fish|powershell` */
export function completionCommand(io: Io): Command {
  const command = new Command('completion').description('print a script that completes command lines');
  for (const [shell, use] of Object.entries(SHELLS) as [Shell, string][]) {
    const sub = new Command(shell).description(`for ${shell}: ${use}`);
    sub
      .option('--no-descriptions', 'names and values alone')
      .action(async (flags: { readonly descriptions: boolean }) => {
        const { completionScript } = await import('../completion/scripts.ts');
        io.stdout(completionScript(shell, flags.descriptions));
      });
    command.addCommand(sub);
  }
  return command;
}
