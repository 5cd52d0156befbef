import { PintleError } from '../base/errors.ts';
import { isObject } from '../base/json.ts';
import type { ReadinessRule } from './custom-readiness-annotations.ts';

const FIELDS: readonly string[] = ['group', 'kind', 'name', 'readyWhen', 'failedWhen', 'readyPath'];
const VERDICTS: readonly string[] = ['readyWhen', 'failedWhen', 'readyPath'];

/**
 * Reads rules from a file that was parsed from YAML or JSON: `readiness`, a list of rules. Expressions are read when they are needed.
 *
 * @throws PintleError `values-invalid` with every fault
 */
export function readReadinessRules(value: unknown, file: string): readonly ReadinessRule[] {
  const list = isObject(value) ? value['readiness'] : undefined;
  const faults: string[] = [];
  if (!Array.isArray(list)) faults.push('readiness: must be a list of rules');
  const rules: ReadinessRule[] = [];
  for (const [i, rule] of (Array.isArray(list) ? (list as readonly unknown[]) : []).entries()) {
    const place = `readiness[${i}]`;
    if (!isObject(rule)) {
      faults.push(`${place}: must be a mapping`);
      continue;
    }
    for (const [key, text] of Object.entries(rule)) {
      if (!FIELDS.includes(key)) faults.push(`${place}.${key}: there is no such field`);
      else if (typeof text !== 'string') faults.push(`${place}.${key}: must be a text`);
    }
    if (VERDICTS.every((key) => rule[key] === undefined)) {
      faults.push(`${place}: needs one of readyWhen, failedWhen and readyPath`);
    }
    rules.push({ ...rule });
  }
  const [first, ...related] = faults.map((text) => new PintleError('values-invalid', `${file}: ${text}`));
  if (first === undefined) return rules;
  throw new PintleError('values-invalid', first.message, {
    related,
    hint: "a rule reads like this: {kind: Database, readyWhen: self.status.phase == 'Ready'}",
  });
}
