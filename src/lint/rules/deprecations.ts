import { DEPRECATED_APIS } from '../deprecated-apis.ts';
import type { ManifestHead } from '../manifest-head.ts';

/** The Kubernetes version that a chart is checked for. */
export interface LintKubeVersion {
  readonly major: string;
  readonly minor: string;
}

/** The warning about a kind that is deprecated in that version of Kubernetes. helm: rules/deprecations.go. */
export function deprecationFault({ apiVersion, kind }: ManifestHead, version: LintKubeVersion): string | undefined {
  if (apiVersion === '' || kind === '') return undefined;
  const found = lifecycle(apiVersion, kind);
  if (found === undefined) return undefined;
  for (const part of [version.major, version.minor]) {
    if (!/^[-+]?\d+$/.test(part)) return `strconv.Atoi: parsing "${part}": invalid syntax`;
  }
  const { deprecated, removed, replacement } = found;
  const major = Number(version.major);
  const minor = Number(version.minor);
  const isUnknown = major === 0 && minor === 0;
  if (!isUnknown && (major < 1 || (major === 1 && minor < deprecated))) return undefined;
  const until = removed === undefined ? '' : `, unavailable in v1.${removed}+`;
  return `${apiVersion} ${kind} is deprecated in v1.${deprecated}+${until}${replacement === undefined ? '' : `; use ${replacement}`}`;
}

interface Lifecycle {
  readonly deprecated: number;
  readonly removed: number | undefined;
  /** `apps/v1 Deployment` */
  readonly replacement: string | undefined;
}

function lifecycle(apiVersion: string, kind: string): Lifecycle | undefined {
  const entries = Object.hasOwn(DEPRECATED_APIS, apiVersion) ? DEPRECATED_APIS[apiVersion] : undefined;
  const own = entries?.find((entry) => entry.startsWith(`${kind} `));
  if (own !== undefined) return parse(own, kind);
  if (!kind.endsWith('List')) return undefined;
  // Lists are deprecated with what they hold.
  const item = kind.slice(0, -'List'.length);
  const entry = entries?.find((each) => each.startsWith(`${item} `));
  return entry === undefined ? undefined : parse(entry, item, 'List');
}

function parse(entry: string, kind: string, suffix = ''): Lifecycle {
  const [, deprecated = '', removed = '', replacement = '-', other = kind] = entry.split(' ');
  return {
    deprecated: Number(deprecated),
    removed: removed === '-' ? undefined : Number(removed),
    replacement: replacement === '-' ? undefined : `${replacement} ${other}${suffix}`,
  };
}
