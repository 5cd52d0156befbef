/** Nanoseconds a second. */
export const SECOND = 1_000_000_000n;
const MAX = (1n << 63n) - 1n;
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: SECOND,
  m: 60n * SECOND,
  h: 3600n * SECOND,
};

/** time.ParseDuration: nanoseconds of a text such as `1h15m30.5s`. Throws an Error with Go's text. */
export function parseDuration(text: string): bigint {
  const invalid = (): Error => new Error(`time: invalid duration ${quoteTime(text)}`);
  const negative = text.startsWith('-');
  let rest = negative || text.startsWith('+') ? text.slice(1) : text;
  if (rest === '0') return 0n;
  if (rest === '') throw invalid();
  let total = 0n;
  while (rest !== '') {
    const match = /^([0-9]*)(?:\.([0-9]*))?([^0-9.]*)/.exec(rest);
    const [whole = '', digits = '', fraction = '', unitName = ''] = match ?? [];
    if (digits === '' && fraction === '') throw invalid();
    let value = BigInt(digits === '' ? 0 : digits);
    if (value > MAX + 1n) throw invalid();
    if (unitName === '') throw new Error(`time: missing unit in duration ${quoteTime(text)}`);
    const unit = Object.hasOwn(UNITS, unitName) ? UNITS[unitName] : undefined;
    if (unit === undefined) {
      throw new Error(`time: unknown unit ${quoteTime(unitName)} in duration ${quoteTime(text)}`);
    }
    if (value > (MAX + 1n) / unit) throw invalid();
    value = value * unit + fractionOf(fraction, unit);
    total += value;
    if (value > MAX + 1n || total > MAX + 1n) throw invalid();
    rest = rest.slice(whole.length);
  }
  if (negative) return -total;
  if (total > MAX) throw invalid();
  return total;
}

/** The fraction of a unit in nanoseconds, in float arithmetic as Go does it. */
function fractionOf(digits: string, unit: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    if (value > MAX / 10n) break;
    const next = value * 10n + BigInt(digit);
    if (next > MAX + 1n) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(unit) / scale)));
}

/** time.Duration's String: `1h15m30.5s`, `0s`, `1.5ms`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const value = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (value < 1_000n) return `${sign}${value}ns`;
  if (value < 1_000_000n) return `${sign}${decimal(value, 1_000n)}µs`;
  if (value < SECOND) return `${sign}${decimal(value, 1_000_000n)}ms`;
  const minutes = value / (60n * SECOND);
  const seconds = `${decimal(value % (60n * SECOND), SECOND)}s`;
  if (minutes === 0n) return sign + seconds;
  const hours = minutes / 60n;
  return `${sign}${hours === 0n ? '' : `${hours}h`}${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, unit: bigint): string {
  const fraction = (value % unit)
    .toString()
    .padStart(unit.toString().length - 1, '0')
    .replace(/0+$/, '');
  return fraction === '' ? `${value / unit}` : `${value / unit}.${fraction}`;
}

/** time.Duration's Round to a multiple of `unit`, halves away from zero. */
export function roundDuration(nanoseconds: bigint, unit: bigint): bigint {
  const value = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const rest = value % unit;
  const rounded = rest + rest < unit ? value - rest : value + unit - rest;
  return nanoseconds < 0n ? -rounded : rounded;
}

/** The package time's own quoting: bytes outside printable ASCII as `\x..`. */
export function quoteTime(text: string): string {
  let out = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0x80 || code < 0x20) {
      for (const byte of new TextEncoder().encode(character)) out += `\\x${byte.toString(16).padStart(2, '0')}`;
    } else out += character === '"' || character === '\\' ? `\\${character}` : character;
  }
  return `"${out}"`;
}
