import type { Command, CommanderError } from 'commander';
import { PintleError } from '../base/errors.ts';

/** A command line that cannot be parsed, told in Helm's words; what is no error (`--help`) stays as it is. */
export function usageError(error: CommanderError, command: Command): Error {
  const text = messageOf(error, command);
  if (text === undefined) return error;
  const suggestion = /\(Did you mean (.+)\?\)/.exec(error.message)?.[1];
  return new PintleError('usage', text, {
    cause: error,
    ...(suggestion === undefined ? {} : { hint: `did you mean ${suggestion}?` }),
  });
}

function messageOf(error: CommanderError, command: Command): string | undefined {
  const [, quoted = ''] = /'([^']*)'/.exec(error.message) ?? [];
  switch (error.code) {
    case 'commander.unknownOption':
      return unknownFlag(quoted);
    case 'commander.optionMissingArgument':
      return missingValue(quoted);
    case 'commander.missingArgument':
    case 'commander.excessArguments':
      return wrongCount(command);
    case 'commander.unknownCommand':
      return `unknown command "${quoted}" for "${pathOf(command)}"\nRun '${pathOf(command)} --help' for usage.`;
    case 'commander.error':
    case 'commander.invalidArgument':
    case 'commander.conflictingOption':
      return error.message.replace(/^error: /, '');
    default:
      return undefined;
  }
}

function unknownFlag(flag: string): string {
  if (flag.startsWith('--')) return `unknown flag: ${flag.replace(/=.*$/s, '')}`;
  return `unknown shorthand flag: '${flag.slice(1, 2)}' in ${flag}`;
}

/** @param flags as the command declares it, `-f, --values <file>` */
function missingValue(flags: string): string {
  const long = /--[\w-]+/.exec(flags)?.[0];
  return `flag needs an argument: ${long ?? flags}`;
}

function wrongCount(command: Command): string {
  const declared = command.registeredArguments;
  const least = declared.filter(({ required }) => required).length;
  const most = declared.some(({ variadic }) => variadic) ? Number.POSITIVE_INFINITY : declared.length;
  const name = pathOf(command);
  const usage = `\n\nUsage:  ${name} ${command.usage().replace(/^\[options\] ?/, '')} [flags]`.replace(
    / {2}(?=\[flags)/,
    ' ',
  );
  const count = (number: number): string => `${number} argument${number === 1 ? '' : 's'}`;
  if (most === 0) return `"${name}" accepts no arguments${usage}`;
  if (least === most) return `"${name}" requires ${count(least)}${usage}`;
  if (most === Number.POSITIVE_INFINITY) return `"${name}" requires at least ${count(least)}${usage}`;
  if (least === 0) return `"${name}" accepts at most ${count(most)}${usage}`;
  return `"${name}" accepts ${least} to ${count(most)}${usage}`;
}

/** `pintle get values` */
function pathOf(command: Command): string {
  const names: string[] = [];
  for (let each: Command | null = command; each !== null; each = each.parent) names.unshift(each.name());
  return names.join(' ');
}
