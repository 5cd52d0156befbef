import type { Command, Option } from 'commander';
import { compareStrings } from '../../base/json.ts';
import type { Io } from '../io.ts';
import type { Candidate, Candidates, GivenOptions, Position } from './candidates.ts';
import { flagValues, positionalValues } from './values.ts';

const NO_SPACE = 2;
const NO_FILES = 4;

/** The name of the hidden command that the scripts ask. */
export function isCompletion(argv: readonly string[]): boolean {
  return argv[0] === '__complete' || argv[0] === '__completeNoDesc';
}

/**
 * Answers the script of a shell: a candidate a line, with a tab and what it is, then `:` and a directive.
 *
 * @param argv `__complete`, then the words up to the cursor; the last one is what is being written
 */
export async function answerCompletion(io: Io, program: Command, argv: readonly string[]): Promise<void> {
  const words = argv.slice(1);
  const last = words.at(-1) ?? '';
  const { found, files, goesOn } = await candidatesFor(io, program, words.slice(0, -1), last === '""' ? '' : last);
  const described = argv[0] === '__complete';
  const lines = found.map(({ value, about }) => (described && about !== undefined ? `${value}\t${about}` : value));
  const directive = (goesOn === true ? NO_SPACE : 0) + (files ? 0 : NO_FILES);
  io.stdout([...lines, `:${directive}`].map((line) => `${line}\n`).join(''));
}

async function candidatesFor(io: Io, program: Command, before: readonly string[], last: string): Promise<Candidates> {
  const place = walk(program, before);
  const position = { path: place.path.join(' '), args: place.args, options: place.options };
  if (place.open !== undefined) return await valuesOf(io, place.open, { ...position, prefix: last });
  const flag = place.flagsEnded ? null : /^(--[^=]+)=(.*)$/s.exec(last);
  if (flag !== null) {
    const [, name = '', prefix = ''] = flag;
    const option = optionOf(place.command, name);
    if (option === undefined) return { found: [], files: false };
    const { found, ...rest } = await valuesOf(io, option, { ...position, prefix });
    return { ...rest, found: found.map((each) => ({ ...each, value: `${name}=${each.value}` })) };
  }
  if (last.startsWith('-') && !place.flagsEnded) return { found: flagsOf(place.command, last), files: false };
  const commands = place.args.length === 0 ? subcommandsOf(place.command, last) : [];
  if (place.command.commands.length > 0) return { found: commands, files: false };
  const values = await positionalValues(io, { ...position, prefix: last });
  return { ...values, found: startingWith(values.found, last) };
}

async function valuesOf(io: Io, option: Option, position: Position): Promise<Candidates> {
  const choices = option.argChoices?.map((value) => ({ value }));
  const values = choices === undefined ? await flagValues(io, option, position) : { found: choices, files: false };
  return { ...values, found: startingWith(values.found, position.prefix) };
}

interface Place {
  readonly command: Command;
  readonly path: readonly string[];
  readonly args: readonly string[];
  readonly options: GivenOptions;
  /** The flag whose value is being written. */
  readonly open: Option | undefined;
  readonly flagsEnded: boolean;
}

/** Goes through the words before the cursor. */
function walk(program: Command, words: readonly string[]): Place {
  let command = program;
  const path: string[] = [];
  const args: string[] = [];
  const options: Record<string, unknown> = {};
  let open: Option | undefined;
  let flagsEnded = false;
  for (const word of words) {
    if (open !== undefined) {
      options[open.attributeName()] = word;
      open = undefined;
    } else if (word === '--' && !flagsEnded) flagsEnded = true;
    else if (word.startsWith('-') && word !== '-' && !flagsEnded) {
      const [, name = '', value] = /^([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
      const option = optionOf(command, name);
      if (option !== undefined && value === undefined && option.required) open = option;
      else if (option !== undefined) options[option.attributeName()] = value ?? true;
    } else {
      const sub = args.length === 0 ? findCommand(command, word) : undefined;
      if (sub === undefined) args.push(word);
      else {
        command = sub;
        path.push(sub.name());
      }
    }
  }
  return { command, path, args, options, open, flagsEnded };
}

function findCommand(command: Command, name: string): Command | undefined {
  return command.commands.find((each) => each.name() === name || each.aliases().includes(name));
}

function subcommandsOf(command: Command, prefix: string): Candidate[] {
  return startingWith(
    command.commands.map((each) => ({ value: each.name(), about: each.description() })),
    prefix,
  ).sort(byValue);
}

function byValue(a: Candidate, b: Candidate): number {
  return compareStrings(a.value, b.value);
}

/** The flags of a command and of those above it. */
function allOptions(command: Command): Option[] {
  const out: Option[] = [];
  for (let each: Command | null = command; each !== null; each = each.parent) out.push(...each.options);
  return out.filter(({ hidden }) => !hidden);
}

function optionOf(command: Command, name: string): Option | undefined {
  return allOptions(command).find(({ long, short }) => long === name || short === name);
}

function flagsOf(command: Command, prefix: string): Candidate[] {
  const names = allOptions(command).flatMap(({ long, short, description }) =>
    [long, prefix.startsWith('--') ? undefined : short].flatMap((value) =>
      value === undefined || value === null ? [] : [{ value, about: description }],
    ),
  );
  const unique = new Map(
    [...names, { value: '--help', about: 'tell about the command' }].map((each) => [each.value, each]),
  );
  return startingWith([...unique.values()], prefix).sort(byValue);
}

function startingWith(found: readonly Candidate[], prefix: string): Candidate[] {
  return found.filter(({ value }) => value.startsWith(prefix));
}
