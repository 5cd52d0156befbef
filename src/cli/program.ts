import { Command, CommanderError } from 'commander';
import type { Io } from './io.ts';
import { installCommand } from './commands/install.ts';
import { upgradeCommand } from './commands/upgrade.ts';
import { rollbackCommand } from './commands/rollback.ts';
import { uninstallCommand } from './commands/uninstall.ts';
import { createCommand, dependencyCommand, packageCommand, showCommand } from './commands/charts.ts';
import { lintCommand } from './commands/lint.ts';
import { listCommand } from './commands/list.ts';
import { historyCommand } from './commands/history.ts';
import { statusCommand } from './commands/status.ts';
import { getCommand } from './commands/get.ts';
import { templateCommand } from './commands/template.ts';
import { diffCommand } from './commands/diff.ts';
import { testCommand } from './commands/test.ts';
import { clusterCommand } from './commands/cluster.ts';
import { targetCommand } from './commands/target.ts';
import { versionCommand } from './commands/version.ts';

export { CommanderError };

/** The whole command line; each command loads what it needs when it runs. */
export function createProgram(io: Io): Command {
  const program = new Command('pintle')
    .description('Renders charts, keeps releases and applies them; with a simulated Kubernetes cluster inside')
    .option('-n, --namespace <name>', 'namespace scope for this request')
    .option('--kubeconfig <file>', 'work on the cluster of a kubeconfig')
    .option('--kube-context <name>', 'name of the kubeconfig context to use')
    .option('--embedded', 'work on the embedded cluster, whatever else is set')
    .option('--debug', 'enable verbose output')
    .option('--color <when>', 'use colored output: never, auto, always')
    .option('--colour <when>', 'use colored output: never, auto, always')
    .showHelpAfterError('(see --help)')
    .enablePositionalOptions(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout(text), writeErr: (text) => io.stderr(text) });
  const commands = [
    installCommand,
    upgradeCommand,
    rollbackCommand,
    uninstallCommand,
    listCommand,
    historyCommand,
    statusCommand,
    getCommand,
    templateCommand,
    createCommand,
    lintCommand,
    packageCommand,
    showCommand,
    dependencyCommand,
    diffCommand,
    testCommand,
    clusterCommand,
    targetCommand,
    versionCommand,
  ];
  for (const create of commands) adopt(program, create(io), program);
  return program;
}

/** Commands take the global flags behind their name too, as Helm's do. */
function adopt(parent: Command, command: Command, program: Command): void {
  command.copyInheritedSettings(program);
  parent.addCommand(command);
  for (const child of command.commands) inherit(child, program);
}

function inherit(command: Command, program: Command): void {
  command.copyInheritedSettings(program);
  for (const child of command.commands) inherit(child, program);
}
