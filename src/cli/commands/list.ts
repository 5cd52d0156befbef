import { Command } from 'commander';
import type { ReleaseStatus, ReleaseSummary } from '../../release/release.ts';
import { addOutputFlag } from '../flags.ts';
import { formatData, goTime, helmTable, type OutputFormat, outputFormat } from '../formats.ts';
import type { Io } from '../io.ts';
import type { ReleaseColours } from '../release-colours.ts';
import { type GlobalOptions, integerFlag } from '../settings.ts';

interface Flags extends GlobalOptions {
  readonly allNamespaces?: boolean;
  readonly short?: boolean;
  readonly headers: boolean;
  readonly date?: boolean;
  readonly reverse?: boolean;
  readonly uninstalled?: boolean;
  readonly superseded?: boolean;
  readonly uninstalling?: boolean;
  readonly deployed?: boolean;
  readonly failed?: boolean;
  readonly pending?: boolean;
  readonly max: string;
  readonly offset: string;
  readonly filter?: string;
  readonly selector?: string;
  readonly timeFormat?: string;
  readonly output: string;
}

/** `pintle list` */
export function listCommand(io: Io): Command {
  return addOutputFlag(new Command('list').alias('ls').description('list releases'))
    .option('-A, --all-namespaces', 'of all namespaces')
    .option('--time-format <layout>', 'format time by an example of Go: --time-format "2006-01-02 15:04:05Z0700"')
    .option('-q, --short', 'names only')
    .option('--no-headers', 'a table without its first line')
    .option('-d, --date', 'the oldest first')
    .option('-r, --reverse', 'turn the order round')
    .option('-a, --all', 'show all releases without any filter applied')
    .option('--uninstalled', "show uninstalled releases (if 'uninstall --keep-history' was used)")
    .option('--superseded', 'those that a newer revision has replaced')
    .option('--uninstalling', 'those on their way out')
    .option('--deployed', 'those that are deployed (the default)')
    .option('--failed', 'those that failed')
    .option('--pending', 'those with an operation under way')
    .option('-m, --max <count>', 'at most so many; 0: all', '256')
    .option('--offset <index>', 'leave out so many at the beginning', '0')
    .option(
      '-f, --filter <regexp>',
      'a regular expression. Any releases that match the expression will be included in the results',
    )
    .option('-l, --selector <query>', 'selector (label query) to filter on')
    .action(async (_: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const format = outputFormat(flags.output);
      const { withSession } = await import('../session.ts');
      const releases = await withSession(
        io,
        flags,
        { access: 'read', command: 'pintle list', allNamespaces: flags.allNamespaces === true },
        async ({ context }) => {
          const { list } = await import('../../actions/list.ts');
          return await list(context, {
            statuses: statuses(flags),
            filter: flags.filter,
            selector: flags.selector,
            byDate: flags.date === true,
            reverse: flags.reverse === true,
            max: integerFlag('-m, --max', flags.max),
            offset: integerFlag('--offset', flags.offset),
          });
        },
      );
      const { releaseColours } = await import('../release-colours.ts');
      io.stdout(await text(releases, flags, { format, colours: releaseColours(io, flags) }));
    });
}

function statuses(flags: Flags): ReleaseStatus[] {
  const pending: ReleaseStatus[] = ['pending-install', 'pending-upgrade', 'pending-rollback'];
  const out: ReleaseStatus[] = [];
  for (const name of ['uninstalled', 'superseded', 'uninstalling', 'deployed', 'failed'] as const) {
    if (flags[name] === true) out.push(name);
  }
  if (flags.pending === true) out.push(...pending);
  return out;
}

async function text(
  releases: readonly ReleaseSummary[],
  flags: Flags,
  { format, colours }: { readonly format: OutputFormat; readonly colours: ReleaseColours },
): Promise<string> {
  const time = await timeText(flags.timeFormat);
  if (flags.short === true) {
    const names = releases.map((release) => release.name);
    return format === 'table' ? names.map((name) => `${name}\n`).join('') : formatData(format, names);
  }
  const rows = releases.map((release) => ({
    name: release.name,
    namespace: release.namespace,
    revision: String(release.version),
    updated: time(release.info.last_deployed),
    status: release.info.status,
    chart: `${release.chart.metadata.name}-${release.chart.metadata.version}`,
    app_version: release.chart.metadata.appVersion ?? '',
  }));
  if (format !== 'table') {
    const { formatStructs, LIST_ROW } = await import('../output-structs.ts');
    return formatStructs(format, rows, LIST_ROW);
  }
  const header = ['NAME', 'NAMESPACE', 'REVISION', 'UPDATED', 'STATUS', 'CHART', 'APP VERSION'];
  return helmTable(
    flags.headers ? header.map((title) => colours.header(title)) : undefined,
    rows.map((row) =>
      Object.values({ ...row, namespace: colours.namespace(row.namespace), status: colours.status(row.status) }),
    ),
  );
}

/** How `list` writes times: as Go prints them, or in a layout of Go's. */
async function timeText(layout: string | undefined): Promise<(time: string | undefined) => string> {
  if (layout === undefined || layout === '') return goTime;
  const { parseTime } = await import('../../sprig/time/parse-time.ts');
  const { UTC } = await import('../../sprig/time/location.ts');
  return (time) => (time === undefined ? '-' : parseTime(RFC3339, time, UTC).format(layout));
}

const RFC3339 = '2006-01-02T15:04:05Z07:00';
