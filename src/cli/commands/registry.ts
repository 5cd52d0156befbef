import { Command } from 'commander';
import { addAccessFlags, addFetchFlags } from '../fetch-flags.ts';
import type { Io } from '../io.ts';
import type { PullFlags } from '../run-pull.ts';
import type { LoginFlags, PushFlags } from '../run-registry.ts';
import type { VerifyFlags } from '../run-verify.ts';

/** `pintle pull` */
export function pullCommand(io: Io): Command {
  const command = new Command('pull')
    .alias('fetch')
    .description('download charts')
    .argument('<charts...>', 'names such as repo/chart, or addresses');
  return addFetchFlags(command, ['devel', 'pass-credentials', 'repo'])
    .option('--version <constraint>', 'the version of the chart')
    .option('--untar', 'unpack the archive')
    .option('--untardir <folder>', 'the folder to unpack into', '.')
    .option('--prov', 'with the provenance file, which is not checked')
    .option('-d, --destination <folder>', 'the folder for the archive', '.')
    .action(async (charts: readonly string[], _: unknown, self: Command) => {
      const { runPull } = await import('../run-pull.ts');
      for (const chart of charts) await runPull(io, chart, self.optsWithGlobals<PullFlags>());
    });
}

/** `pintle push` */
export function pushCommand(io: Io): Command {
  const command = new Command('push')
    .description('put a chart into a registry, with its provenance file if it has one')
    .argument('<archive>')
    .argument('<remote>', 'oci://REGISTRY/REPOSITORY');
  return addAccessFlags(command).action(async (archive: string, remote: string, _: unknown, self: Command) => {
    const { runPush } = await import('../run-registry.ts');
    await runPush(io, archive, remote, self.optsWithGlobals<PushFlags>());
  });
}

/** `pintle registry login|logout` */
export function registryCommand(io: Io): Command {
  const command = new Command('registry').description('log in to registries and out of them');
  command.addCommand(
    new Command('login')
      .description('keep a name and a password for a registry, once it has taken them')
      .argument('<host>')
      .option('-u, --username <name>', 'the name to log in with')
      .option('-p, --password <text>', 'the password, or a token')
      .option('--password-stdin', 'read the password from standard input')
      .option('--insecure', "do not check the registry's certificate")
      .option('--cert-file <file>', 'the certificate that this client shows, PEM')
      .option('--key-file <file>', "the key of this client's certificate, PEM")
      .option('--ca-file <file>', "the authority that signed the registry's certificate, PEM")
      .option('--plain-http', 'talk to the registry without encryption')
      .action(async (host: string, _: unknown, self: Command) => {
        const { runLogin } = await import('../run-registry.ts');
        await runLogin(io, host, self.optsWithGlobals<LoginFlags>());
      }),
  );
  command.addCommand(
    new Command('logout')
      .description('forget what was kept for a registry')
      .argument('<host>')
      .action(async (host: string, _: unknown, self: Command) => {
        const { runLogout } = await import('../run-registry.ts');
        await runLogout(io, host, self.optsWithGlobals<LoginFlags>());
      }),
  );
  return command;
}

/** `pintle verify` */
export function verifyCommand(io: Io): Command {
  return new Command('verify')
    .description('check the signature of an archive')
    .argument('<archive>')
    .option('--keyring <file>', 'the public keys; default: those of GnuPG, pubring.gpg')
    .action(async (archive: string, _: unknown, self: Command) => {
      const { runVerifyArchive } = await import('../run-verify.ts');
      await runVerifyArchive(io, archive, self.optsWithGlobals<VerifyFlags>());
    });
}
