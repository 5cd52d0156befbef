import { type BehaviourCase, type ImageBehaviour, mergeBehaviours, type ProbeAnswers } from './behaviour.ts';
import { type ConditionPlace, holdsAtStart, holdsNow, isChanging } from './condition.ts';

/** A behaviour with its cases decided as far as they can be when a run begins. */
export interface ResolvedBehaviour {
  /** Its remaining cases are those whose condition may change. */
  readonly behaviour: ImageBehaviour;
  /** A case says how the run ends. */
  readonly decided: boolean;
}

/**
 * Decides the cases of a behaviour for a run, later ones over earlier ones. What a case with a changing condition says of the end
 * of the run is settled by the moment of its beginning; what it says of answers is looked at each time somebody asks.
 *
 * @param elapsed ms for which the run has gone on already: cases that would have ended it before did not hold
 */
export function resolveCases(behaviour: ImageBehaviour, place: ConditionPlace, elapsed = 0): ResolvedBehaviour {
  const { cases, ...rest } = behaviour;
  if (cases === undefined) return { behaviour, decided: false };
  let resolved: ImageBehaviour = rest;
  let decided = false;
  let remaining: BehaviourCase[] = [];
  for (const each of cases) {
    if (!holdsAtStart(each.if, place)) continue;
    const { if: condition, ...fields } = each;
    if (isChanging(condition)) {
      remaining.push(each);
      const ends = fields.entrypoint === 'exit';
      if (!holdsNow(condition, place) || (ends && elapsed > (fields.runMillis ?? 0))) continue;
      resolved = mergeBehaviours(resolved, withoutAnswers(fields));
    } else {
      resolved = withPaths(resolved, fields);
      remaining = remaining.map((earlier) => withoutOverruled(earlier, fields));
    }
    decided ||= fields.entrypoint !== undefined;
  }
  return { behaviour: remaining.length === 0 ? resolved : { ...resolved, cases: remaining }, decided };
}

/** The answers with those of the cases that hold at this moment laid over them. */
export function answersOfCases(
  answers: ProbeAnswers,
  { cases }: ImageBehaviour,
  place: () => ConditionPlace,
): ProbeAnswers {
  if (cases === undefined) return answers;
  const at = place();
  let out = answers;
  for (const { if: condition, ...fields } of cases) {
    if (holdsNow(condition, at)) out = withPaths(out, onlyAnswers(fields));
  }
  return out;
}

/** Paths and commands of a case stand beside those that are there. */
function withPaths<T extends ProbeAnswers>(base: T, over: T): T {
  const merged = { ...base, ...over };
  return {
    ...merged,
    ...(over.paths === undefined ? {} : { paths: { ...base.paths, ...over.paths } }),
    ...(over.commands === undefined ? {} : { commands: { ...base.commands, ...over.commands } }),
  };
}

/** A case without those of its answers that a later one gives, which holds throughout the run. */
function withoutOverruled(each: BehaviourCase, over: ProbeAnswers): BehaviourCase {
  const kept = Object.entries(each).filter(([name]) => !ANSWERS.has(name) || !Object.hasOwn(over, name));
  return {
    ...(Object.fromEntries(kept) as BehaviourCase),
    ...(each.paths === undefined ? {} : { paths: withoutKeys(each.paths, over.paths) }),
    ...(each.commands === undefined ? {} : { commands: withoutKeys(each.commands, over.commands) }),
  };
}

function withoutKeys<T>(record: Readonly<Record<string, T>>, over: object = {}): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !Object.hasOwn(over, key)));
}

/** The fields of {@link ProbeAnswers}. */
export const ANSWERS: ReadonlySet<string> = new Set([
  'ports',
  'paths',
  'grpc',
  'commands',
  'answerMillis',
] satisfies (keyof ProbeAnswers)[]);

function onlyAnswers(fields: ImageBehaviour): ProbeAnswers {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => ANSWERS.has(name)));
}

function withoutAnswers(fields: ImageBehaviour): ImageBehaviour {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !ANSWERS.has(name)));
}
