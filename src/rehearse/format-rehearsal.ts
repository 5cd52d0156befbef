import { formatDuration } from '../base/duration.ts';
import { newQuantity, formatQuantity } from '../kube/quantity.ts';
import type { BudgetStory, Peak, Rehearsal, RehearsedUndo, TimelineEvent } from './rehearsal.ts';

/** How {@link formatRehearsal} writes. */
export interface FormatOptions {
  /** Lines of the timeline; longer ones are cut in the middle. */
  readonly timelineLines: number;
  /** Emphasis for `good`, `bad` and `faint` texts. */
  readonly paint: (kind: 'good' | 'bad' | 'faint', text: string) => string;
  /** Rows of cells as a table. */
  readonly table: (rows: readonly (readonly string[])[]) => string;
}

/** The timeline's texts are cut here; the verdict and `-o json` have them whole. */
const LONGEST_TEXT = 120;

/** A rehearsal for people to read. */
export function formatRehearsal(rehearsal: Rehearsal, options: FormatOptions): string {
  const parts = [
    headline(rehearsal, options),
    verdict(rehearsal, options),
    availability(rehearsal, options),
    surge(rehearsal),
    budgets(rehearsal.budgets, options),
    unplaced(rehearsal, options),
    `With --atomic: ${undoText(rehearsal.undo)}`,
    timeline(rehearsal.timeline, options),
    rehearsal.notes.length === 0
      ? ''
      : `Taken for granted:\n${rehearsal.notes.map((note) => `  - ${note}`).join('\n')}`,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function headline({ verb, name, revision, cluster, copied }: Rehearsal, { paint }: FormatOptions): string {
  const size = `${copied.nodes} nodes, ${copied.pods} pods, ${copied.objects} objects`;
  return paint('faint', `rehearsed: ${verb} of "${name}" to revision ${revision}, on a copy of ${cluster} (${size})`);
}

function verdict(rehearsal: Rehearsal, { paint }: FormatOptions): string {
  const { succeeds, failure, unnoticed, firstSign, commandDuration, rolloutDuration, settledAfter } = rehearsal;
  if (succeeds) {
    const rest = settledAfter > rolloutDuration ? `; the last old pod is gone after ${span(settledAfter)}` : '';
    const command = commandDuration < rolloutDuration ? `, the command ends after ${span(commandDuration)}` : '';
    return `${paint('good', 'It would succeed.')} Everything is ready after ${span(rolloutDuration)}${command}${rest}.`;
  }
  const lines = [`${paint('bad', 'It would fail')} after ${span(rolloutDuration)}: ${failure?.message ?? ''}`];
  lines.push(...(failure?.trace ?? []).map(({ text }) => `  - ${text}`));
  if (firstSign !== undefined) lines.push(`The first sign of it, after ${span(firstSign.at)}: ${firstSign.text}`);
  if (unnoticed) lines.push(`The command itself would report success after ${span(commandDuration)}: add --wait.`);
  return lines.join('\n');
}

function availability({ workloads }: Rehearsal, { table, paint }: FormatOptions): string {
  const shown = workloads.filter((each) => each.ofRelease || each.least < each.before);
  if (shown.length === 0) return '';
  const rows = shown.map((each) => {
    const least = each.least < each.before ? `${each.least} of ${each.before}, at ${span(each.leastAt)}` : 'no loss';
    const isLost = each.least === 0 && each.before > 0;
    return [
      each.id,
      String(each.before),
      String(each.after),
      String(each.desired),
      isLost ? paint('bad', least) : least,
    ];
  });
  return table([['WORKLOAD', 'READY BEFORE', 'AFTER', 'WANTED', 'LEAST READY'], ...rows]);
}

function surge({ surge: { pods, cpuMillis, memoryBytes } }: Rehearsal): string {
  const rows = [
    peakText('pods', pods, String),
    peakText('requested CPU', cpuMillis, (amount) => quantity(BigInt(Math.round(amount)) * 1_000_000n, 'DecimalSI')),
    peakText('requested memory', memoryBytes, (amount) =>
      quantity(BigInt(Math.round(amount)) * 1_000_000_000n, 'BinarySI'),
    ),
  ];
  return `At the most:\n${rows.map((row) => `  ${row}`).join('\n')}`;
}

function quantity(nano: bigint, format: 'DecimalSI' | 'BinarySI'): string {
  return formatQuantity(newQuantity(nano, format));
}

function peakText(what: string, { before, peak, peakAt, after }: Peak, format: (amount: number) => string): string {
  const more = peak - Math.max(before, after);
  const surplus = more > 0 ? `; a surge of ${format(more)}` : '';
  return `${what}: ${format(peak)} at ${span(peakAt)} (before ${format(before)}, after ${format(after)}${surplus})`;
}

function budgets(stories: readonly BudgetStory[], { paint }: FormatOptions): string {
  return stories
    .map(({ name, breached, least, leastAt, desired, breachedFor }) =>
      breached
        ? paint('bad', `PodDisruptionBudget ${name} is broken for ${span(breachedFor)}:`) +
          ` ${least} healthy at ${span(leastAt)}, ${desired} are promised`
        : `PodDisruptionBudget ${name} is kept: never fewer than ${least} healthy, ${desired} are promised`,
    )
    .join('\n');
}

function unplaced({ unplaced: pods }: Rehearsal, { paint }: FormatOptions): string {
  if (pods.length === 0) return '';
  const lines = new Map<string, string[]>();
  for (const { pod, workload, since, until, message } of pods) {
    const when = until === undefined ? `from ${span(since)} to the end` : `from ${span(since)} to ${span(until)}`;
    const line = `${workload === '' ? `Pod ${pod}` : workload}, ${when}: ${message}`;
    lines.set(line, [...(lines.get(line) ?? []), pod]);
  }
  const texts = [...lines].map(([line, names]) => `  ${names.length === 1 ? '' : `${names.length} pods of `}${line}`);
  return `${paint('bad', 'Not placed on any node:')}\n${texts.join('\n')}`;
}

/** What `--atomic` would do, in words. */
export function undoText({ action, given, revision, duration, failure }: RehearsedUndo): string {
  if (action === 'nothing') return 'there would be nothing to undo';
  const what = action === 'uninstall' ? 'what was installed' : `revision ${revision ?? '?'}`;
  if (failure !== undefined) {
    return `going back would fail too: ${failure.message}`;
  }
  const back = action === 'uninstall' ? `${what} is uninstalled` : `${what} is back`;
  return given ? `${back}; the times above include it` : `${back} ${span(duration)} after the failure`;
}

function timeline(events: readonly TimelineEvent[], { timelineLines, paint, table }: FormatOptions): string {
  const rows = events.map(({ at, kind, subject, text }) => {
    const isBad =
      kind === 'warning' || (kind === 'budget' && text.startsWith('only')) || / (failing|not placed)/.test(text);
    const short = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text;
    return [`  +${span(at)}`, subject, isBad ? paint('bad', short) : short];
  });
  const surplus = rows.length - timelineLines;
  const half = Math.floor(timelineLines / 2);
  const shown =
    surplus <= 1
      ? rows
      : [
          ...rows.slice(0, half),
          ['  …', paint('faint', `${surplus} more; -o json has them all`), ''],
          ...rows.slice(rows.length - (timelineLines - half)),
        ];
  return `Timeline:\n${table(shown)}`;
}

function span(milliseconds: number): string {
  return formatDuration(Math.round(milliseconds / 100) * 100);
}
