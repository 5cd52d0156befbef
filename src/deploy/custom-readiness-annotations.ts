import { matchesName } from './matches-name.ts';
import type { Resource } from './resource.ts';

/** A CEL expression over `self`: the object is ready when it is true. */
export const READY_WHEN = 'pintle.dev/ready-when';
/** A CEL expression over `self`: the object has failed when it is true. */
export const FAILED_WHEN = 'pintle.dev/failed-when';
/** `.status.phase=Running`: the object is ready when the field has this value. */
export const READY_PATH = 'pintle.dev/ready-path';

/** Rules for objects that do not bring their own along. Names are globs in which `*` stands for any text. */
export interface ReadinessRule {
  readonly group?: string;
  readonly kind?: string;
  readonly name?: string;
  /** As {@link READY_WHEN}. */
  readonly readyWhen?: string;
  /** As {@link FAILED_WHEN}. */
  readonly failedWhen?: string;
  /** As {@link READY_PATH}. */
  readonly readyPath?: string;
}

/** The texts of an object's rules: its own, else those of the first rule for its kind and name. */
export interface RuleTexts {
  readonly readyWhen: string | undefined;
  readonly failedWhen: string | undefined;
  readonly readyPath: string | undefined;
}

/** The rules of an object, or undefined when it has none. */
export function ruleTexts({ object, type }: Resource, rules: readonly ReadinessRule[]): RuleTexts | undefined {
  const { annotations = {}, name = '' } = object.metadata;
  const [readyWhen, failedWhen, readyPath] = [READY_WHEN, FAILED_WHEN, READY_PATH].map((each) => annotations[each]);
  if (readyWhen !== undefined || failedWhen !== undefined || readyPath !== undefined) {
    return { readyWhen, failedWhen, readyPath };
  }
  const found = rules.find(
    (rule) =>
      (rule.group === undefined || rule.group === type.group) &&
      (rule.kind === undefined || rule.kind === type.kind) &&
      (rule.name === undefined || matchesName(rule.name, name)),
  );
  if (found === undefined) return undefined;
  return { readyWhen: found.readyWhen, failedWhen: found.failedWhen, readyPath: found.readyPath };
}
