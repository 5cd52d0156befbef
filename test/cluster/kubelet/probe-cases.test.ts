import { afterEach, expect, it } from 'vitest';
import type { Container } from '../../../src/kube/api/core-v1.generated.ts';
import { type Bench, bench, summary } from './support.ts';

let current: Bench | undefined;

afterEach(() => current?.stop());

const http = { httpGet: { path: '/', port: 80 } };
/** Fails and passes again so many seconds after the start of the container. */
const failing = (...spans: readonly (readonly [number, number?])[]): string =>
  `changes: [${spans
    .flatMap(([from, to]) => [
      `{after: ${from}s, paths: {"*": 503}}`,
      ...(to === undefined ? [] : [`{after: ${to}s, paths: {}}`]),
    ])
    .join(', ')}]`;

/** What the pod looks like from each second after the container's start on at which it changes. */
async function course(container: Partial<Container>, behaviour: string, seconds: number): Promise<string[]> {
  const b: Bench = await bench();
  current = b;
  const annotations: Record<string, string> = behaviour === '' ? {} : { 'pintle.dev/behaviour.c': behaviour };
  await b.run('p', { image: 'nginx:1.27', ...container }, {}, annotations);
  // The image is there before the container starts.
  while ((await b.pod('p')).status?.containerStatuses?.[0]?.state?.running === undefined) await b.clock.advance(10);
  const seen: string[] = [];
  // Half a second later, so that what happens in a second has happened.
  await b.clock.advance(500);
  for (let second = 0; second <= seconds; second += 1) {
    const text = summary(await b.pod('p')).replace('Running c=', '');
    if (!seen.at(-1)?.endsWith(`: ${text}`)) seen.push(`${second}: ${text}`);
    await b.clock.advance(1000);
  }
  return seen;
}

// kubernetes: pkg/kubelet/prober/worker_test.go
it.each<[string, Partial<Container>, string, number, readonly string[]]>([
  ['no probes', {}, '', 5, ['0: running ready']],
  [
    'the first probe comes after the initial delay',
    { readinessProbe: { ...http, initialDelaySeconds: 10 } },
    '',
    20,
    ['0: running', '10: running ready'],
  ],
  [
    'so many failures in a row',
    { readinessProbe: { ...http, periodSeconds: 2, failureThreshold: 3 } },
    failing([9]),
    20,
    ['0: running ready', '14: running'],
  ],
  [
    'a success forgets the failures before it',
    { readinessProbe: { ...http, periodSeconds: 2, failureThreshold: 3 } },
    failing([9, 13], [15]),
    30,
    ['0: running ready', '20: running'],
  ],
  [
    'so many successes in a row',
    { readinessProbe: { ...http, periodSeconds: 2, successThreshold: 3 } },
    '',
    10,
    ['0: running', '4: running ready'],
  ],
  [
    'a failure forgets the successes before it',
    { readinessProbe: { ...http, periodSeconds: 2, successThreshold: 3, failureThreshold: 1 } },
    failing([3, 5]),
    20,
    ['0: running', '10: running ready'],
  ],
  [
    'liveness restarts, and counts anew',
    { livenessProbe: { ...http, periodSeconds: 2, failureThreshold: 2 } },
    failing([5]),
    14,
    ['0: running ready', '8: Completed(0)', '9: running/1 ready'],
  ],
  [
    'nothing else is probed before the startup probe has passed',
    {
      startupProbe: { ...http, periodSeconds: 3, failureThreshold: 10 },
      readinessProbe: { ...http, periodSeconds: 1 },
      livenessProbe: { ...http, periodSeconds: 1, failureThreshold: 1 },
    },
    failing([0, 7]),
    15,
    ['0: running', '9: running ready'],
  ],
  [
    'a startup probe that fails for too long restarts',
    { startupProbe: { ...http, periodSeconds: 2, failureThreshold: 3 } },
    failing([0]),
    6,
    ['0: running', '4: Completed(0)', '5: running/1'],
  ],
])('%s', async (_, container, behaviour, seconds, expected) => {
  expect(await course(container, behaviour, seconds)).toEqual(expected);
});
