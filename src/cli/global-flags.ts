import type { Command } from 'commander';
import { collect } from './flags.ts';

/** Global flags with a value, which may look like a command: spelling, meaning. */
const VALUED: readonly (readonly [string, string])[] = [
  ['-n, --namespace <name>', 'the namespace to work in'],
  ['--kubeconfig <file>', 'work on the cluster of a kubeconfig'],
  ['--kube-context <name>', 'the context of the kubeconfig'],
  ['--kube-apiserver <url>', 'the address of the API server'],
  ['--kube-token <token>', 'a bearer token to log in with'],
  ['--kube-ca-file <file>', "the authority that signed the API server's certificate"],
  ['--kube-tls-server-name <name>', "the name in the API server's certificate, when it is not the host's"],
  ['--kube-as-user <name>', 'act as somebody else'],
  ['--burst-limit <count>', 'taken as Helm takes it; requests are not throttled here'],
  ['--qps <number>', 'taken as Helm takes it; requests are not throttled here'],
  ['--registry-config <file>', 'where the credentials of registries are kept'],
  ['--repository-config <file>', 'where the names and addresses of repositories are kept'],
  ['--repository-cache <folder>', 'where indexes of repositories are kept'],
  ['--content-cache <folder>', 'where charts that were fetched are kept'],
  ['--color <when>', 'colours: never, auto or always'],
  ['--colour <when>', 'colours: never, auto or always'],
];
const GROUP = '--kube-as-group <name>';

/** The flags that every command takes. */
export function addGlobalFlags(command: Command): Command {
  for (const [flag, meaning] of VALUED) command.option(flag, meaning);
  return command
    .option(GROUP, 'act as a member of a group; may be given several times', collect)
    .option('--kube-insecure-skip-tls-verify', "do not check the API server's certificate")
    .option('--embedded', 'work on the embedded cluster, whatever else is set')
    .option('--debug', 'say more about what happens');
}

/** Names of the global flags with a value. */
export const VALUED_GLOBAL_FLAGS: ReadonlySet<string> = new Set(
  [GROUP, ...VALUED.map(([flag]) => flag)].flatMap((flag) => flag.replace(/ <.*$/, '').split(', ')),
);
