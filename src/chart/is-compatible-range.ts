import { parseConstraint } from '../base/semver-constraint.ts';
import { tryParseVersion } from '../base/semver.ts';

/** Whether a version lies in a range; false for what is no version or no range. helm: chartutil.IsCompatibleRange. */
export function isCompatibleRange(range: string, version: string): boolean {
  const parsed = tryParseVersion(version);
  if (parsed === undefined) return false;
  try {
    return parseConstraint(range).check(parsed);
  } catch {
    return false;
  }
}
