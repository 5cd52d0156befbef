import { PintleError } from '../base/errors.ts';
import { formatDuration } from '../base/duration.ts';
import { SeededRandom } from '../base/random.ts';
import { chaosSchedule, playChaos } from '../cluster/faults/chaos.ts';
import { type ApiFailure, describeFault, type Fault } from '../cluster/faults/fault.ts';
import { clearFaults, injectFault, listFaults } from '../cluster/faults/fault-store.ts';
import { ZONE_LABEL } from '../cluster/machinery/constants.ts';
import type { KubeClient } from '../client/kube-client.ts';
import type { KubeObject } from '../kube/object.ts';
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
  readonly factor?: string;
  readonly by?: string;
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
    await checkTarget(client, fault);
    const until = duration === undefined ? undefined : (await clusterTime(target)) + duration;
    const { id } = await injectFault(client, fault, until);
    const end = duration === undefined ? `until "pintle cluster fault clear ${id}"` : `for ${formatDuration(duration)}`;
    io.stdout(`${id}: ${describeFault(fault)} ${end}\n`);
  });
}

function zonesOf(nodes: readonly KubeObject[]): readonly string[] {
  const zones = nodes.map(({ metadata }) => metadata.labels?.[ZONE_LABEL]).filter((zone) => zone !== undefined);
  return [...new Set(zones)].sort();
}

/** @throws StatusError, PintleError `not-found` for what the cluster does not have */
async function checkTarget(client: KubeClient, fault: Fault): Promise<void> {
  if (fault.kind === 'node-down' || fault.kind === 'node-partition' || fault.kind === 'slow-disk') {
    await client.get(RESOURCES.nodes, { name: fault.node });
  } else if (fault.kind === 'zone-down') {
    const zones = zonesOf((await client.list(RESOURCES.nodes)).items);
    if (zones.includes(fault.zone)) return;
    throw new PintleError('not-found', `no node is in zone "${fault.zone}"`, {
      hint: zones.length === 0 ? `no node has the label ${ZONE_LABEL}` : `zones are ${zones.join(', ')}`,
    });
  } else if (fault.kind === 'clock-skew' && !SKEWED.includes(fault.target)) {
    await client.get(RESOURCES.nodes, { name: fault.target });
  }
}

/** Components that have a clock of their own. */
const SKEWED: readonly string[] = ['kube-controller-manager', 'kube-scheduler'];

/** The fault that `slow-disk NODE` asks for. */
export function slowDiskFault(node: string, { factor = '10' }: FaultFlags): Fault {
  return { kind: 'slow-disk', node, factor: Number(factor) };
}

/** The fault that `clock-skew TARGET` asks for. */
export function clockSkewFault(target: string, { by = '1h' }: FaultFlags): Fault {
  const negative = by.startsWith('-');
  const millis = durationFlag('by', by.replace(/^[+-]/, ''));
  return { kind: 'clock-skew', target, millis: negative ? -millis : millis };
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
    const { client } = target;
    const advance = target.advance?.bind(target);
    if (advance === undefined) {
      throw new PintleError('target', `the time of ${target.description} cannot be advanced`);
    }
    const { items } = await client.list(RESOURCES.nodes);
    const zones = zonesOf(items);
    const steps = chaosSchedule({
      random: new SeededRandom(seed),
      nodes: items.map(({ metadata }) => metadata.name ?? ''),
      zones,
      duration,
      ...(flags.interval === undefined ? {} : { interval: durationFlag('interval', flags.interval) }),
    });
    io.stderr(`seed ${seed}: ${steps.length} faults\n`);
    const time = { now: () => clusterTime(target), advance: async (length: number) => void (await advance(length)) };
    await playChaos(client, time, { steps, duration }, (text) => io.stdout(`${text}\n`));
  });
}
