import type { ActionContext } from '../../src/actions/context.ts';
import type { Chart } from '../../src/chart/chart.ts';
import type { RehearsedOperation } from '../../src/rehearse/operation.ts';
import { rehearse } from '../../src/rehearse/rehearse.ts';
import type { Rehearsal } from '../../src/rehearse/rehearsal.ts';
import type { UpgradeOptions } from '../../src/actions/upgrade.ts';
import { installDefaults, releaseActions, upgradeDefaults } from '../actions/release-world.ts';
import { chartOf } from '../support/chart-of.ts';
import { type EmbeddedCluster, embeddedCluster, type EmbeddedOptions } from '../support/embedded-cluster.ts';

/** A shop whose pods take four seconds to answer and two to stop. */
const SHOP = `apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  replicas: {{ .Values.replicas }}
  strategy: {rollingUpdate: {maxUnavailable: {{ .Values.maxUnavailable }}, maxSurge: {{ .Values.maxSurge }}}}
  selector: {matchLabels: {app: shop}}
  template:
    metadata:
      labels: {app: shop}
      annotations: {pintle.dev/behaviour: '{"startMillis": 4000, "stopMillis": 2000}'}
    spec:
      containers:
        - name: shop
          image: {{ .Values.image }}
          ports: [{containerPort: 80}]
          readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 2}
          resources: {requests: {cpu: {{ .Values.cpu | quote }}, memory: 256Mi}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: {{ .Release.Name }}}
spec:
  minAvailable: {{ .Values.minAvailable }}
  selector: {matchLabels: {app: shop}}
`;

const VALUES = {
  image: 'shop/web:1',
  replicas: 4,
  cpu: '500m',
  maxUnavailable: 1,
  maxSurge: 1,
  minAvailable: 3,
};

/** The chart of the stories, with more templates. */
export function shopChart(more: Readonly<Record<string, string>> = {}): Promise<Chart> {
  return chartOf({
    'values.yaml': JSON.stringify(VALUES),
    'templates/shop.yaml': SHOP,
    ...more,
  });
}

/** A cluster in which the release `web` of a chart is installed and ready. */
export interface RehearsalStage {
  readonly embedded: EmbeddedCluster;
  readonly context: ActionContext;
  readonly chart: Chart;
  /** Rehearses an upgrade with values. */
  upgrade(values: Readonly<Record<string, unknown>>, options?: Partial<UpgradeOptions>): Promise<Rehearsal>;
  rehearse(operation: RehearsedOperation): Promise<Rehearsal>;
}

export async function rehearsalStage(
  options: EmbeddedOptions & { readonly chart?: Chart; readonly values?: Readonly<Record<string, unknown>> } = {},
): Promise<RehearsalStage> {
  const embedded = await embeddedCluster(options);
  const context = embedded.context();
  const chart = options.chart ?? (await shopChart());
  const { values = {} } = options;
  await releaseActions(context).install(chart, { wait: true, values });
  await embedded.advance(60_000);
  return {
    embedded,
    context,
    chart,
    rehearse: (operation) => rehearse(context, operation),
    upgrade: (changed, more) =>
      rehearse(context, {
        verb: 'upgrade',
        options: upgradeDefaults(chart, { values: { ...values, ...changed }, ...more }),
        install: installDefaults(chart, { values: changed }),
      }),
  };
}
