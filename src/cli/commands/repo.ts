import { Command } from 'commander';
import { addOutputFlag } from '../flags.ts';
import type { Io } from '../io.ts';
import type { AddFlags, IndexFlags, ListFlags, UpdateFlags } from '../run-repo.ts';
import type { HubFlags, SearchFlags } from '../run-search.ts';

const TIMEOUT = ['--timeout <duration>', 'how long to wait for an answer', '2m0s'] as const;

/** `pintle repo add|list|update|remove|index` */
export function repoCommand(io: Io): Command {
  const command = new Command('repo').description('look after the repositories that charts come from');
  command.addCommand(addCommand(io));
  command.addCommand(
    addOutputFlag(new Command('list').alias('ls').description('list the repositories'))
      .option('--no-headers', 'leave the headings out')
      .action(async (_: unknown, self: Command) => {
        const { runRepoList } = await import('../run-repo.ts');
        runRepoList(io, self.optsWithGlobals<ListFlags>());
      }),
  );
  command.addCommand(
    new Command('update')
      .alias('up')
      .description('fetch what repositories have now: of all, or of those that are named')
      .argument('[names...]')
      .option(...TIMEOUT)
      .action(async (names: readonly string[], _: unknown, self: Command) => {
        const { runRepoUpdate } = await import('../run-repo.ts');
        await runRepoUpdate(io, names, self.optsWithGlobals<UpdateFlags>());
      }),
  );
  command.addCommand(
    new Command('remove')
      .alias('rm')
      .description('forget repositories')
      .argument('<names...>')
      .action(async (names: readonly string[], _: unknown, self: Command) => {
        const { runRepoRemove } = await import('../run-repo.ts');
        await runRepoRemove(io, names, self.optsWithGlobals<ListFlags>());
      }),
  );
  command.addCommand(
    new Command('index')
      .description('write the index of a folder of archives, which makes it a repository')
      .argument('<folder>')
      .option('--url <url>', 'the address that the folder will have')
      .option('--merge <file>', 'an index whose charts are taken over')
      .option('--json', 'write it as JSON')
      .action(async (folder: string, _: unknown, self: Command) => {
        const { runRepoIndex } = await import('../run-repo.ts');
        await runRepoIndex(io, folder, self.optsWithGlobals<IndexFlags>());
      }),
  );
  return command;
}

function addCommand(io: Io): Command {
  return new Command('add')
    .description('name a repository')
    .argument('<name>')
    .argument('<url>')
    .option('--username <name>', 'the name to log in with')
    .option('--password <text>', 'the password to log in with')
    .option('--password-stdin', 'read the password from standard input')
    .option('--force-update', 'replace a repository of that name')
    .option('--cert-file <file>', 'the certificate that this client shows, PEM')
    .option('--key-file <file>', "the key of this client's certificate, PEM")
    .option('--ca-file <file>', "the authority that signed the repository's certificate, PEM")
    .option('--insecure-skip-tls-verify', "do not check the repository's certificate")
    .option('--allow-deprecated-repos', 'take addresses of repositories that are known to be gone')
    .option('--pass-credentials', 'give the name and password to whatever host has a chart')
    .option(...TIMEOUT)
    .action(async (name: string, url: string, _: unknown, self: Command) => {
      const { runRepoAdd } = await import('../run-repo.ts');
      await runRepoAdd(io, name, url, self.optsWithGlobals<AddFlags>());
    });
}

/** `pintle search repo|hub` */
export function searchCommand(io: Io): Command {
  const command = new Command('search').description('look for charts');
  command.addCommand(
    addOutputFlag(
      new Command('repo').description('look through the repositories that were added').argument('[words...]'),
    )
      .option('-r, --regexp', 'the words are a regular expression')
      .option('-l, --versions', 'every version of a chart, each on its own line')
      .option('--devel', 'pre-releases, too; not with --version')
      .option('--version <constraint>', 'only versions that satisfy it')
      .option('--max-col-width <width>', 'cut wider columns', '50')
      .option('--fail-on-no-result', 'fail when nothing is found')
      .action(async (words: readonly string[], _: unknown, self: Command) => {
        const { runSearchRepo } = await import('../run-search.ts');
        await runSearchRepo(io, words, self.optsWithGlobals<SearchFlags>());
      }),
  );
  command.addCommand(
    addOutputFlag(new Command('hub').description('look through the Artifact Hub').argument('[words...]'))
      .option('--endpoint <url>', 'another hub', 'https://hub.helm.sh')
      .option('--list-repo-url', 'with the address of the repository')
      .option('--max-col-width <width>', 'cut wider columns', '50')
      .option('--fail-on-no-result', 'fail when nothing is found')
      .action(async (words: readonly string[], _: unknown, self: Command) => {
        const { runSearchHub } = await import('../run-search.ts');
        await runSearchHub(io, words, self.optsWithGlobals<HubFlags>());
      }),
  );
  return command;
}
