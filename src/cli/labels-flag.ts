import { PintleError } from '../base/errors.ts';

const SYSTEM_LABELS = ['name', 'owner', 'status', 'version', 'createdAt', 'modifiedAt'];

/**
 * `--labels a=1,b=2`.
 *
 * @throws PintleError `usage` for a pair without `=` and for labels that the store itself sets
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
    const key = pair.slice(0, at);
    if (SYSTEM_LABELS.includes(key)) {
      throw new PintleError(
        'usage',
        `user supplied labels contains system reserved label name. System labels: [${SYSTEM_LABELS.join(' ')}]`,
      );
    }
    out[key] = pair.slice(at + 1);
  }
  return out;
}
