import type { ActionContext, OperationOptions } from '../../src/actions/context.ts';
import { install, type InstallOptions } from '../../src/actions/install.ts';
import { rollback, type RollbackOptions } from '../../src/actions/rollback.ts';
import { uninstall, type UninstallOptions, type UninstallResult } from '../../src/actions/uninstall.ts';
import { upgradeOrInstall } from '../../src/actions/upgrade-or-install.ts';
import { upgrade, type UpgradeOptions } from '../../src/actions/upgrade.ts';
import { SeededRandom } from '../../src/base/random.ts';
import type { Chart } from '../../src/chart/chart.ts';
import { createConfigMapDriver } from '../../src/release/configmap-driver.ts';
import type { Release } from '../../src/release/release.ts';
import { ReleaseStore } from '../../src/release/store.ts';
import { type LightCluster, lightCluster } from '../deploy/light-cluster.ts';
import { chartOf } from '../support/chart-of.ts';

/** Actions on a light cluster, with the options that a case does not name left at the command line's defaults. */
export interface ReleaseWorld extends ReleaseActions {
  readonly cluster: LightCluster;
}

/** The actions on one release, `web`. */
export interface ReleaseActions {
  readonly context: ActionContext;
  install(chart: Chart, options?: Partial<InstallOptions>): Promise<Release>;
  upgrade(chart: Chart, options?: Partial<UpgradeOptions>): Promise<Release>;
  /** `upgrade --install` */
  upgradeOrInstall(chart: Chart): Promise<Release>;
  rollback(revision: number, options?: Partial<RollbackOptions>): Promise<Release>;
  uninstall(options?: Partial<UninstallOptions>): Promise<UninstallResult>;
  /** Every revision as `1 superseded: Install complete`. */
  history(): Promise<string[]>;
}

const OPERATION: OperationOptions = {
  timeout: 300_000,
  wait: false,
  waitForJobs: false,
  noHooks: false,
  serverSide: 'auto',
  forceConflicts: false,
  forceReplace: false,
};

/** Starts a world in which one release, `web`, is worked on. */
export async function releaseWorld(
  change: { readonly exclusive?: boolean; readonly maxHistory?: number; readonly namespace?: string } = {},
): Promise<ReleaseWorld> {
  const cluster = await lightCluster();
  cluster.react();
  const { client, clock, logger } = cluster;
  const namespace = change.namespace ?? 'default';
  const driver = createConfigMapDriver({ client, clock, namespace, logger });
  const context: ActionContext = {
    client,
    clock,
    logger,
    namespace,
    store: new ReleaseStore(driver, { maxHistory: change.maxHistory ?? 0 }),
    random: new SeededRandom(1),
    exclusive: change.exclusive ?? true,
  };
  return { cluster, ...releaseActions(context) };
}

/** How the command line installs `web`. */
export function installDefaults(chart: Chart, options: Partial<InstallOptions> = {}): InstallOptions {
  return {
    ...OPERATION,
    serverSide: 'true',
    name: 'web',
    chart,
    values: {},
    createNamespace: false,
    dryRun: 'none',
    atomic: false,
    replace: false,
    skipCrds: false,
    skipSchemaValidation: false,
    renderSubchartNotes: false,
    takeOwnership: false,
    ...options,
  };
}

/** How the command line upgrades `web`. */
export function upgradeDefaults(chart: Chart, options: Partial<UpgradeOptions> = {}): UpgradeOptions {
  return {
    ...OPERATION,
    name: 'web',
    chart,
    values: {},
    dryRun: 'none',
    atomic: false,
    cleanupOnFail: false,
    reuse: 'default',
    skipSchemaValidation: false,
    renderSubchartNotes: false,
    takeOwnership: false,
    ...options,
  };
}

/** Actions with the options that a case does not name left at the command line's defaults. */
export function releaseActions(context: ActionContext): ReleaseActions {
  const name = 'web';
  return {
    context,
    install: (chart, options) => install(context, installDefaults(chart, options)),
    upgrade: (chart, options) => upgrade(context, upgradeDefaults(chart, options)),
    upgradeOrInstall: async (chart) =>
      (await upgradeOrInstall(context, { upgrade: upgradeDefaults(chart), install: installDefaults(chart) })).release,
    rollback: (revision, options = {}) =>
      rollback(context, { ...OPERATION, name, revision, dryRun: false, cleanupOnFail: false, ...options }),
    uninstall: (options = {}) =>
      uninstall(context, {
        name,
        timeout: 300_000,
        noHooks: false,
        keepHistory: false,
        wait: true,
        cascade: 'background',
        ...options,
      }),
    history: async () =>
      (await context.store.historyOrEmpty(name)).map(
        ({ version, info }) => `${version} ${info.status}: ${(info.description ?? '').split('\n')[0] ?? ''}`,
      ),
  };
}

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - {name: web, image: {{ .Values.image | quote }}}
`;

const CONFIG = `{{- range $name, $data := .Values.maps }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ $name }}
data: {{ toJson $data }}
{{- end }}
`;

const NOTES = 'Revision {{ .Release.Revision }}{{ if .Release.IsUpgrade }}, upgraded{{ end }}.\n';

/** A chart with a Deployment and ConfigMaps, all by its values. */
export function sampleChart(values = '', files: Readonly<Record<string, string>> = {}): Promise<Chart> {
  return chartOf({
    'values.yaml': `replicas: 2\nimage: nginx:1\nmaps: {a: {x: "1"}}\n${values}`,
    'templates/web.yaml': DEPLOYMENT,
    'templates/config.yaml': CONFIG,
    'templates/NOTES.txt': NOTES,
    ...files,
  });
}

/** A Job as a hook. */
export function hookJob(name: string, events: string, annotations = ''): string {
  return `apiVersion: batch/v1
kind: Job
metadata:
  name: ${name}
  annotations:
    helm.sh/hook: ${events}
${annotations}spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: busybox}]
`;
}
