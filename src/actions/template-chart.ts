import type { Clock } from '../base/clock.ts';
import { PintleError } from '../base/errors.ts';
import { type Logger, silentLogger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Chart } from '../chart/chart.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { defaultCapabilities, parseKubeVersion, type Capabilities } from '../render/capabilities.ts';
import type { RenderResult } from '../render/render-chart.ts';
import { checkReleaseName } from './release-name.ts';
import { clusterCapabilities, renderRelease, type RenderHooks } from './render-release.ts';

/** What a chart is rendered with, without installing it. */
export interface TemplateOptions {
  readonly name: string;
  readonly namespace: string;
  readonly chart: Chart;
  readonly values: Readonly<Record<string, unknown>>;
  readonly isUpgrade: boolean;
  /** `--kube-version` */
  readonly kubeVersion?: string | undefined;
  /** `--api-versions` */
  readonly apiVersions: readonly string[];
  readonly skipSchemaValidation: boolean;
  readonly renderSubchartNotes: boolean;
  readonly clock: Clock;
  readonly random: Random;
  /** Capabilities and lookups come from it (`--dry-run=server`). */
  readonly client?: KubeClient | undefined;
  readonly lookupHost?: ((name: string) => readonly string[]) | undefined;
  readonly renderHooks?: RenderHooks | undefined;
  /** Gets warnings about values; default: nobody. */
  readonly logger?: Logger | undefined;
}

/**
 * Renders a chart as `helm template` does.
 *
 * @throws PintleError `usage`, `release-name`, and what rendering throws
 */
export async function templateChart(options: TemplateOptions): Promise<RenderResult> {
  checkReleaseName(options.name);
  return await renderRelease(
    {
      namespace: options.namespace,
      clock: options.clock,
      random: options.random,
      logger: options.logger ?? silentLogger,
    },
    {
      name: options.name,
      chart: options.chart,
      values: options.values,
      revision: 1,
      isUpgrade: options.isUpgrade,
      capabilities: await capabilitiesFor(options),
      skipSchemaValidation: options.skipSchemaValidation,
      renderSubchartNotes: options.renderSubchartNotes,
      client: options.client,
      lookupHost: options.lookupHost,
      hooks: options.renderHooks,
    },
  );
}

async function capabilitiesFor(options: TemplateOptions): Promise<Capabilities> {
  if (options.client !== undefined) return await clusterCapabilities(options.client);
  const defaults = defaultCapabilities();
  return {
    ...defaults,
    apiVersions: [...defaults.apiVersions, ...options.apiVersions],
    ...(options.kubeVersion === undefined || options.kubeVersion === ''
      ? {}
      : { kubeVersion: kubeVersionFlag(options.kubeVersion) }),
  };
}

/** The value of `--kube-version`. @throws PintleError `usage` */
export function kubeVersionFlag(text: string): Capabilities['kubeVersion'] {
  try {
    return parseKubeVersion(text);
  } catch (error) {
    throw new PintleError(
      'usage',
      `invalid kube version '${text}': ${error instanceof Error ? error.message : String(error)}`,
      { hint: 'write it as v1.33.1', cause: error },
    );
  }
}
