import { PintleError } from '../base/errors.ts';

const SYSTEM_LABELS = ['name', 'owner', 'status', 'version', 'createdAt', 'modifiedAt'];

/**
 * `--labels a=1,b=2`.
 *
 * @throws PintleError `usage` for a pair without `=`
 */
export function parseLabelsFlag(texts: readonly string[] | undefined): Record<string, string> {
  const out: Record<string, string> = {};
  for (const pair of (texts ?? []).flatMap((text) => text.split(','))) {
    const at = pair.indexOf('=');
    if (at < 1)
      throw new PintleError(
        'usage',
        `invalid argument "${pair}" for "-l, --labels" flag: ${pair} must be formatted as key=value`,
      );
    out[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return out;
}

/** Refuses labels that the store itself sets. @throws PintleError `usage` */
export function checkLabels(labels: Readonly<Record<string, string>>): void {
  if (!SYSTEM_LABELS.some((key) => Object.hasOwn(labels, key))) return;
  throw new PintleError(
    'usage',
    `user supplied labels contains system reserved label name. System labels: [${SYSTEM_LABELS.join(' ')}]`,
  );
}
