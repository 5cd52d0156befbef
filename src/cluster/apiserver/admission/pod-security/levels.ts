/** How much a pod may do, from everything to little. */
export type Level = 'privileged' | 'baseline' | 'restricted';

/** A level as it was defined by a minor version of Kubernetes 1; Infinity: the newest. */
export interface LevelVersion {
  readonly level: Level;
  readonly minor: number;
}

/** What a namespace asks for its pods. */
export interface SecurityPolicy {
  readonly enforce: LevelVersion;
  readonly audit: LevelVersion;
  readonly warn: LevelVersion;
}

/** A label that cannot be read. */
export interface LabelFault {
  readonly label: string;
  readonly value: string;
  readonly detail: string;
}

const PREFIX = 'pod-security.kubernetes.io/';
const LEVELS: readonly Level[] = ['privileged', 'baseline', 'restricted'];
const LATEST = Number.POSITIVE_INFINITY;

/** `restricted:latest`, `baseline:v1.24` */
export function formatLevel({ level, minor }: LevelVersion): string {
  return `${level}:${minor === LATEST ? 'latest' : `v1.${minor}`}`;
}

export function sameLevel(a: LevelVersion, b: LevelVersion): boolean {
  return a.level === b.level && a.minor === b.minor;
}

/** Above zero when the first is stricter. */
export function compareLevels(a: Level, b: Level): number {
  return LEVELS.indexOf(a) - LEVELS.indexOf(b);
}

/**
 * The policy that a namespace's labels state; what they do not say is privileged. There is always a policy: labels that cannot be
 * read count as `restricted` for enforcement and as `privileged` for the rest. pod-security-admission: api/helpers.go
 */
export function policyOf(labels: Readonly<Record<string, string>> = {}): {
  readonly policy: SecurityPolicy;
  readonly faults: readonly LabelFault[];
} {
  const faults: LabelFault[] = [];
  const mode = (name: string, onFault: Level): LevelVersion & { readonly given: boolean; readonly dated: boolean } => {
    const level = read(labels, PREFIX + name, parseLevel, onFault, faults);
    const minor = read(labels, `${PREFIX}${name}-version`, parseVersion, LATEST, faults);
    return {
      level: level ?? 'privileged',
      minor: minor ?? LATEST,
      given: level !== undefined,
      dated: minor !== undefined,
    };
  };
  const before = faults.length;
  const enforce = mode('enforce', 'restricted');
  const enforceIsSound = !faults.slice(before).some(({ label }) => label === `${PREFIX}enforce`);
  const audit = mode('audit', 'privileged');
  let { given, dated, ...warn } = mode('warn', 'privileged');
  if (!given && enforce.given && enforceIsSound && compareLevels(enforce.level, warn.level) > 0) {
    warn = { level: enforce.level, minor: dated ? warn.minor : enforce.minor };
  }
  return { policy: { enforce: plain(enforce), audit: plain(audit), warn }, faults };
}

function plain({ level, minor }: LevelVersion): LevelVersion {
  return { level, minor };
}

function read<T>(
  labels: Readonly<Record<string, string>>,
  label: string,
  parse: (text: string) => T | { readonly detail: string },
  onFault: T,
  faults: LabelFault[],
): T | undefined {
  const value = Object.hasOwn(labels, label) ? labels[label] : undefined;
  if (value === undefined) return undefined;
  const parsed = parse(value);
  if (typeof parsed !== 'object' || parsed === null || !('detail' in parsed)) return parsed;
  faults.push({ label, value, detail: parsed.detail });
  return onFault;
}

function parseLevel(text: string): Level | { readonly detail: string } {
  return LEVELS.find((level) => level === text) ?? { detail: `must be one of ${LEVELS.join(', ')}` };
}

function parseVersion(text: string): number | { readonly detail: string } {
  if (text === 'latest') return LATEST;
  const match = /^v1\.([0-9]|[1-9][0-9]*)$/.exec(text);
  return match === null ? { detail: 'must be "latest" or "v1.x"' } : Number(match[1]);
}
