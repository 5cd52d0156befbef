import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeDefinitionsChart, writeLargeChart } from './charts.mjs';

/**
 * What is measured. A case runs two commands in turn; `ours` and `theirs` are argument lists of pintle and of the real tool. `charts`
 * are made before by the real `helm create`, or by `make`. Paths are relative to the repository; `{work}` is a temporary folder.
 */
export const cases = [
  {
    name: 'cold start: version',
    ours: ['version'],
    theirs: ['helm', 'version'],
  },
  {
    name: 'template: the chart that helm create makes',
    create: ['demo'],
    ours: ['template', 'x', '{work}/demo'],
    theirs: ['helm', 'template', 'x', '{work}/demo'],
  },
  {
    name: 'template: charts/guestbook',
    ours: ['template', 'x', 'charts/guestbook'],
    theirs: ['helm', 'template', 'x', 'charts/guestbook'],
  },
  {
    name: 'template: charts/reports',
    ours: ['template', 'x', 'charts/reports'],
    theirs: ['helm', 'template', 'x', 'charts/reports'],
  },
  {
    name: 'template: a monitoring stack of 145 templates',
    make: { large: writeLargeChart },
    ours: ['template', 'x', '{work}/large'],
    theirs: ['helm', 'template', 'x', '{work}/large'],
  },
  {
    name: 'template: 1.9 MB of custom resource definitions',
    make: { definitions: writeDefinitionsChart },
    ours: ['template', 'x', '{work}/definitions'],
    theirs: ['helm', 'template', 'x', '{work}/definitions'],
  },
  {
    name: 'install and rollout of 100 replicas on a new embedded cluster (no peer: helm needs a cluster)',
    create: ['demo'],
    ours: ['install', 'x', '{work}/demo', '--set', 'replicaCount=100', '--wait'],
    fresh: true,
    runs: 5,
  },
];

/** Public charts that most people have seen, if a folder has them; folders may be called after where the charts come from. */
export function publicCases(folder) {
  return ['kube-prometheus-stack', 'argo-cd'].flatMap((name) => {
    const found = readdirSync(folder).find((each) => each === name || each.endsWith(`__${name}`));
    if (found === undefined || !existsSync(join(folder, found, 'Chart.yaml'))) return [];
    const args = ['template', 'x', join(folder, found)];
    return [{ name: `template: ${name}`, ours: args, theirs: ['helm', ...args] }];
  });
}
