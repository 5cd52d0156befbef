import type { ActionContext } from '../../src/actions/context.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { exitCodeOf } from '../../src/cli/error-text.ts';
import type { Chart } from '../../src/chart/chart.ts';
import type { VirtualClock } from '../../src/base/virtual-clock.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { createConfigMapDriver } from '../../src/release/configmap-driver.ts';
import type { ReleaseDriver } from '../../src/release/release-driver.ts';
import { createSecretDriver } from '../../src/release/secret-driver.ts';
import type { SqlDatabase } from '../../src/release/sql-database.ts';
import { SqlDriver } from '../../src/release/sql-driver.ts';
import { ReleaseStore } from '../../src/release/store.ts';
import { type LightCluster, lightCluster } from '../deploy/light-cluster.ts';
import { type Fault, type FaultPoint, faultPoint } from './faulty-client.ts';
import { hookJob, releaseActions, type ReleaseActions, sampleChart } from './release-world.ts';

/** Where a scenario keeps its records. */
export type RecordPlace = 'configmap' | 'secret' | 'sql';

/** One way through the actions. */
export interface Scenario {
  readonly verb: 'install' | 'upgrade' | 'bad upgrade' | 'rollback' | 'uninstall';
  readonly atomic: boolean;
  readonly driver: RecordPlace;
  readonly serverSide: boolean;
}

/** One call of one scenario that goes wrong in one way. */
export interface FaultCase extends Scenario {
  readonly fault: Fault;
  readonly at: number;
}

/** Charts that the scenarios go through. */
export interface Charts {
  readonly first: Chart;
  readonly second: Chart;
  readonly third: Chart;
}

const HOOKS = {
  'templates/pre.yaml': hookJob('pre', 'pre-install,pre-upgrade,pre-rollback,pre-delete'),
  'templates/post.yaml': hookJob(
    'post',
    'post-upgrade,post-install',
    '    helm.sh/hook-delete-policy: hook-succeeded\n',
  ),
};

/** Reads the charts. */
export async function faultCharts(): Promise<Charts> {
  return {
    first: await sampleChart('maps: {a: {x: "1"}, b: {x: "1"}}', HOOKS),
    second: await sampleChart('maps: {a: {x: "2"}, c: {x: "1"}}', HOOKS),
    third: await sampleChart('maps: {a: {x: "3"}, d: {x: "1"}}', HOOKS),
  };
}

/** Every scenario. */
export function scenarios(places: readonly RecordPlace[]): Scenario[] {
  const out: Scenario[] = [];
  for (const driver of places) {
    for (const serverSide of [true, false]) {
      for (const verb of ['install', 'upgrade', 'bad upgrade', 'rollback', 'uninstall'] as const) {
        for (const atomic of verb === 'rollback' || verb === 'uninstall' ? [false] : [false, true]) {
          out.push({ verb, atomic, driver, serverSide });
        }
      }
    }
  }
  return out;
}

/** Faults during which nobody can be told what became of an operation. */
const LASTING: ReadonlySet<Fault> = new Set(['outage', 'full']);

interface World {
  readonly cluster: LightCluster;
  /** What runs into a fault where one is given. */
  actions(exclusive: boolean, point?: FaultPoint): ReleaseActions;
}

/** Charts, and the empty database of scenarios that keep their records in one. */
export interface Setting extends Charts {
  readonly database?: SqlDatabase | undefined;
}

async function newWorld(scenario: Scenario, { database }: Setting): Promise<World> {
  await database?.query('TRUNCATE releases_v1, custom_labels_v1');
  const cluster = await lightCluster();
  cluster.react();
  const { clock, logger } = cluster;
  let seed = 0;
  return {
    cluster,
    actions: (exclusive, point) => {
      const client = point?.client(cluster.client) ?? cluster.client;
      const options = { client, clock, namespace: 'default', logger };
      const driverOf = (): ReleaseDriver => {
        if (scenario.driver === 'configmap') return createConfigMapDriver(options);
        if (scenario.driver === 'secret') return createSecretDriver(options);
        if (database === undefined) throw new Error('there is no database');
        const held = holding(database, clock);
        return new SqlDriver({ ...options, database: point?.database(held) ?? held });
      };
      const context: ActionContext = {
        client,
        clock,
        logger,
        namespace: 'default',
        store: new ReleaseStore(driverOf(), { maxHistory: 0 }),
        random: new SeededRandom(++seed),
        exclusive,
        holder: 'test',
        signal: point?.signal,
      };
      return releaseActions(context);
    },
  };
}

/** While the database works, no time passes. */
function holding(inner: SqlDatabase, clock: VirtualClock): SqlDatabase {
  const held = async <T>(work: () => Promise<T>): Promise<T> => {
    const release = clock.hold();
    try {
      return await work();
    } finally {
      release();
    }
  };
  return {
    query: (text, values) => held(() => inner.query(text, values)),
    transaction: (work) => held(() => inner.transaction(work)),
    close: () => inner.close(),
  };
}

async function prepare(world: World, scenario: Scenario, charts: Charts): Promise<void> {
  const actions = world.actions(false);
  const serverSide = scenario.serverSide ? ('true' as const) : ('false' as const);
  if (scenario.verb === 'install') return;
  await actions.install(charts.first, { serverSide });
  if (scenario.verb === 'rollback' || scenario.verb === 'uninstall') await actions.upgrade(charts.second);
}

async function perform(actions: ReleaseActions, scenario: Scenario, charts: Charts): Promise<void> {
  const { atomic } = scenario;
  const wait = { wait: true, atomic, timeout: 20_000 };
  const serverSide = scenario.serverSide ? ('true' as const) : ('false' as const);
  switch (scenario.verb) {
    case 'install':
      await actions.install(charts.first, { ...wait, serverSide });
      break;
    case 'upgrade':
      await actions.upgrade(charts.second, wait);
      break;
    case 'bad upgrade':
      await actions.upgrade(charts.second, { ...wait, values: { image: 'bad' } });
      break;
    case 'rollback':
      await actions.rollback(1, { wait: true, timeout: 20_000 });
      break;
    default:
      await actions.uninstall();
  }
}

/** How many API calls a scenario makes when nothing fails. */
export async function countCalls(scenario: Scenario, charts: Setting): Promise<number> {
  const world = await newWorld(scenario, charts);
  await prepare(world, scenario, charts);
  const faulty = faultPoint('death', 0);
  await perform(world.actions(false, faulty), scenario, charts).catch(() => undefined);
  return faulty.calls();
}

/** Runs one case. @returns what is wrong afterwards, or nothing */
export async function runFault(one: FaultCase, charts: Setting): Promise<string[]> {
  const world = await newWorld(one, charts);
  await prepare(world, one, charts);
  const before = (await revisions(world)).map(({ version }) => version);
  const exclusive = one.at % 3 === 0;
  const faulty = faultPoint(one.fault, one.at);
  const faults: string[] = [];
  const work = perform(world.actions(exclusive, faulty), one, charts).catch((error: unknown) => {
    // A bad upgrade fails by itself, perhaps before the user interrupts.
    if (one.fault === 'interrupt' && one.verb !== 'bad upgrade' && exitCodeOf(error) !== 130) {
      faults.push(`interrupted, but failed with ${String(error)}`);
    }
    throw error;
  });
  const outcome = await ending(work, faulty);
  if (outcome !== 'died') faults.push(...(await checkOutcome(world, one, outcome)));
  const kept = await revisions(world);
  if (one.verb !== 'uninstall') {
    const lost = before.filter((version) => kept.every((each) => each.version !== version));
    if (lost.length > 0) faults.push(`revisions ${lost.join()} are lost`);
  }
  // Whoever comes next finds a lease that has expired.
  await world.cluster.clock.advance(120_000);
  faults.push(...(await checkNext(world, one, { charts, exclusive })));
  return faults;
}

type Ending = 'done' | 'failed' | 'died';

async function ending(work: Promise<void>, faulty: FaultPoint): Promise<Ending> {
  return await Promise.race([
    work.then(
      () => 'done' as const,
      () => 'failed' as const,
    ),
    faulty.death,
  ]);
}

async function revisions(world: World): Promise<readonly { version: number; status: string; manifest: string }[]> {
  const { store } = world.actions(false).context;
  return (await store.historyOrEmpty('web')).map(({ version, info, manifest }) => ({
    version,
    status: info.status,
    manifest,
  }));
}

/** What a command says of itself must be so. */
async function checkOutcome(world: World, one: FaultCase, outcome: 'done' | 'failed'): Promise<string[]> {
  const all = await revisions(world);
  const last = all.at(-1);
  const faults: string[] = [];
  const isTold = last?.status.startsWith('pending-') === true;
  if (outcome === 'done') {
    if (one.verb === 'bad upgrade') faults.push('a bad upgrade went through');
    if (one.verb === 'uninstall' ? last !== undefined : last?.status !== 'deployed')
      faults.push(`done, but ${last?.status}`);
    // Who cannot be reached cannot be told of the last step; the next operation makes up for it.
    const several = all.filter(({ status }) => status === 'deployed').length > 1 && !LASTING.has(one.fault);
    if (several) faults.push('several revisions are deployed');
  } else if (isTold && !LASTING.has(one.fault)) faults.push(`failed, but left ${last?.status ?? ''}`);
  else if (one.atomic && !LASTING.has(one.fault) && one.verb !== 'install' && last?.status !== 'deployed') {
    faults.push(`atomic, but left ${last?.status ?? 'nothing'}`);
  }
  return faults;
}

/** The next command must work, and leave nothing of what was before. */
async function checkNext(
  world: World,
  one: FaultCase,
  { charts, exclusive }: { readonly charts: Charts; readonly exclusive: boolean },
): Promise<string[]> {
  const actions = world.actions(exclusive);
  try {
    const last = (await revisions(world)).at(-1);
    const again =
      last === undefined || (one.verb === 'install' && one.at % 2 === 0 && last.status.startsWith('pending-'));
    if (one.verb === 'uninstall' && one.at % 2 === 0 && last !== undefined) {
      await actions.uninstall();
      await actions.install(charts.third);
    } else if (again) await actions.install(charts.third);
    else await actions.upgradeOrInstall(charts.third);
  } catch (error) {
    return [`the next command failed: ${error instanceof Error ? error.message : String(error)}`];
  }
  const faults: string[] = [];
  const all = await revisions(world);
  const deployed = all.filter(({ status }) => status === 'deployed').map(({ version }) => version);
  if (deployed.join() !== String(all.at(-1)?.version)) faults.push(`deployed are ${deployed.join()} of ${all.length}`);
  const unfinished = all.filter(({ status }) => status.startsWith('pending-') || status === 'uninstalling');
  if (unfinished.length > 0) faults.push(`unfinished: ${unfinished.map(({ version }) => version).join()}`);
  const gap = all.find(({ version }, i) => i > 0 && version !== (all[i - 1]?.version ?? 0) + 1);
  if (gap !== undefined) faults.push(`there is no revision before ${gap.version}`);
  const owned = await ownedMaps(world.cluster);
  if (owned !== 'a=3,d=1') faults.push(`objects of the release are ${owned}`);
  if ((await world.cluster.names(RESOURCES.leases)).length > 0) faults.push('a lease is left');
  return faults;
}

async function ownedMaps(cluster: LightCluster): Promise<string> {
  const { items } = await cluster.client.list(RESOURCES.configMaps, { namespace: 'default' });
  return items
    .filter(({ metadata }) => metadata.annotations?.['meta.helm.sh/release-name'] === 'web')
    .map((each) => `${each.metadata.name ?? ''}=${(each['data'] as { readonly x?: string } | undefined)?.x ?? ''}`)
    .sort()
    .join();
}
