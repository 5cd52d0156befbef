import { Command } from 'commander';
import type { Io } from '../io.ts';
import type { LogFlags, ShowFlags } from '../cluster-actions.ts';
import { durationFlag } from '../settings.ts';
import { curlCommand, faultCommand, traceCommand } from './cluster-network.ts';
import { servingCommands } from './cluster-serving.ts';

/** `pintle cluster …`: look into the embedded cluster, serve it, let its time pass, begin anew. */
export function clusterCommand(io: Io): Command {
  const command = new Command('cluster').description(
    'look into the embedded cluster, serve it, let its time pass, reset it',
  );
  command.addCommand(
    new Command('info')
      .description('show the cluster: version, time, nodes, counts of objects')
      .action(async (_: unknown, self: Command) => {
        const { showInfo } = await import('../cluster-actions.ts');
        await showInfo(io, self.optsWithGlobals());
      }),
  );
  command.addCommand(
    new Command('nodes').description('list the nodes').action(async (_: unknown, self: Command) => {
      const { showObjects } = await import('../cluster-actions.ts');
      await showObjects(io, ['nodes'], self.optsWithGlobals());
    }),
  );
  command.addCommand(
    new Command('get')
      .description('show objects: KIND [NAME...]')
      .argument('<kind>', 'kind, plural or short name')
      .argument('[names...]')
      .option('-A, --all-namespaces', 'objects of all namespaces')
      .option('-l, --selector <query>', 'label selector')
      .option('-o, --output <format>', 'table, wide, name, json or yaml', 'table')
      .action(async (kind: string, names: readonly string[], _: unknown, self: Command) => {
        const { showObjects } = await import('../cluster-actions.ts');
        await showObjects(io, [kind, ...names], self.optsWithGlobals<ShowFlags>());
      }),
  );
  command.addCommand(
    new Command('events')
      .description('list events, oldest first')
      .option('-A, --all-namespaces', 'events of all namespaces')
      .action(async (_: unknown, self: Command) => {
        const { showEvents } = await import('../cluster-actions.ts');
        await showEvents(io, self.optsWithGlobals<ShowFlags>());
      }),
  );
  command.addCommand(
    new Command('logs')
      .description('print what a container has printed')
      .argument('<pod>')
      .option('-c, --container <name>', 'container; default: the only or first one')
      .option('-p, --previous', 'the previous instance of the container')
      .option('--tail <lines>', 'only the last lines')
      .action(async (pod: string, _: unknown, self: Command) => {
        const { showLogs } = await import('../cluster-actions.ts');
        await showLogs(io, pod, self.optsWithGlobals<LogFlags>());
      }),
  );
  command.addCommand(curlCommand(io));
  command.addCommand(traceCommand(io));
  command.addCommand(faultCommand(io));
  for (const each of servingCommands(io)) command.addCommand(each);
  command.addCommand(
    new Command('advance')
      .description("let the cluster's time pass: 90s, 1h30m, 7d")
      .argument('<duration>')
      .option('--every-run', 'live through all runs of CronJobs, also those that leave no trace')
      .action(async (duration: string, _: unknown, self: Command) => {
        const { advance } = await import('../cluster-actions.ts');
        await advance(io, durationFlag('duration', duration), self.optsWithGlobals());
      }),
  );
  command.addCommand(
    new Command('reset')
      .description('delete the embedded cluster with everything in it; the next command makes a new one')
      .option('--nodes <count|file>', 'how many nodes the new one has, or a file that says which')
      .option('--images <file>', 'a catalogue that says what images do in the new one')
      .option('--scheduler-config <file>', 'a KubeSchedulerConfiguration for the new one')
      .action(async (_: unknown, self: Command) => {
        const { reset } = await import('../cluster-actions.ts');
        await reset(io, self.optsWithGlobals());
      }),
  );
  return command;
}
