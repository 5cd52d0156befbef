import { parseDuration } from '../../../base/duration.ts';
import { isObject, newObject } from '../../../base/json.ts';
import { milliValue, parseQuantity, quantityValue } from '../../../kube/quantity.ts';
import { fromYaml } from '../../../yaml/index.ts';
import type { AnswersChange, CommandResult, ImageBehaviour, ProbeAnswers } from './behaviour.ts';
import { readCases } from './read-cases.ts';
import { ANSWERS } from './resolve-cases.ts';

/** A behaviour that was read, with what was wrong with it; wrong fields are left out. */
export interface ReadBehaviour {
  readonly behaviour: ImageBehaviour;
  /** Each as `field: what it must be`. */
  readonly faults: readonly string[];
}

/** ms; Go's durations are no longer either, and an instant that lies so far ahead can still be written. */
const LONGEST_DURATION = 9_223_372_036_854;

type Reader = (value: unknown, path: string, faults: string[]) => unknown;

const FIELDS: Readonly<Record<string, readonly [field: keyof ImageBehaviour, read: Reader]>> = {
  exists: ['exists', flag],
  tags: ['tags', texts],
  maxMajor: ['maxMajor', integer],
  private: ['private', flag],
  size: ['size', amount],
  pull: ['pullMillis', duration],
  entrypoint: ['entrypoint', oneOf('serve', 'exit', 'shell')],
  start: ['startMillis', duration],
  run: ['runMillis', duration],
  exitCode: ['exitCode', integer],
  logs: ['logs', texts],
  accessLog: ['accessLog', flag],
  cpu: ['cpu', cores],
  memory: ['memory', amount],
  cpuPerRequest: ['requestCpu', cores],
  memoryAfter: ['memoryMillis', duration],
  leak: ['leak', rate],
  needsEnv: ['needsEnv', texts],
  needsFiles: ['needsFiles', texts],
  missingLogs: ['missingLogs', texts],
  configFolders: ['configFolders', texts],
  stopCode: ['stopCode', integer],
  stop: ['stopMillis', duration],
  ignoresTerm: ['ignoresTerm', flag],
  ports: ['ports', ports],
  paths: ['paths', paths],
  grpc: ['grpc', oneOf('SERVING', 'NOT_SERVING', 'none')],
  commands: ['commands', commands],
  answer: ['answerMillis', duration],
  changes: ['changes', changes],
  runs: ['runs', runs],
  cases: ['cases', (value, path, faults) => readCases(value, path, faults, readBehaviour)],
};

/** The names that {@link readBehaviour} knows: durations and sizes without their units. */
export const BEHAVIOUR_FIELDS: readonly string[] = Object.keys(FIELDS);

/** Those of them that may change while a container runs. */
export const CHANGE_FIELDS: readonly string[] = Object.entries(FIELDS)
  .filter(([, [field]]) => ANSWERS.has(field))
  .map(([name]) => name);

/**
 * Reads a behaviour as users write it. Durations are texts such as `1m30s`, or milliseconds; sizes are quantities such as
 * `120Mi`. Fields may also carry the names of {@link ImageBehaviour} (`startMillis`).
 */
export function readBehaviour(value: unknown, path = ''): ReadBehaviour {
  const faults: string[] = [];
  if (!isObject(value)) return { behaviour: {}, faults: [`${path === '' ? 'behaviour' : path}: must be a mapping`] };
  const behaviour: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    const known = lookUp(name);
    const at = path === '' ? name : `${path}.${name}`;
    if (known === undefined) {
      faults.push(`${at}: there is no such field; known are ${BEHAVIOUR_FIELDS.join(', ')}`);
      continue;
    }
    const read = known[1](field, at, faults);
    if (read !== undefined) behaviour[known[0]] = read;
  }
  return { behaviour: withEntrypoint(behaviour), faults };
}

function lookUp(name: string): (typeof FIELDS)[string] | undefined {
  if (Object.hasOwn(FIELDS, name)) return FIELDS[name];
  return Object.values(FIELDS).find(([field]) => field === name);
}

/** Who says when or how it ends means that it ends. */
function withEntrypoint(behaviour: ImageBehaviour): ImageBehaviour {
  if (behaviour.entrypoint !== undefined) return behaviour;
  if (behaviour.exitCode === undefined && behaviour.runMillis === undefined) return behaviour;
  return { ...behaviour, entrypoint: 'exit' };
}

/** Reads the YAML (or JSON) of an annotation. */
export function parseBehaviour(text: string): ReadBehaviour {
  try {
    return readBehaviour(fromYaml(text));
  } catch (error) {
    return { behaviour: {}, faults: [error instanceof Error ? error.message : String(error)] };
  }
}

function wrong(path: string, faults: string[], expected: string): undefined {
  faults.push(`${path}: must be ${expected}`);
  return undefined;
}

function flag(value: unknown, path: string, faults: string[]): boolean | undefined {
  return typeof value === 'boolean' ? value : wrong(path, faults, 'true or false');
}

function integer(value: unknown, path: string, faults: string[]): number | undefined {
  return Number.isInteger(value) && Number(value) >= 0 ? Number(value) : wrong(path, faults, 'a whole number');
}

function duration(value: unknown, path: string, faults: string[]): number | undefined {
  const millis = typeof value === 'string' ? parseDuration(value) : value;
  const fine = typeof millis === 'number' && millis >= 0 && millis <= LONGEST_DURATION;
  return fine ? millis : wrong(path, faults, 'a duration such as 1m30s');
}

function amount(value: unknown, path: string, faults: string[]): number | undefined {
  try {
    if (typeof value === 'number' || typeof value === 'string') return quantityValue(parseQuantity(value));
  } catch {
    // Told below.
  }
  return wrong(path, faults, 'a quantity such as 120Mi');
}

function cores(value: unknown, path: string, faults: string[]): number | undefined {
  try {
    if (typeof value === 'number' || typeof value === 'string') return milliValue(parseQuantity(value));
  } catch {
    // Told below.
  }
  return wrong(path, faults, 'a quantity such as 250m');
}

/** `20Mi/1m`: bytes a ms. */
function rate(value: unknown, path: string, faults: string[]): number | undefined {
  const [bytes = '', time] = typeof value === 'string' ? value.split('/') : [];
  const millis = time === undefined ? undefined : parseDuration(/^\d/.test(time) ? time : `1${time}`);
  if (millis === undefined || millis <= 0) return wrong(path, faults, 'a quantity in a time such as 20Mi/1m');
  const read = amount(bytes.trim(), path, faults);
  return read === undefined ? undefined : read / millis;
}

function texts(value: unknown, path: string, faults: string[]): readonly string[] | undefined {
  if (typeof value === 'string') return [value];
  const fine = Array.isArray(value) && value.every((item) => ['string', 'number', 'boolean'].includes(typeof item));
  return fine ? value.map(String) : wrong(path, faults, 'a list of texts');
}

function ports(value: unknown, path: string, faults: string[]): readonly number[] | undefined {
  const fine = Array.isArray(value) && value.every((port) => Number.isInteger(port) && port > 0 && port < 65_536);
  return fine ? (value as number[]) : wrong(path, faults, 'a list of port numbers');
}

function paths(value: unknown, path: string, faults: string[]): Readonly<Record<string, number>> | undefined {
  const fine = isObject(value) && Object.values(value).every(isStatusCode);
  return fine
    ? (value as Record<string, number>)
    : wrong(path, faults, 'a mapping of paths to HTTP statuses, 100 to 999');
}

/** Others cannot be written in an answer. */
function isStatusCode(code: unknown): boolean {
  return Number.isInteger(code) && Number(code) >= 100 && Number(code) <= 999;
}

function oneOf(...values: readonly string[]): Reader {
  return (value, path, faults) =>
    typeof value === 'string' && values.includes(value) ? value : wrong(path, faults, `one of ${values.join(', ')}`);
}

function commands(value: unknown, path: string, faults: string[]): Readonly<Record<string, CommandResult>> | undefined {
  if (!isObject(value)) return wrong(path, faults, 'a mapping of commands to exit codes');
  const results = newObject<CommandResult>();
  for (const [command, result] of Object.entries(value)) {
    const read = commandResult(result, `${path}.${command}`, faults);
    if (read !== undefined) results[command] = read;
  }
  return results;
}

const RESULT_FIELDS: ReadonlySet<string> = new Set(['exitCode', 'output', 'millis'] satisfies (keyof CommandResult)[]);

function words(value: unknown, path: string, faults: string[]): string | undefined {
  return typeof value === 'string' ? value : wrong(path, faults, 'a text');
}

function commandResult(value: unknown, path: string, faults: string[]): CommandResult | undefined {
  if (Number.isInteger(value)) return { exitCode: Number(value) };
  if (!isObject(value)) return wrong(path, faults, 'an exit code, or exitCode, output and millis');
  const exitCode = value.exitCode === undefined ? 0 : integer(value.exitCode, `${path}.exitCode`, faults);
  const millis = value.millis === undefined ? 0 : duration(value.millis, `${path}.millis`, faults);
  const output = value.output === undefined ? undefined : words(value.output, `${path}.output`, faults);
  for (const name of Object.keys(value)) {
    if (RESULT_FIELDS.has(name)) continue;
    faults.push(`${path}.${name}: there is no such field; known are ${[...RESULT_FIELDS].join(', ')}`);
  }
  if (exitCode === undefined || millis === undefined) return undefined;
  return { exitCode, millis, ...(output === undefined ? {} : { output }) };
}

function changes(value: unknown, path: string, faults: string[]): readonly AnswersChange[] | undefined {
  if (!Array.isArray(value)) return wrong(path, faults, 'a list of changes');
  const read = value.map((item: unknown, i): AnswersChange => {
    if (!isObject(item)) {
      faults.push(`${path}[${i}]: must be a mapping with after`);
      return { afterMillis: 0 };
    }
    const { after, afterMillis, ...answers } = item;
    const at = duration(after ?? afterMillis, `${path}[${i}].after`, faults) ?? 0;
    return { ...readAnswers(answers, `${path}[${i}]`, faults), afterMillis: at };
  });
  return read.sort((a, b) => a.afterMillis - b.afterMillis);
}

/** Reads what may change while a container runs. */
function readAnswers(value: Readonly<Record<string, unknown>>, path: string, faults: string[]): ProbeAnswers {
  const answers: Record<string, unknown> = newObject();
  for (const [name, field] of Object.entries(value)) {
    const known = lookUp(name);
    if (known === undefined || ANSWERS.has(known[0])) answers[name] = field;
    else
      faults.push(`${path}.${name}: does not change while a container runs; what does are ${CHANGE_FIELDS.join(', ')}`);
  }
  const read = readBehaviour(answers, path);
  faults.push(...read.faults);
  return read.behaviour;
}

function runs(value: unknown, path: string, faults: string[]): readonly ImageBehaviour[] | undefined {
  if (!Array.isArray(value)) return wrong(path, faults, 'a list of behaviours, one a run');
  return value.map((item: unknown, i) => {
    const inner = readBehaviour(item, `${path}[${i}]`);
    faults.push(...inner.faults);
    if (inner.behaviour.runs !== undefined) faults.push(`${path}[${i}].runs: a run has no runs of its own`);
    return inner.behaviour;
  });
}
