import { describe, expect, it } from 'vitest';
import type { Run, ServedFixture } from '../cluster/http/served.ts';
import { normaliseErrors, normaliseOutput } from './normalise-output.ts';
import type { Pair, Runner } from './pair.ts';
import { orphans, type State, stateOf, without } from './state-of.ts';

/** One command line that both programs run. */
export interface Case {
  readonly run: string;
  /** What each program runs first on its own cluster. */
  readonly before?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** The namespace; default: one for each case. */
  readonly namespace?: string;
  /** Why failures are told in other words; the exit code is the same. In docs/helm-differences.md. */
  readonly ownWords?: string;
  /** Why the outcome differs, and that it does. In docs/helm-differences.md. */
  readonly differs?: string;
  /** Objects that helm leaves behind and Pintle does not. */
  readonly orphans?: readonly string[];
  /** Lines in any order. */
  readonly anyOrder?: boolean;
}

let count = 0;

/** Makes a test of each case; several run at a time. */
export function compareAll(title: string, pair: () => Pair, cases: readonly Case[]): void {
  describe.concurrent(title, () => {
    it.each(cases.map((each) => [each.run, each] as const))('%s', async (_, each) => {
      await compare(pair(), each);
    });
  });
}

/** Runs a case on both clusters and compares. Answers with the exit code. */
export async function compare(pair: Pair, each: Case): Promise<number> {
  const namespace = each.namespace ?? `case-${(count += 1)}`;
  if (each.namespace === undefined) await pair.namespace(namespace);
  const options = {
    namespace,
    ...(each.env === undefined ? {} : { env: each.env }),
    ...(each.stdin === undefined ? {} : { stdin: each.stdin }),
  };
  const both = async (run: Runner): Promise<Run> => {
    for (const line of each.before ?? []) await run(line, options);
    return await run(each.run, options);
  };
  const [theirs, ours] = await Promise.all([both(pair.helm), both(pair.pintle)]);
  if (each.differs !== undefined) {
    expect(ours.code, ours.stderr).not.toBe(theirs.code);
    return ours.code;
  }
  expect(shape(ours, each)).toEqual(shape(theirs, each));
  const lines = [...(each.before ?? []), each.run].join('\n');
  // Other cases run at the same time.
  const definitions = ['fleet ships', 'boats boats']
    .map((names) => names.split(' '))
    .filter(([chart = '']) => lines.includes(` ${chart}`))
    .map(([, plural]) => `${plural ?? ''}.example.org`);
  const state = async ({ embedded }: ServedFixture): Promise<State> => {
    const whole = await stateOf(embedded, namespace, definitions);
    return each.ownWords === undefined && each.anyOrder !== true ? whole : withoutStory(whole);
  };
  const [ourState, theirState] = await Promise.all([state(pair.ours), state(pair.theirs)]);
  const left = orphans(ourState, theirState);
  expect(left.toSorted()).toEqual(each.orphans ?? []);
  expect(ourState).toEqual({ ...theirState, objects: without(theirState.objects, left) });
  return ours.code;
}

/** Records without what is told of failures. */
function withoutStory({ objects, records }: State): State {
  const story = /"(description|notes)":"(?:[^"\\]|\\.)*"/g;
  const entries = Object.entries(records).map(([id, record]) => [id, record.replaceAll(story, '"$1":""')]);
  return { objects, records: Object.fromEntries(entries) as State['records'] };
}

function shape({ code, stdout, stderr }: Run, each: Case): object {
  const order = (text: string): string => (each.anyOrder === true ? text.split('\n').sort().join('\n') : text);
  return {
    code,
    stdout: order(normaliseOutput(stdout)),
    stderr: each.ownWords === undefined || code === 0 ? order(normaliseErrors(stderr)) : stderr !== '',
  };
}
