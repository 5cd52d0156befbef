import type { Release } from '../release/release.ts';
import type { LiveGroup } from '../actions/live-resources.ts';
import { toYaml } from '../yaml/index.ts';
import { ansiTime } from './formats.ts';
import { NO_COLOURS, type ReleaseColours } from './release-colours.ts';

/** Which parts {@link releaseText} shows. */
export interface ReleaseTextOptions {
  /** Values, hooks and manifest too, as `get all` shows. */
  readonly full?: boolean;
  readonly showMetadata?: boolean;
  readonly hideNotes?: boolean;
  /** Stands below the description. */
  readonly resources?: string;
  readonly colours?: ReleaseColours;
  /** Values with the chart's defaults, for `full`. */
  readonly computed?: unknown;
}

/** A release as Helm's install, upgrade, status and `get all` print it. Helm: pkg/cmd/status.go. */
export function releaseText(release: Release, options: ReleaseTextOptions = {}): string {
  const { info } = release;
  const { colours = NO_COLOURS } = options;
  const lines = [`NAME: ${release.name}`];
  if (info.last_deployed !== undefined) lines.push(`LAST DEPLOYED: ${ansiTime(info.last_deployed)}`);
  lines.push(
    `NAMESPACE: ${colours.namespace(release.namespace)}`,
    `STATUS: ${colours.status(info.status)}`,
    `REVISION: ${release.version}`,
  );
  if (options.showMetadata === true) {
    const { metadata } = release.chart;
    lines.push(`CHART: ${metadata.name}`, `VERSION: ${metadata.version}`, `APP_VERSION: ${metadata.appVersion ?? ''}`);
  }
  lines.push(`DESCRIPTION: ${info.description ?? ''}`);
  let text = `${lines.join('\n')}\n${options.resources ?? ''}`;
  for (const line of testLines(release)) text += `${line}\n`;
  if (options.full === true) {
    text += `USER-SUPPLIED VALUES:\n${yamlOrNull(release.config)}\n`;
    text += `COMPUTED VALUES:\n${yamlOrNull(options.computed)}\n`;
  }
  if (options.full === true || info.description?.toLowerCase() === 'dry run complete') {
    text += `HOOKS:\n${hooksText(release)}MANIFEST:\n${release.manifest}\n`;
  }
  if (options.hideNotes !== true && (info.notes ?? '') !== '') text += `NOTES:\n${(info.notes ?? '').trim()}\n`;
  return text;
}

/** The hooks as `get hooks` prints them. */
export function hooksText(release: Release): string {
  return (release.hooks ?? []).map((hook) => `---\n# Source: ${hook.path}\n${hook.manifest}\n`).join('');
}

function yamlOrNull(value: unknown): string {
  return value === undefined || value === null ? 'null\n' : toYaml(value);
}

function testLines(release: Release): string[] {
  const tests = (release.hooks ?? []).filter((hook) => hook.events.includes('test'));
  if (tests.length === 0) return ['TEST SUITE: None'];
  return tests
    .filter((hook) => hook.last_run.started_at !== undefined)
    .flatMap((hook) => [
      `TEST SUITE:     ${hook.name}`,
      `Last Started:   ${ansiTime(hook.last_run.started_at)}`,
      `Last Completed: ${ansiTime(hook.last_run.completed_at)}`,
      `Phase:          ${hook.last_run.phase}`,
    ]);
}

/** What {@link releaseData} shows. */
interface ReleaseDataOptions {
  /** `status` leaves the chart out. */
  readonly withoutChart?: boolean;
  /** Objects on the cluster, as a part of `info`. */
  readonly resources?: readonly LiveGroup[];
}

/** A release for `-o json` and `-o yaml`. */
export async function releaseData(
  format: 'json' | 'yaml',
  release: Release,
  { withoutChart = false, resources = [] }: ReleaseDataOptions = {},
): Promise<string> {
  const { releaseJsonText } = await import('../release/codec.ts');
  const { formatJsonText } = await import('./output-structs.ts');
  const found = Object.fromEntries(
    resources.map(({ title, objects, lists }) => [title, lists.length > 0 ? lists : objects]),
  );
  const info = resources.length === 0 ? release.info : { ...release.info, resources: found };
  return formatJsonText(format, releaseJsonText({ ...release, info }, { withoutChart }));
}
