import { settledChanges } from '../process/file-changes.ts';
import type { ContainerRecord, Instance } from './container-record.ts';

const DEFAULT_PATH = '/dev/termination-log';
const MOST_FILE_BYTES = 4096;
const MOST_LINES = 80;
const MOST_BYTES = 2048;

/**
 * What a container leaves as its last word: what it wrote to the file for that, or the end of its log, where it asked for
 * that and has failed.
 */
export function terminationMessage(
  { spec }: ContainerRecord,
  instance: Instance,
  exitCode: number,
  now: number,
): string {
  const elapsed = now - instance.startedAt;
  const file = spec.terminationMessagePath ?? DEFAULT_PATH;
  const { files } = instance.target.program;
  const changes = files.filter(({ at, path }) => at <= elapsed && path === file);
  const written = settledChanges(changes).at(-1)?.text ?? '';
  if (written !== '') return written.slice(0, MOST_FILE_BYTES);
  if (spec.terminationMessagePolicy !== 'FallbackToLogsOnError' || exitCode === 0) return '';
  const lines = instance.target.program.logs.filter(({ at }) => at <= elapsed).map(({ text }) => text);
  const text = lines.slice(-MOST_LINES).join('\n');
  return text === '' ? '' : `${text}\n`.slice(-MOST_BYTES);
}
