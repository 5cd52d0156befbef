/** Flags that may stand alone or take a value with `=`; alone they mean the value given here. */
const OPTIONAL_VALUES: Readonly<Record<string, string>> = {
  '--wait': 'watcher',
  '--dry-run': 'client',
};

/**
 * Arguments as Helm's flag parser reads them, for a parser that is less lenient: `--flag=true` and `--flag=false` for
 * switches, and `--wait` and `--dry-run` that take a value only with `=`.
 *
 * @param switches names of flags without a value, with `--`
 */
export function normalizeArguments(argv: readonly string[], switches: ReadonlySet<string>): string[] {
  const out: string[] = [];
  for (let i = 0; i < argv.length; i += 1) {
    const argument = argv[i] ?? '';
    if (argument === '--') return [...out, ...argv.slice(i)];
    const optional = OPTIONAL_VALUES[argument];
    if (optional !== undefined) {
      out.push(`${argument}=${optional}`);
      continue;
    }
    const equals = argument.indexOf('=');
    const name = equals === -1 ? argument : argument.slice(0, equals);
    if (equals === -1 || !switches.has(name)) {
      out.push(argument);
      continue;
    }
    const value = argument.slice(equals + 1).toLowerCase();
    if (['true', 't', '1'].includes(value)) out.push(name);
    else if (!['false', 'f', '0'].includes(value)) out.push(argument);
  }
  return out;
}
