import { Command } from 'commander';
import { clusterNameOf } from '../cluster-name.ts';
import { addOutputFlag } from '../flags.ts';
import type { Io } from '../io.ts';
import type { StartFlags } from '../start-flags.ts';
import type { ClusterFlags, KubeconfigFlags } from '../run-cluster-serving.ts';

const NAME = ['--name <name>', 'which embedded cluster'] as const;

/** The commands of `pintle cluster` that serve clusters and look after them. */
export function servingCommands(io: Io): readonly Command[] {
  return [
    startCommand(io),
    stopCommand(io),
    statusCommand(io),
    listCommand(io),
    kubeconfigCommand(io),
    deleteCommand(io),
    snapshotCommand(io),
    restoreCommand(io),
  ];
}

function startCommand(io: Io): Command {
  return new Command('start')
    .description('serve the cluster for kubectl, helm and other clients, until Ctrl-C or "cluster stop"')
    .argument('[name]', 'which embedded cluster; as --name')
    .option(...NAME)
    .option('--port <number>', 'where it listens on 127.0.0.1; chosen once and kept')
    .option('--nodes <count|file>', 'how many nodes it has, or a file that says which; kept; default 3')
    .option('--images <file>', 'a catalogue that says what images do; kept')
    .option('--scheduler-config <file>', 'a KubeSchedulerConfiguration with profiles, or default; kept')
    .option('--speed <factor>', "seconds of the cluster's in one second: 1, 60, … or max", '1')
    .option('--kubernetes-version <version>', 'the version that it says it is, 1.19 to 1.35; kept')
    .option('--use', 'make it the current context of the kubeconfig')
    .option('--no-merge', "leave the user's kubeconfig (--kubeconfig, KUBECONFIG, ~/.kube/config) as it is")
    .option('-d, --detach', 'serve in the background; returns when it is ready')
    .option('--audit-log <file>', 'write a line of JSON (audit.k8s.io/v1, Metadata) for each request; - for stdout')
    .addHelpText(
      'after',
      '\nExamples:\n  pintle cluster start --detach --use\n  pintle cluster start ci --nodes 5 --speed 60 --kubernetes-version 1.34\n',
    )
    .action(async (name: string | undefined, _: unknown, self: Command) => {
      const { runClusterStart } = await import('../run-cluster-start.ts');
      const flags = self.optsWithGlobals<StartFlags>();
      await runClusterStart(io, { ...flags, name: clusterNameOf(name, flags.name) });
    });
}

function stopCommand(io: Io): Command {
  return new Command('stop')
    .description('end the process that serves the cluster; everything in it stays')
    .argument('[name]', 'which embedded cluster; as --name')
    .option(...NAME)
    .option('--timeout <duration>', 'how long to wait for it', '30s')
    .action(async (name: string | undefined, _: unknown, self: Command) => {
      const { runClusterStop } = await import('../run-cluster-serving.ts');
      await runClusterStop(io, name, self.optsWithGlobals<ClusterFlags & { readonly timeout: string }>());
    });
}

function statusCommand(io: Io): Command {
  return addOutputFlag(
    new Command('status')
      .description('show whether and where the cluster is served')
      .argument('[name]', 'which embedded cluster; as --name')
      .option(...NAME),
  ).action(async (name: string | undefined, _: unknown, self: Command) => {
    const { runClusterStatus } = await import('../run-cluster-serving.ts');
    await runClusterStatus(io, name, self.optsWithGlobals<ClusterFlags>());
  });
}

function listCommand(io: Io): Command {
  return addOutputFlag(new Command('list').alias('ls').description('list the embedded clusters')).action(
    async (_: unknown, self: Command) => {
      const { runClusterList } = await import('../run-cluster-serving.ts');
      await runClusterList(io, self.optsWithGlobals<ClusterFlags>());
    },
  );
}

function kubeconfigCommand(io: Io): Command {
  return new Command('kubeconfig')
    .description('print a kubeconfig for the cluster, or merge its context into that of the user')
    .argument('[name]', 'which embedded cluster; as --name')
    .option(...NAME)
    .option('--merge', 'add the context to --kubeconfig, KUBECONFIG or ~/.kube/config')
    .option('--use', 'add it and make it the current context')
    .action(async (name: string | undefined, _: unknown, self: Command) => {
      const { runClusterKubeconfig } = await import('../run-cluster-serving.ts');
      await runClusterKubeconfig(io, name, self.optsWithGlobals<KubeconfigFlags>());
    });
}

function deleteCommand(io: Io): Command {
  return new Command('delete')
    .description('stop the cluster, delete it with everything in it, and take its context out of kubeconfigs')
    .argument('[name]', 'which embedded cluster; as --name')
    .option(...NAME)
    .action(async (name: string | undefined, _: unknown, self: Command) => {
      const { runClusterDelete } = await import('../run-cluster-serving.ts');
      await runClusterDelete(io, name, self.optsWithGlobals<ClusterFlags>());
    });
}

type NamedFlags = ClusterFlags & { readonly name: string };

function snapshotCommand(io: Io): Command {
  return new Command('snapshot')
    .description('keep all of the cluster in a file, also while it is served')
    .argument('<file>', 'holds Secrets: only its owner may read it')
    .option('--name <name>', 'which embedded cluster', 'default')
    .action(async (file: string, _: unknown, self: Command) => {
      const { runClusterSnapshot } = await import('../run-cluster-snapshot.ts');
      await runClusterSnapshot(io, file, self.optsWithGlobals<NamedFlags>());
    });
}

function restoreCommand(io: Io): Command {
  return new Command('restore')
    .description('make a cluster of a snapshot')
    .argument('<file>')
    .option('--name <name>', 'which embedded cluster', 'default')
    .option('--force', 'replace a cluster that exists')
    .action(async (file: string, _: unknown, self: Command) => {
      const { runClusterRestore } = await import('../run-cluster-snapshot.ts');
      await runClusterRestore(io, file, self.optsWithGlobals<NamedFlags & { readonly force?: boolean }>());
    });
}
