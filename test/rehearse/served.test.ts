import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { ActionContext } from '../../src/actions/context.ts';
import type { UpgradeOptions } from '../../src/actions/upgrade.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { HttpKubeClient } from '../../src/client/http/http-kube-client.ts';
import { readKubeconfig } from '../../src/client/http/kubeconfig.ts';
import { NodeTransport } from '../../src/client/http/node-transport.ts';
import type { Chart } from '../../src/chart/chart.ts';
import { Observer } from '../../src/rehearse/observer.ts';
import { rehearse } from '../../src/rehearse/rehearse.ts';
import type { TimelineEvent } from '../../src/rehearse/rehearsal.ts';
import { createSecretDriver } from '../../src/release/secret-driver.ts';
import { ReleaseStore } from '../../src/release/store.ts';
import { upgrade } from '../../src/actions/upgrade.ts';
import { releaseActions, upgradeDefaults } from '../actions/release-world.ts';
import { type ServedFixture, serveForTest, wallClock } from '../cluster/http/served.ts';
import { shopChart } from './stage.ts';

/** So slow that an answer's way takes no second of the cluster's, and ten minutes pass while the test waits. */
const SPEED = 300;

let fixture: ServedFixture;
let client: HttpKubeClient;
afterEach(async () => {
  client.close();
  await fixture.close();
});

/** What actions work with when the cluster is reached over HTTPS, as another program does. */
async function remoteContext(): Promise<ActionContext> {
  fixture = await serveForTest({ speed: SPEED });
  const text = readFileSync(fixture.kubeconfig, 'utf8');
  const access = readKubeconfig([{ path: fixture.kubeconfig, text }], undefined);
  const transport = new NodeTransport(access, { env: {}, now: () => Date.now() });
  client = new HttpKubeClient({ transport, clock: wallClock, description: 'served' });
  const namespace = 'default';
  const driver = createSecretDriver({ client, clock: wallClock, namespace, logger: silentLogger });
  return {
    client,
    clock: wallClock,
    logger: silentLogger,
    namespace,
    store: new ReleaseStore(driver),
    random: new SeededRandom(1),
    exclusive: false,
  };
}

/**
 * What pods and budgets went through, in order; lines of one instant in the order of their texts. Which of two pods that are alike
 * has to go is chance.
 */
function story(timeline: readonly TimelineEvent[]): string[] {
  return timeline
    .filter(({ kind }) => kind === 'pods' || kind === 'budget')
    .toSorted(
      (a, b) => a.at - b.at || a.text.replace(/ (old|new) /, ' ').localeCompare(b.text.replace(/ (old|new) /, ' ')),
    )
    .map(({ subject, text }) => `${subject}: ${text.split(':')[0]?.replace(/ (old|new) /, ' ') ?? ''}`);
}

interface Case {
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly options?: Partial<UpgradeOptions>;
  readonly outcome: string;
}

const CASES: readonly Case[] = [
  { name: 'fits', values: { image: 'shop/web:2' }, outcome: 'succeeds' },
  { name: 'more replicas', values: { image: 'shop/web:2', replicas: 9 }, outcome: 'succeeds' },
  { name: "breaks a budget's promise", values: { image: 'shop/web:2', maxUnavailable: 3 }, outcome: 'succeeds' },
  { name: 'cannot be placed', values: { cpu: '9' }, options: { timeout: 1_200_000 }, outcome: 'wait-failed' },
  {
    name: 'no such image',
    values: { image: 'registry.invalid/web:2' },
    options: { timeout: 1_200_000 },
    outcome: 'wait-failed',
  },
];

describe('predictions, and what then happens', () => {
  it.each(CASES)('$name', async ({ values, options, outcome }) => {
    const context = await remoteContext();
    const chart: Chart = await shopChart();
    await releaseActions(context).install(chart, { wait: true });
    await fixture.embedded.advance(60_000);
    const request = upgradeDefaults(chart, { values, wait: true, ...options });

    const predicted = await rehearse(context, { verb: 'upgrade', options: request });

    const { client: inside, clock } = fixture.embedded.cluster;
    const observer = new Observer(inside, clock, new Set(['default']));
    await observer.start();
    let happened = 'succeeds';
    try {
      await upgrade(context, request);
    } catch (error) {
      happened = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    }
    const until = observer.now;
    await fixture.embedded.advance(10_000);
    observer.stop();
    const actual = observer.results(() => true, until);

    expect(happened).toBe(outcome);
    expect(predicted.failure?.code ?? 'succeeds').toBe(happened);
    // What follows a failure is the undoing, which was not asked for.
    const { timeline, succeeds } = predicted;
    const expected = story(
      succeeds
        ? timeline
        : timeline.slice(
            0,
            timeline.findIndex(({ kind }) => kind === 'end'),
          ),
    );
    expect(expected.length).toBeGreaterThan(2);
    expect(story(actual.timeline).slice(0, expected.length)).toEqual(expected);
    expect(actual.budgets.map(({ breached, least }) => ({ breached, least }))).toEqual(
      predicted.budgets.map(({ breached, least }) => ({ breached, least })),
    );
    expect(actual.unplaced.length).toBe(predicted.unplaced.length);
  });
});
