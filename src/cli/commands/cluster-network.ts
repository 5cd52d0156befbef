import { Command } from 'commander';
import { collect } from '../flags.ts';
import type { Io } from '../io.ts';
import type { Fault } from '../../cluster/faults/fault.ts';
import type { CurlFlags } from '../run-cluster-curl.ts';
import type { FaultFlags } from '../run-cluster-fault.ts';
import type { TraceFlags } from '../run-cluster-trace.ts';

/** `pintle cluster curl` */
export function curlCommand(io: Io): Command {
  return new Command('curl')
    .description('send one request through names, Ingresses, Services and policies, and tell each step')
    .argument('<url>', 'http://web.shop/healthz, https://shop.example.com/, tcp://db:5432')
    .option('--from <pod>', 'the pod that sends it: NAME or NAMESPACE/NAME')
    .option(
      '-H, --header <header>',
      'a header: "Host: shop.example.com" decides on the Ingress, others on canaries',
      collect,
    )
    .option('-f, --fail', 'fail when the answer is 400 or above')
    .option('-o, --output <format>', 'text or json', 'text')
    .action(async (url: string, _: unknown, self: Command) => {
      const { runClusterCurl } = await import('../run-cluster-curl.ts');
      await runClusterCurl(io, url, self.optsWithGlobals<CurlFlags>());
    });
}

/** `pintle cluster trace` */
export function traceCommand(io: Io): Command {
  return new Command('trace')
    .description('show the tables that kube-proxy writes on a node, and its routes')
    .argument('[service]', 'NAME or NAMESPACE/NAME; default all Services')
    .option('--node <name>', 'the node; default the first')
    .option('--proxy <mode>', 'iptables or ipvs', 'iptables')
    .option('--cni <plugin>', 'flannel or calico', 'flannel')
    .action(async (service: string | undefined, _: unknown, self: Command) => {
      const { runClusterTrace } = await import('../run-cluster-trace.ts');
      await runClusterTrace(io, service, self.optsWithGlobals<TraceFlags>());
    });
}

/** `pintle cluster fault` */
export function faultCommand(io: Io): Command {
  const command = new Command('fault').description('break something, for a while or until it is cleared');
  const inject = (
    usage: string,
    text: string,
    fault: (value: string, flags: FaultFlags) => Promise<Fault> | Fault,
  ): void => {
    command.addCommand(
      scoped(new Command(usage.split(' ')[0] ?? ''), usage)
        .description(text)
        .argument(usage.split(' ')[1] ?? '')
        .option('--for <duration>', 'how long: 90s, 10m; default until cleared')
        .action(async (value: string | undefined, _: unknown, self: Command) => {
          const { runFaultInject } = await import('../run-cluster-fault.ts');
          const flags = self.optsWithGlobals<FaultFlags>();
          await runFaultInject(io, await fault(value ?? '', flags), flags);
        }),
    );
  };
  inject('node-down <node>', 'switch a node off', (node) => ({ kind: 'node-down', node }));
  inject('node-partition <node>', 'cut a node off; its containers run on', (node) => ({
    kind: 'node-partition',
    node,
  }));
  inject('zone-down <zone>', 'switch all nodes of a zone off', (zone) => ({ kind: 'zone-down', zone }));
  inject('registry-down [registry]', 'let a registry, such as docker.io, or all of them fall silent', (registry) =>
    registry === '' ? { kind: 'registry-down' } : { kind: 'registry-down', registry },
  );
  inject(
    'slow-disk <node>',
    'slow the disk of a node down: pulls, starts, answers of what keeps data',
    async (node, flags) => {
      const { slowDiskFault } = await import('../run-cluster-fault.ts');
      return slowDiskFault(node, flags);
    },
  );
  inject(
    'clock-skew <target>',
    'set the clock of a node, kube-controller-manager or kube-scheduler',
    async (target, flags) => {
      const { clockSkewFault } = await import('../run-cluster-fault.ts');
      return clockSkewFault(target, flags);
    },
  );
  inject('api-errors <failure>', 'fail requests with 409, 429, 500, 503, 504, refuse or drop', async (value, flags) => {
    const { apiFault } = await import('../run-cluster-fault.ts');
    return apiFault('api-errors', value, flags);
  });
  inject('api-latency <duration>', 'let requests take longer', async (value, flags) => {
    const { apiFault } = await import('../run-cluster-fault.ts');
    return apiFault('api-latency', value, flags);
  });
  command.addCommand(
    new Command('list').description('list the faults in force').action(async (_: unknown, self: Command) => {
      const { runFaultList } = await import('../run-cluster-fault.ts');
      await runFaultList(io, self.optsWithGlobals<FaultFlags>());
    }),
  );
  command.addCommand(
    new Command('clear')
      .description('end faults, or all of them')
      .argument('[names...]')
      .action(async (names: readonly string[], _: unknown, self: Command) => {
        const { runFaultClear } = await import('../run-cluster-fault.ts');
        await runFaultClear(io, names, self.optsWithGlobals<FaultFlags>());
      }),
  );
  command.addCommand(
    new Command('chaos')
      .description("break things by chance while the cluster's time passes")
      .option('--seed <number>', 'the same seed breaks the same things', '1')
      .option('--for <duration>', 'how long faults begin', '30m')
      .option('--interval <duration>', 'time between two faults on average; default 1m')
      .action(async (_: unknown, self: Command) => {
        const { runFaultChaos } = await import('../run-cluster-fault.ts');
        await runFaultChaos(io, self.optsWithGlobals<FaultFlags>());
      }),
  );
  return command;
}

/** Faults of the API may be for some requests alone. */
function scoped(command: Command, usage: string): Command {
  if (usage.startsWith('slow-disk'))
    return command.option('--factor <number>', 'how many times as long it takes', '10');
  if (usage.startsWith('clock-skew')) {
    return command.option('--by <duration>', 'how far it is ahead: 1h, 90s; behind: --by=-5m', '1h');
  }
  if (!usage.startsWith('api-')) return command;
  return command
    .option('--chance <share>', 'share of the requests, above 0 and at most 1')
    .option('--verbs <list>', 'get, list, create, update, patch, delete')
    .option('--resources <list>', 'plurals: deployments,pods')
    .option('--clients <list>', 'user, kubelet, kube-scheduler, kube-controller-manager');
}
