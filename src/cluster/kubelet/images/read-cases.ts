import { isObject } from '../../../base/json.ts';
import type { BehaviourCase, ImageBehaviour } from './behaviour.ts';
import type { BehaviourCondition } from './condition.ts';

/** Reads a behaviour without its condition. */
type ReadFields = (
  value: unknown,
  path: string,
) => { readonly behaviour: ImageBehaviour; readonly faults: readonly string[] };

/** What `if` may say. */
export const CONDITION_FIELDS: readonly (keyof BehaviourCondition)[] = [
  'env',
  'args',
  'files',
  'unreachable',
  'reachable',
  'requestsAbove',
];

/** Reads the cases of a behaviour: each has an `if` and the fields that are different when it holds. */
export function readCases(
  value: unknown,
  path: string,
  faults: string[],
  readFields: ReadFields,
): readonly BehaviourCase[] | undefined {
  if (!Array.isArray(value)) {
    faults.push(`${path}: must be a list of cases, each with if`);
    return undefined;
  }
  return value.map((item: unknown, i): BehaviourCase => {
    const at = `${path}[${i}]`;
    if (!isObject(item) || !isObject(item.if) || Object.keys(item.if).length === 0) {
      faults.push(`${at}.if: must be a mapping with ${CONDITION_FIELDS.join(', ')}`);
      return { if: {} };
    }
    const { if: condition, ...fields } = item;
    const read = readFields(fields, at);
    faults.push(...read.faults);
    if (read.behaviour.runs !== undefined || read.behaviour.cases !== undefined) {
      faults.push(`${at}: a case has neither runs nor cases`);
    }
    return { ...read.behaviour, if: readCondition(condition, `${at}.if`, faults) };
  });
}

function readCondition(value: unknown, path: string, faults: string[]): BehaviourCondition {
  const condition: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(isObject(value) ? value : {})) {
    const at = `${path}.${name}`;
    switch (name) {
      case 'env':
      case 'files':
        condition[name] = patterns(field, at, faults);
        break;
      case 'args':
      case 'reachable':
      case 'unreachable':
        condition[name] = texts(field, at, faults);
        break;
      case 'requestsAbove':
        if (typeof field === 'number' && field >= 0) condition[name] = field;
        else faults.push(`${at}: must be a number of requests a second`);
        break;
      default:
        faults.push(`${at}: there is no such condition; known are ${CONDITION_FIELDS.join(', ')}`);
    }
  }
  return Object.fromEntries(Object.entries(condition).filter(([, field]) => field !== undefined));
}

function patterns(value: unknown, path: string, faults: string[]): Readonly<Record<string, string>> | undefined {
  const entries = isObject(value) ? Object.entries(value) : [];
  if (entries.length > 0 && entries.every(([, text]) => isScalar(text))) {
    return Object.fromEntries(entries.map(([name, text]) => [name, String(text)]));
  }
  faults.push(`${path}: must be a mapping of names to texts, in which * stands for any text and ! in front for not`);
  return undefined;
}

function texts(value: unknown, path: string, faults: string[]): readonly string[] | undefined {
  const list = Array.isArray(value) ? value : [value];
  if (list.length > 0 && list.every(isScalar)) return list.map(String);
  faults.push(`${path}: must be a text or a list of texts`);
  return undefined;
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
