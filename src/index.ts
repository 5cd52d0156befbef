/**
 * Pintle as a library: charts, releases and a simulated cluster. Everything here is documented where it is defined.
 *
 * @packageDocumentation
 */
export { PintleError, type ErrorCode } from './base/errors.ts';
export type { SourceLocation } from './base/source.ts';
export { type Clock, sleep } from './base/clock.ts';
export { VirtualClock, type VirtualClockOptions } from './base/virtual-clock.ts';
export { type Random, SeededRandom } from './base/random.ts';
export { type Logger, type LogLevel, silentLogger } from './base/logger.ts';

export type { Chart, ChartFile, ChartMetadata } from './chart/chart.ts';
export { loadChart, loadChartArchive } from './chart/load-chart.ts';
export { loadChartFiles, type LoadChartOptions } from './chart/load-chart-files.ts';
export { mergeValues, type ValueSources } from './values/merge-values.ts';
export { coalesceForRender, type CoalescedChart, type CoalesceOptions } from './values/coalesce-for-render.ts';
export { renderChart, type RenderInput, type RenderResult } from './render/render-chart.ts';
export { type Capabilities, defaultCapabilities } from './render/capabilities.ts';

export type { KubeList, KubeObject, ObjectKey, ResourceType } from './kube/object.ts';
export { RESOURCES } from './kube/resources.ts';
export { StatusError } from './kube/status-error.ts';
export type { KubeClient, Watch, WatchEvent, WatchObserver } from './client/kube-client.ts';

export type { Release, ReleaseStatus } from './release/release.ts';
export type { ReleaseDriver } from './release/release-driver.ts';
export { ReleaseStore, type ReleaseStoreOptions } from './release/store.ts';
export { createConfigMapDriver } from './release/configmap-driver.ts';
export { createSecretDriver } from './release/secret-driver.ts';
export { MemoryDriver } from './release/memory-driver.ts';

export type { ActionContext, DryRun, OperationOptions } from './actions/context.ts';
export { install, type InstallOptions } from './actions/install.ts';
export { upgrade, type UpgradeOptions } from './actions/upgrade.ts';
export { rollback, type RollbackOptions } from './actions/rollback.ts';
export { uninstall, type UninstallOptions, type UninstallResult } from './actions/uninstall.ts';
export { testRelease, type TestOptions, type TestResult } from './actions/test-release.ts';
export { templateChart, type TemplateOptions } from './actions/template-chart.ts';

export {
  Cluster,
  type CreateOptions,
  type LibraryServeOptions,
  type RequestOptions,
  type ServedAt,
} from './embed/cluster.ts';
export type { Hop, RequestFailure, RequestOutcome, RequestTrace } from './cluster/network/hops.ts';
export type { AdvanceOptions, ClusterOptions } from './cluster/cluster.ts';
export {
  createCatalogue,
  parseCatalogue,
  type CatalogueOptions,
  type ImageCatalogue,
} from './cluster/kubelet/images/catalogue.ts';
export { parseNodes } from './cluster/nodes/read-nodes.ts';
export {
  parseSchedulerConfiguration,
  readSchedulerConfiguration,
} from './cluster/scheduler/profiles/read-configuration.ts';
export type { SchedulerConfiguration } from './cluster/scheduler/profiles/settings.ts';
export type { NodePlan, NodePool } from './cluster/nodes/node-pool.ts';
export type { NodeOptions } from './cluster/kubelet/kubelet.ts';
export type { ActiveFault, ApiFailure, Fault } from './cluster/faults/fault.ts';
export { clearFaults, injectFault, listFaults } from './cluster/faults/fault-store.ts';
export { chaosSchedule, type ChaosOptions, type ChaosStep, runChaos } from './cluster/faults/chaos.ts';
export { MemoryStore } from './cluster/store/memory-store.ts';
export { openLmdbStore } from './cluster/store/lmdb-store.ts';
export type { Store } from './cluster/store/store.ts';
