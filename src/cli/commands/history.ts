import { Command } from 'commander';
import { addOutputFlag } from '../flags.ts';
import { ansiTime, helmTable, outputFormat } from '../formats.ts';
import type { Io } from '../io.ts';
import { type GlobalOptions, integerFlag } from '../settings.ts';

interface Flags extends GlobalOptions {
  readonly max: string;
  readonly output: string;
}

/** `pintle history` */
export function historyCommand(io: Io): Command {
  return addOutputFlag(new Command('history').alias('hist').description('list the revisions of a release'))
    .usage('RELEASE_NAME')
    .argument('<name>', 'release')
    .option('--max <count>', 'at most so many, the newest', '256')
    .action(async (name: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const format = outputFormat(flags.output);
      const max = Math.max(0, integerFlag('--max', flags.max));
      const { withSession } = await import('../session.ts');
      const { checkReleaseName } = await import('../../actions/release-name.ts');
      const releases = await withSession(
        io,
        flags,
        { access: 'read', command: `pintle history ${name}`, name },
        async ({ context }) => {
          checkReleaseName(name, 'release name is invalid');
          return await context.store.summaries(name, max);
        },
      );
      const rows = releases.map((release) => ({
        revision: release.version,
        updated: release.info.last_deployed,
        status: release.info.status,
        chart: `${release.chart.metadata.name}-${release.chart.metadata.version}`,
        app_version: release.chart.metadata.appVersion ?? '',
        description: release.info.description ?? '',
      }));
      if (format !== 'table') {
        const { formatStructs, HISTORY_ROW } = await import('../output-structs.ts');
        io.stdout(formatStructs(format, rows, HISTORY_ROW));
        return;
      }
      io.stdout(
        helmTable(
          ['REVISION', 'UPDATED', 'STATUS', 'CHART', 'APP VERSION', 'DESCRIPTION'],
          rows.map((row) => [
            String(row.revision),
            ansiTime(row.updated),
            row.status,
            row.chart,
            row.app_version,
            row.description,
          ]),
        ),
      );
    });
}
