import { Command } from 'commander';
import { getRelease } from '../../actions/get-release.ts';
import { addOutputFlag } from '../flags.ts';
import { outputFormat } from '../formats.ts';
import type { Io } from '../io.ts';
import { type GlobalOptions, integerFlag } from '../settings.ts';

interface Flags extends GlobalOptions {
  readonly revision: string;
  readonly output: string;
}

/** `pintle status` */
export function statusCommand(io: Io): Command {
  return addOutputFlag(new Command('status').description('show how a release stands, with its objects'))
    .usage('RELEASE_NAME')
    .argument('<name>', 'release')
    .option('--revision <number>', 'of this revision; 0: the last one', '0')
    .action(async (name: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const format = outputFormat(flags.output);
      const revision = integerFlag('--revision', flags.revision);
      const { withSession } = await import('../session.ts');
      await withSession(
        io,
        flags,
        { access: 'observe', command: `pintle status ${name}`, name },
        async ({ context, target }) => {
          const release = await getRelease(context, name, revision);
          const { liveResources } = await import('../../actions/live-resources.ts');
          const resources = await liveResources(context, release);
          const { releaseText, releaseData } = await import('../release-text.ts');
          if (format !== 'table') {
            io.stdout(await releaseData(format, release, { withoutChart: true, resources }));
            return;
          }
          const { resourcesText } = await import('../resources-text.ts');
          const { releaseColours } = await import('../release-colours.ts');
          const { clusterTime } = await import('../cluster-time.ts');
          const text = resources.length === 0 ? '' : resourcesText(resources, await clusterTime(target));
          io.stdout(releaseText(release, { resources: text, colours: releaseColours(io, flags) }));
        },
      );
    });
}
