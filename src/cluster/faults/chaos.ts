import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { KubeClient } from '../../client/kube-client.ts';
import { describeFault, type ApiFailure, type Fault } from './fault.ts';
import { injectFault } from './fault-store.ts';

/** A fault with its place in a schedule; times in ms from the beginning. */
export interface ChaosStep {
  readonly at: number;
  readonly duration: number;
  readonly fault: Fault;
}

/** What a schedule is drawn for. */
export interface ChaosOptions {
  readonly random: Random;
  readonly nodes: readonly string[];
  readonly zones?: readonly string[];
  /** ms over which faults begin. */
  readonly duration: number;
  /** ms between two faults on average; default 60 s. */
  readonly interval?: number;
  /** Longest fault, ms; default 120 s. */
  readonly longest?: number;
}

const FAILURES: readonly ApiFailure[] = [409, 429, 500, 503, 'refuse', 'drop'];

const OF_NODES: ReadonlySet<Fault['kind']> = new Set(['node-down', 'node-partition', 'zone-down']);

/** Draws a schedule of faults; the same source of chance draws the same one. At most one node, or one zone, at a time is down or cut off. */
export function chaosSchedule(options: ChaosOptions): readonly ChaosStep[] {
  const { random, duration, interval = 60_000, longest = 120_000 } = options;
  const steps: ChaosStep[] = [];
  let nodesFreeAt = 0;
  for (let at = pause(random, interval); at < duration; at += pause(random, interval)) {
    const length = 1000 * (1 + random.below(Math.max(1, Math.floor(longest / 1000))));
    const fault = drawFault(options, at >= nodesFreeAt);
    if (fault === undefined) continue;
    if (OF_NODES.has(fault.kind)) nodesFreeAt = at + length + 60_000;
    steps.push({ at, duration: length, fault });
  }
  return steps;
}

function pause(random: Random, interval: number): number {
  return 1000 * Math.ceil((-Math.log(1 - random.next()) * interval) / 1000) + 1000;
}

function drawFault({ random, nodes, zones = [] }: ChaosOptions, nodesFree: boolean): Fault | undefined {
  const node = nodes[random.below(Math.max(1, nodes.length))];
  switch (random.below(9)) {
    case 0:
      return node === undefined || !nodesFree ? undefined : { kind: 'node-down', node };
    case 1:
      return node === undefined || !nodesFree ? undefined : { kind: 'node-partition', node };
    case 2:
      return { kind: 'registry-down' };
    case 3:
      return { kind: 'api-latency', millis: 100 * (1 + random.below(30)), chance: 0.5 };
    case 4: {
      const zone = zones[random.below(Math.max(1, zones.length))];
      return zone === undefined || !nodesFree ? undefined : { kind: 'zone-down', zone };
    }
    case 5:
      return node === undefined ? undefined : { kind: 'slow-disk', node, factor: 2 + random.below(40) };
    case 6: {
      const targets = ['kube-controller-manager', 'kube-scheduler', ...nodes];
      const target = targets[random.below(targets.length)] ?? 'kube-scheduler';
      return { kind: 'clock-skew', target, millis: 1000 * (random.below(2) === 0 ? -1 : 1) * (1 + random.below(120)) };
    }
    default:
      return {
        kind: 'api-errors',
        failure: FAILURES[random.below(FAILURES.length)] ?? 503,
        chance: (1 + random.below(5)) / 10,
      };
  }
}

/** Puts a schedule in force from now on, as time passes; `told` hears of each fault that begins. */
export function runChaos(
  client: KubeClient,
  clock: Clock,
  steps: readonly ChaosStep[],
  told: (text: string) => void = () => {},
): void {
  const begin = clock.now();
  for (const { at, duration, fault } of steps) {
    clock.setTimer(at, () => {
      told(`${new Date(clock.now()).toISOString()} ${describeFault(fault)} for ${duration / 1000} s`);
      injectFault(client, fault, begin + at + duration).catch((error: unknown) => {
        told(`the fault could not be put in force: ${error instanceof Error ? error.message : String(error)}`);
      });
    });
  }
}

/** A cluster whose time somebody else lets pass. */
export interface ChaosTime {
  /** ms since the epoch */
  now(): Promise<number>;
  advance(duration: number): Promise<void>;
}

/** Lets time pass through a schedule, to the end of its last fault; `told` hears of each fault that begins. */
export async function playChaos(
  client: KubeClient,
  time: ChaosTime,
  { steps, duration }: { readonly steps: readonly ChaosStep[]; readonly duration: number },
  told: (text: string) => void,
): Promise<void> {
  const begin = await time.now();
  for (const { at, duration: length, fault } of steps) {
    const now = await time.now();
    if (begin + at > now) await time.advance(begin + at - now);
    told(`${new Date(begin + at).toISOString()} ${describeFault(fault)} for ${length / 1000} s`);
    await injectFault(client, fault, begin + at + length);
  }
  const end = begin + Math.max(duration, ...steps.map((step) => step.at + step.duration));
  await time.advance(Math.max(0, end - (await time.now())));
}
