import { expect } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import type { Run } from '../cluster/http/served.ts';
import { normaliseErrors, normaliseOutput } from './normalise-output.ts';
import { type Pair, runHelm, runPintle } from './pair.ts';
import { orphans, stateOf, without } from './state-of.ts';

/** One verb of a sequence. */
interface Step {
  readonly line: string;
  /** Which program does it on the cluster of both. */
  readonly by: 'helm' | 'pintle';
}

/** A sequence of verbs on one release, made from a seed. */
export interface Sequence {
  readonly seed: number;
  readonly driver: 'secret' | 'configmap';
  readonly steps: readonly Step[];
}

/** What an upgrade or installation may bring. */
const CHARTS = ['plain', 'plain', 'app', 'app', 'hooks', 'keeper', 'invalid', 'broken'];
/** Where helm does not get back to a revision. */
const NOT_BACK = /original object .* not found|failed to create resource/;
/** What an uninstallation leaves on purpose. */
const KEPT = /^These resources were kept/;
const TIMEOUT = '--timeout 60s';

/** The sequence of a seed. It begins with an installation; what cannot be done is tried all the same. */
export function sequenceOf(seed: number, length: number): Sequence {
  const random = new SeededRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.next() * items.length)] as T;
  const some = (chance: number, text: string): string => (random.next() < chance ? ` ${text}` : '');
  const chart = (): string => {
    const name = pick(CHARTS);
    const values =
      name === 'app' ? ['replicas=2', 'optional=true', 'greeting=hi', 'extra.a=1'] : ['data=two', 'data=three'];
    return `${name}${some(0.6, `--set ${pick(values)}`)}`;
  };
  const common = (): string =>
    `${some(0.25, `--server-side=${pick(['true', 'false'])}`)}${some(0.15, '--no-hooks')} ${TIMEOUT}`;
  const verbs: readonly (() => string)[] = [
    () => `install web ${chart()}${common()}${some(0.3, '--replace')}`,
    () =>
      `upgrade web ${chart()}${some(0.3, pick(['--reuse-values', '--reset-values', '--reset-then-reuse-values']))}${common()}`,
    () => `upgrade web ${chart()}${some(0.5, '--rollback-on-failure')}${common()}${some(0.3, '--cleanup-on-fail')}`,
    () => `upgrade --install web ${chart()}${common()}${some(0.3, '--history-max 3')}`,
    () => `rollback web${some(0.7, String(1 + Math.floor(random.next() * 5)))}${common()}`,
    () => `rollback web${common()}`,
    () => `test web ${TIMEOUT}`,
    () => `uninstall web${some(0.5, '--keep-history')} ${TIMEOUT}`,
  ];
  const steps: Step[] = [{ line: `install web ${chart()}${common()}`, by: pick(['helm', 'pintle']) }];
  while (steps.length < length) steps.push({ line: pick(verbs)(), by: pick(['helm', 'pintle']) });
  return { seed, driver: pick(['secret', 'configmap']), steps };
}

/**
 * Runs a sequence by both programs on one cluster and by helm alone on the other, and compares after each step. It ends early
 * where a rollback of helm's gets stuck, or an uninstallation of helm's leaves objects behind.
 */
export async function runSequence(pair: Pair, { seed, driver, steps }: Sequence): Promise<void> {
  const namespace = `sequence-${seed}`;
  await pair.namespace(namespace);
  const options = { namespace, env: { HELM_DRIVER: driver } };
  const story: string[] = [];
  for (const { line, by } of steps) {
    story.push(`${by} ${line}`);
    const run = by === 'helm' ? runHelm : runPintle;
    const [ours, theirs] = await Promise.all([run(pair.ours, line, options), runHelm(pair.theirs, line, options)]);
    // From here on the two differ, and are to: docs/helm-differences.md.
    if (line.startsWith('rollback') && NOT_BACK.test(theirs.stderr)) return;
    if (theirs.stderr.includes('an error occurred while rolling back the release')) return;
    // The deployed revision is looked at, too, and not the failed one alone.
    if (line.startsWith('uninstall') && KEPT.test(ours.stdout) && !KEPT.test(theirs.stdout)) return;
    const place = `seed ${seed}, HELM_DRIVER=${driver}:\n${story.join('\n')}\n${ours.stderr}`;
    expect(outcome(ours), place).toEqual(outcome(theirs));
    const [mine, helms] = await Promise.all([
      stateOf(pair.ours.embedded, namespace),
      stateOf(pair.theirs.embedded, namespace),
    ]);
    if (line.startsWith('uninstall')) {
      const left = orphans(mine, helms);
      expect(mine, place).toEqual({ ...helms, objects: without(helms.objects, left) });
      // They are in the way of what follows.
      if (left.length > 0) return;
    }
    expect(mine, place).toEqual(helms);
  }
}

function outcome({ code, stdout, stderr }: Run): object {
  return { code, stdout: normaliseOutput(stdout), stderr: normaliseErrors(stderr) };
}
