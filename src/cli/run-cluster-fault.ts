import { PintleError } from '../base/errors.ts';
import { formatDuration } from '../base/duration.ts';
import { SeededRandom } from '../base/random.ts';
import { chaosSchedule, runChaos } from '../cluster/faults/chaos.ts';
import { type ApiFailure, describeFault, type Fault } from '../cluster/faults/fault.ts';
import { clearFaults, injectFault, listFaults } from '../cluster/faults/fault-store.ts';
import { RESOURCES } from '../kube/resources.ts';
import { formatTable } from '../terminal/table.ts';
import type { Io } from './io.ts';
import type { Target } from './opened-target.ts';
import { clusterTime } from './cluster-time.ts';
import { cliLogger } from './cli-logger.ts';
import { durationFlag, type GlobalOptions, integerFlag } from './settings.ts';
import { openTarget } from './target.ts';

/** Flags of `pintle cluster fault`. */
export interface FaultFlags extends GlobalOptions {
  readonly for?: string;
  readonly chance?: string;
  readonly verbs?: string;
  readonly resources?: string;
  readonly clients?: string;
  readonly seed?: string;
  readonly interval?: string;
}

async function onCluster(
  io: Io,
  flags: FaultFlags,
  access: 'observe' | 'write',
  work: (target: Target) => Promise<void>,
): Promise<void> {
  const target = await openTarget(io, flags, {
    access,
    command: 'pintle cluster fault',
    logger: cliLogger(io, flags),
  });
  try {
    if (target.defaultDriver !== 'configmap') {
      throw new PintleError('target', `${target.description} is no simulated cluster: nothing is broken there`, {
        hint: 'add --embedded',
      });
    }
    await work(target);
    await target.flush();
  } finally {
    await target.close();
  }
}

/** `pintle cluster fault list` */
export async function runFaultList(io: Io, flags: FaultFlags): Promise<void> {
  await onCluster(io, flags, 'observe', async (target) => {
    const faults = await listFaults(target.client);
    if (faults.length === 0) {
      io.stderr('No faults.\n');
      return;
    }
    const now = await clusterTime(target);
    const rows = faults.map(({ id, fault, until }) => [
      id,
      until === undefined ? 'until cleared' : formatDuration(Math.max(0, until - now)),
      describeFault(fault),
    ]);
    io.stdout(`${formatTable([['NAME', 'LEFT', 'WHAT'], ...rows])}\n`);
  });
}

/** `pintle cluster fault clear [NAME...]` */
export async function runFaultClear(io: Io, names: readonly string[], flags: FaultFlags): Promise<void> {
  await onCluster(io, flags, 'write', async ({ client }) => {
    const gone = await clearFaults(client, names.length === 0 ? undefined : names);
    const missing = names.filter((name) => !gone.includes(name));
    if (missing.length > 0) throw new PintleError('not-found', `no such fault: ${missing.join(', ')}`);
    io.stdout(gone.length === 0 ? 'no fault was in force\n' : gone.map((id) => `${id} is over\n`).join(''));
  });
}

/** `pintle cluster fault KIND …` */
export async function runFaultInject(io: Io, fault: Fault, flags: FaultFlags): Promise<void> {
  const duration = flags.for === undefined ? undefined : durationFlag('for', flags.for);
  await onCluster(io, flags, 'write', async (target) => {
    const { client } = target;
    if (fault.kind === 'node-down' || fault.kind === 'node-partition') {
      await client.get(RESOURCES.nodes, { name: fault.node });
    }
    const until = duration === undefined ? undefined : (await clusterTime(target)) + duration;
    const { id } = await injectFault(client, fault, until);
    const end = duration === undefined ? `until "pintle cluster fault clear ${id}"` : `for ${formatDuration(duration)}`;
    io.stdout(`${id}: ${describeFault(fault)} ${end}\n`);
  });
}

/** The fault that `api-errors CODE` and `api-latency DURATION` ask for. */
export function apiFault(kind: 'api-errors' | 'api-latency', value: string, flags: FaultFlags): Fault {
  const scope = {
    ...(flags.chance === undefined ? {} : { chance: Number(flags.chance) }),
    ...(flags.verbs === undefined ? {} : { verbs: flags.verbs.split(',') }),
    ...(flags.resources === undefined ? {} : { resources: flags.resources.split(',') }),
    ...(flags.clients === undefined ? {} : { clients: flags.clients.split(',') }),
  };
  if (kind === 'api-latency') return { kind, millis: durationFlag('duration', value), ...scope };
  const failure = FAILURES.find((each) => String(each) === value);
  if (failure === undefined) {
    throw new PintleError('usage', `"${value}" is no failure of a request`, { hint: `use ${FAILURES.join(', ')}` });
  }
  return { kind, failure, ...scope };
}

const FAILURES: readonly ApiFailure[] = [409, 429, 500, 503, 504, 'refuse', 'drop'];

/** `pintle cluster fault chaos`: faults by chance while the cluster's time passes. */
export async function runFaultChaos(io: Io, flags: FaultFlags): Promise<void> {
  const duration = durationFlag('for', flags.for ?? '30m');
  const seed = integerFlag('--seed', flags.seed ?? '1');
  await onCluster(io, flags, 'write', async (target) => {
    const { client, clock } = target;
    if (target.advance === undefined) {
      throw new PintleError('target', `the time of ${target.description} cannot be advanced`);
    }
    const { items } = await client.list(RESOURCES.nodes);
    const steps = chaosSchedule({
      random: new SeededRandom(seed),
      nodes: items.map(({ metadata }) => metadata.name ?? ''),
      duration,
      ...(flags.interval === undefined ? {} : { interval: durationFlag('interval', flags.interval) }),
    });
    io.stderr(`seed ${seed}: ${steps.length} faults\n`);
    runChaos(client, clock, steps, (text) => io.stdout(`${text}\n`));
    const end = Math.max(duration, ...steps.map((step) => step.at + step.duration));
    await target.advance(end);
  });
}
