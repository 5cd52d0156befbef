import { silentLogger } from '../../src/base/logger.ts';
import { type Random, SeededRandom } from '../../src/base/random.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { Cluster } from '../../src/cluster/cluster.ts';
import { chaosSchedule, runChaos } from '../../src/cluster/faults/chaos.ts';
import { clearFaults } from '../../src/cluster/faults/fault-store.ts';
import { createCatalogue } from '../../src/cluster/kubelet/images/catalogue.ts';
import { FrozenStore } from './frozen-store.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { StatusError } from '../../src/kube/status-error.ts';
import { doSomething, type World } from './actions.ts';
import { EventLog } from './event-log.ts';
import { Invariants } from './invariants.ts';

/** What came of a scenario. */
export interface ScenarioResult {
  readonly seed: number;
  /** What did not hold; empty when all is well. */
  readonly faults: readonly string[];
  /** What was done, a line each. */
  readonly story: readonly string[];
  /** Of everything that was written. */
  readonly digest: string;
  readonly writes: number;
}

const START = Date.UTC(2026, 0, 15, 12);
const ACTIONS = 25;
/** Writes of a scenario above which something spins. */
const MOST_WRITES = 60_000;
/** ms in which everything comes to rest: back-offs, evictions and deadlines included. */
const REST = 3_600_000;

/** Runs one random scenario of workloads, updates and faults; the same seed gives the same one to the byte. */
export async function runScenario(seed: number): Promise<ScenarioResult> {
  const random = new SeededRandom(`scenario ${seed}`);
  const store = new FrozenStore();
  const clock = new VirtualClock({ start: START });
  const log = new EventLog(store, clock);
  const nodes = nodesOf(random);
  const cluster = new Cluster({
    store,
    clock,
    random: new SeededRandom(seed),
    logger: silentLogger,
    nodes,
    catalogue: createCatalogue(),
    description: `scenario ${seed}`,
  });
  await cluster.start();
  const invariants = new Invariants(cluster.client, clock);
  const world: World = { cluster, random, invariants, story: [], names: new Map(), next: 1 };
  await createNamespaces(cluster);
  if (random.below(2) === 0) breakThings(world, nodes);
  for (let i = 0; i < ACTIONS; i += 1) {
    await attempt(world);
    await cluster.advance(100 * random.below(random.below(3) === 0 ? 600 : 50));
    if (log.lines.length > MOST_WRITES) {
      invariants.faults.push(`${log.lines.length} writes after ${i + 1} actions: something spins`);
      break;
    }
  }
  await clearFaults(cluster.client);
  await cluster.advance(REST);
  if (log.lines.length > MOST_WRITES * 2) invariants.faults.push(`${log.lines.length} writes: something spins`);
  await invariants.atRest();
  cluster.stop();
  return { seed, faults: invariants.faults, story: world.story, digest: log.digest(), writes: log.lines.length };
}

function nodesOf(random: Random): ConstructorParameters<typeof Cluster>[0]['nodes'] {
  return Array.from({ length: 2 + random.below(4) }, (_, index) => ({
    nodeName: `node-${index + 1}`,
    index,
    capacity: { cpu: '8', memory: '32Gi', pods: '110' },
    labels: { 'topology.kubernetes.io/zone': `zone-${index % 2}` },
  }));
}

async function createNamespaces({ client, clock }: Cluster): Promise<void> {
  for (const name of ['one', 'two']) await client.create(RESOURCES.namespaces, { metadata: { name } });
  const hard = { pods: '12' };
  await client.create(RESOURCES.resourceQuotas, { metadata: { name: 'quota', namespace: 'two' }, spec: { hard } });
  await clock.settle();
}

function breakThings(
  { cluster, random, invariants, story }: World,
  nodes: readonly { readonly nodeName: string }[],
): void {
  invariants.calm = false;
  const steps = chaosSchedule({
    random,
    nodes: nodes.map(({ nodeName }) => nodeName),
    duration: 600_000,
    longest: 400_000,
  });
  runChaos(cluster.client, cluster.clock, steps, (text) => story.push(text));
}

/** Requests may fail, by faults or since they make no sense; that is no fault of the cluster. */
async function attempt(world: World): Promise<void> {
  try {
    await doSomething(world);
  } catch (error) {
    const connection = error instanceof Error && 'code' in error;
    if (!(error instanceof StatusError) && !connection) throw error;
    world.story.push(`  failed: ${error.message}`);
  }
}
