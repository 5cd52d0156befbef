import type { ContainerRecord, Instance } from './container-record.ts';

const MOST_LINES = 80;
const MOST_BYTES = 2048;

/** What a container leaves as its last word: the end of its log, where it asked for that and has failed. */
export function terminationMessage(
  { spec }: ContainerRecord,
  instance: Instance,
  exitCode: number,
  now: number,
): string {
  if (spec.terminationMessagePolicy !== 'FallbackToLogsOnError' || exitCode === 0) return '';
  const elapsed = now - instance.startedAt;
  const lines = instance.target.program.logs.filter(({ at }) => at <= elapsed).map(({ text }) => text);
  const text = lines.slice(-MOST_LINES).join('\n');
  return text === '' ? '' : `${text}\n`.slice(-MOST_BYTES);
}
