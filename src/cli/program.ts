import { Command, CommanderError } from 'commander';
import { addGlobalFlags, VALUED_GLOBAL_FLAGS } from './global-flags.ts';
import type { Io } from './io.ts';
import { usageError } from './usage-error.ts';

export { CommanderError };

type CreateCommand = (io: Io) => Command;

interface Entry {
  readonly names: readonly string[];
  readonly load: () => Promise<CreateCommand>;
}

/** Each command's file is read when the command is asked for, or when all are shown. */
const COMMANDS: readonly Entry[] = [
  { names: ['install'], load: async () => (await import('./commands/install.ts')).installCommand },
  { names: ['upgrade'], load: async () => (await import('./commands/upgrade.ts')).upgradeCommand },
  { names: ['rollback'], load: async () => (await import('./commands/rollback.ts')).rollbackCommand },
  {
    names: ['uninstall', 'del', 'delete', 'un'],
    load: async () => (await import('./commands/uninstall.ts')).uninstallCommand,
  },
  { names: ['list', 'ls'], load: async () => (await import('./commands/list.ts')).listCommand },
  { names: ['history', 'hist'], load: async () => (await import('./commands/history.ts')).historyCommand },
  { names: ['status'], load: async () => (await import('./commands/status.ts')).statusCommand },
  { names: ['get'], load: async () => (await import('./commands/get.ts')).getCommand },
  { names: ['test'], load: async () => (await import('./commands/test.ts')).testCommand },
  { names: ['diff'], load: async () => (await import('./commands/diff.ts')).diffCommand },
  { names: ['repair'], load: async () => (await import('./commands/repair.ts')).repairCommand },
  { names: ['release'], load: async () => (await import('./commands/release.ts')).releaseCommand },
  { names: ['plan'], load: async () => (await import('./commands/plan.ts')).planCommand },
  { names: ['apply'], load: async () => (await import('./commands/plan.ts')).applyCommand },
  { names: ['rehearse'], load: async () => (await import('./commands/rehearse.ts')).rehearseCommand },
  { names: ['template'], load: async () => (await import('./commands/template.ts')).templateCommand },
  { names: ['create'], load: async () => (await import('./commands/charts.ts')).createCommand },
  { names: ['lint'], load: async () => (await import('./commands/lint.ts')).lintCommand },
  { names: ['package'], load: async () => (await import('./commands/charts.ts')).packageCommand },
  { names: ['show', 'inspect'], load: async () => (await import('./commands/charts.ts')).showCommand },
  {
    names: ['dependency', 'dep', 'dependencies'],
    load: async () => (await import('./commands/charts.ts')).dependencyCommand,
  },
  { names: ['repo'], load: async () => (await import('./commands/repo.ts')).repoCommand },
  { names: ['search'], load: async () => (await import('./commands/repo.ts')).searchCommand },
  { names: ['pull', 'fetch'], load: async () => (await import('./commands/registry.ts')).pullCommand },
  { names: ['push'], load: async () => (await import('./commands/registry.ts')).pushCommand },
  { names: ['registry'], load: async () => (await import('./commands/registry.ts')).registryCommand },
  { names: ['verify'], load: async () => (await import('./commands/registry.ts')).verifyCommand },
  { names: ['cluster'], load: async () => (await import('./commands/cluster.ts')).clusterCommand },
  { names: ['target'], load: async () => (await import('./commands/target.ts')).targetCommand },
  { names: ['env'], load: async () => (await import('./commands/env.ts')).envCommand },
  { names: ['completion'], load: async () => (await import('./commands/completion.ts')).completionCommand },
  { names: ['plugin'], load: async () => (await import('./commands/plugin.ts')).pluginCommand },
  { names: ['version'], load: async () => (await import('./commands/version.ts')).versionCommand },
];

/** The command line for some arguments: with the command that they name, or with all when they name none. */
export async function createProgram(io: Io, argv: readonly string[]): Promise<Command> {
  const program = addGlobalFlags(new Command('pintle'))
    .description('Renders charts, keeps releases and applies them; with a simulated Kubernetes cluster inside')
    .enablePositionalOptions(false)
    .configureOutput({
      writeOut: (text) => io.stdout(text),
      writeErr: (text) => io.stderr(text),
      // They are thrown, and told by whoever catches them.
      outputError: () => {},
    });
  overrideExit(program);
  const named = namedCommand(argv);
  for (const { load } of named === undefined ? COMMANDS : [named]) {
    const create = await load();
    adopt(program, create(io), program);
  }
  return program;
}

/** The command that stands first among the arguments. */
function namedCommand(argv: readonly string[]): Entry | undefined {
  for (let i = 0; i < argv.length; i += 1) {
    const word = argv[i] ?? '';
    if (VALUED_GLOBAL_FLAGS.has(word)) i += 1;
    else if (!word.startsWith('-')) return COMMANDS.find(({ names }) => names.includes(word));
  }
  return undefined;
}

/** Commands take the global flags behind their name too, as Helm's do. */
function adopt(parent: Command, command: Command, program: Command): void {
  inherit(command, program);
  parent.addCommand(command);
}

function inherit(command: Command, program: Command): void {
  command.copyInheritedSettings(program);
  overrideExit(command);
  for (const child of command.commands) inherit(child, program);
}

/** What ends the command line is thrown, with what its command knows. */
function overrideExit(command: Command): void {
  command.exitOverride((error) => {
    throw usageError(error, command);
  });
}
