import { Command } from 'commander';
import type { Release } from '../../release/release.ts';
import { addOutputFlag } from '../flags.ts';
import { formatData, formatLabels, outputFormat } from '../formats.ts';
import type { Io } from '../io.ts';
import { type GlobalOptions, integerFlag } from '../settings.ts';

interface Flags extends GlobalOptions {
  readonly revision: string;
  readonly output?: string;
  readonly all?: boolean;
  readonly template?: string;
}

/** `pintle get all|values|manifest|hooks|notes|metadata` */
export function getCommand(io: Io): Command {
  const command = new Command('get').description('print what is kept of a release');
  const add = (
    name: string,
    description: string,
    show: (release: Release, flags: Flags, io: Io) => Promise<string> | string,
  ): Command => {
    const child = new Command(name)
      .description(description)
      .usage('RELEASE_NAME')
      .argument('<name>', 'release')
      .option('--revision <number>', 'of this revision; 0: the last one', '0')
      .action(async (release: string, _: unknown, self: Command) => {
        const flags = self.optsWithGlobals<Flags>();
        const { withSession } = await import('../session.ts');
        const { getRelease } = await import('../../actions/get-release.ts');
        const found = await withSession(
          io,
          flags,
          { access: 'read', command: `pintle get ${name}`, name: release },
          ({ context }) => getRelease(context, release, integerFlag('--revision', flags.revision)),
        );
        io.stdout(await show(found, flags, io));
      });
    command.addCommand(child);
    return child;
  };
  add('all', 'print everything that is kept of a release', showAll).option(
    '--template <text>',
    'print through a Go template, such as {{.Release.Name}}',
  );
  addOutputFlag(add('values', 'print the values that a release was given', showValues)).option(
    '-a, --all',
    "with the chart's own values",
  );
  add('manifest', 'print the manifest of a release', (release) => `${release.manifest}\n`);
  add('hooks', 'print the hooks of a release', async (release) =>
    (await import('../release-text.ts')).hooksText(release),
  );
  add('notes', 'print the notes of a release', (release) =>
    (release.info.notes ?? '') === '' ? '' : `NOTES:\n${release.info.notes ?? ''}\n`,
  );
  addOutputFlag(add('metadata', 'print name, chart, version and dates of a release', showMetadata));
  return command;
}

async function showAll(release: Release, flags: Flags, io: Io): Promise<string> {
  if (flags.template !== undefined && flags.template !== '') {
    const { releaseTemplate } = await import('../release-template.ts');
    return releaseTemplate(release, flags.template);
  }
  const { releaseText } = await import('../release-text.ts');
  const { releaseColours } = await import('../release-colours.ts');
  return releaseText(release, {
    full: true,
    showMetadata: true,
    colours: releaseColours(io, flags),
    computed: await (await import('../computed-values.ts')).computedValues(release),
  });
}

async function showValues(release: Release, flags: Flags): Promise<string> {
  const values =
    flags.all === true
      ? await (await import('../computed-values.ts')).computedValues(release)
      : (release.config ?? null);
  const format = outputFormat(flags.output);
  if (format !== 'table') return formatData(format, values);
  return `${flags.all === true ? 'COMPUTED VALUES:' : 'USER-SUPPLIED VALUES:'}\n${formatData('yaml', values)}`;
}

async function showMetadata(release: Release, flags: Flags): Promise<string> {
  const { metadata } = release.chart;
  const data = {
    name: release.name,
    chart: metadata.name,
    version: metadata.version,
    appVersion: metadata.appVersion ?? '',
    annotations: metadata.annotations,
    labels: release.labels,
    dependencies: metadata.dependencies,
    namespace: release.namespace,
    revision: release.version,
    status: release.info.status,
    deployedAt: wholeSeconds(release.info.last_deployed),
    applyMethod: release.apply_method,
  };
  const format = outputFormat(flags.output);
  if (format !== 'table') {
    const { formatStruct, METADATA } = await import('../output-structs.ts');
    return formatStruct(format, data, METADATA);
  }
  const lines = [
    ['NAME', data.name],
    ['CHART', data.chart],
    ['VERSION', data.version],
    ['APP_VERSION', data.appVersion],
    ['ANNOTATIONS', formatLabels(metadata.annotations)],
    ['LABELS', formatLabels(release.labels)],
    [
      'DEPENDENCIES',
      (metadata.dependencies ?? [])
        .map((each) => each.name)
        .sort()
        .join(','),
    ],
    ['NAMESPACE', data.namespace],
    ['REVISION', String(data.revision)],
    ['STATUS', data.status],
    ['DEPLOYED_AT', data.deployedAt],
    ['APPLY_METHOD', applyMethod(release.apply_method)],
  ];
  return lines.map(([name, value]) => `${name ?? ''}: ${value ?? ''}\n`).join('');
}

/** RFC 3339 without a fraction; a time that is not set is Go's zero. */
function wholeSeconds(time: string | undefined): string {
  return time === undefined ? '0001-01-01T00:00:00Z' : time.replace(/\.\d+(?=Z$|[-+]\d\d:\d\d$)/, '');
}

function applyMethod(method: string | undefined): string {
  switch (method) {
    case undefined:
    case '':
      return 'client-side apply (defaulted)';
    case 'csa':
      return 'client-side apply';
    case 'ssa':
      return 'server-side apply';
    default:
      return `unknown ("${method}")`;
  }
}
