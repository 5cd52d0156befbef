import { type FuzzCase, fuzzCase } from './cases.ts';
import { CRASH, helmOutcomes } from './helm-lint.ts';
import { ourOutcome } from './outcome.ts';

/** A case with which the two sides do different things. */
export interface Difference {
  readonly case: FuzzCase;
  readonly ours: string;
  readonly helm: string;
}

/** How much is run. */
export interface FuzzOptions {
  readonly seed: string;
  readonly cases: number;
  /** The number of the first case. */
  readonly first?: number;
  /** Cases a process of helm. */
  readonly batch?: number;
  /** Told of each batch that is done. */
  readonly progress?: (done: number, rendered: number) => void;
}

/** Runs random cases through both and gives those that differ. */
export async function runFuzz({ seed, cases, first = 0, batch = 250, progress }: FuzzOptions): Promise<{
  readonly differences: readonly Difference[];
  /** Cases that render on both sides. */
  readonly rendered: number;
}> {
  const differences: Difference[] = [];
  let rendered = 0;
  for (let start = 0; start < cases; start += batch) {
    const all = Array.from({ length: Math.min(batch, cases - start) }, (_, i) => fuzzCase(seed, first + start + i));
    const theirs = helmOutcomes(all);
    const ours: string[] = [];
    for (const each of all) ours.push(await ourOutcome(each));
    for (const [i, helm] of (await theirs).entries()) {
      const own = normal(ours[i] ?? '');
      const real = normal(helm);
      const found = all[i];
      if (real.includes('no template "OUT:')) rendered += 1;
      // What ends helm itself must be an error here.
      const same = real === CRASH ? own !== 'no error' && !own.includes('INTERNAL') : own === real;
      if (!same && found !== undefined) differences.push({ case: found, ours: own, helm: real });
    }
    progress?.(Math.min(cases, start + batch), rendered);
  }
  return { differences, rendered };
}

/** Without what hangs on chance in helm. */
function normal(text: string): string {
  return (
    text
      .replaceAll(/0xc0[0-9a-f]{8}/g, '0xADDRESS')
      // Of several keys that are refused helm names one by chance.
      .replace(/(unsupported map key of type: )[\s\S]*/, '$1')
      .trim()
  );
}
