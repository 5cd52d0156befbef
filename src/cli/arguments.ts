import type { Command, Option } from 'commander';
import { PintleError } from '../base/errors.ts';
import { parseGoBoolean } from './go-boolean.ts';

/** How the flags of a command take values. */
interface FlagKinds {
  /** Names of flags without a value, with their dashes. */
  readonly switches: ReadonlySet<string>;
  /** What flags mean that stand alone, and take a value with `=` only. */
  readonly alone: ReadonlyMap<string, string>;
}

/** The flags of a command and all below it, by what they take. */
export function flagKindsOf(command: Command): FlagKinds {
  const switches = new Set<string>();
  const alone = new Map<string, string>();
  const visit = (each: Command): void => {
    for (const option of each.options) {
      for (const name of namesOf(option)) {
        if (option.optional) alone.set(name, typeof option.presetArg === 'string' ? option.presetArg : '');
        else if (!option.required) switches.add(name);
      }
    }
    for (const child of each.commands) visit(child);
  };
  visit(command);
  return { switches, alone };
}

function namesOf(option: Option): string[] {
  return [option.long, option.short].filter((name) => name !== undefined && name !== null);
}

/**
 * Arguments as Helm's flag parser reads them, for a parser that is less lenient: `--flag=true` and `--flag=false` for
 * switches, and flags such as `--wait` that take a value only with `=`.
 *
 * @throws PintleError `usage` for a switch with a value that is no boolean
 */
export function normalizeArguments(argv: readonly string[], { switches, alone }: FlagKinds): string[] {
  const out: string[] = [];
  for (let i = 0; i < argv.length; i += 1) {
    const argument = argv[i] ?? '';
    if (argument === '--') return [...out, ...argv.slice(i)];
    const meaning = alone.get(argument);
    if (meaning !== undefined) {
      out.push(meaning === '' ? argument : `${argument}=${meaning}`);
      continue;
    }
    const equals = argument.indexOf('=');
    const name = equals === -1 ? argument : argument.slice(0, equals);
    if (equals === -1 || !switches.has(name)) {
      out.push(argument);
      continue;
    }
    if (booleanOf(name, argument.slice(equals + 1))) out.push(name);
  }
  return out;
}

function booleanOf(flag: string, text: string): boolean {
  const value = parseGoBoolean(text);
  if (value !== undefined) return value;
  throw new PintleError(
    'usage',
    `invalid argument "${text}" for "${flag}" flag: strconv.ParseBool: parsing "${text}": invalid syntax`,
  );
}
