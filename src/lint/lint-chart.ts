import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { TemplateLimits } from '../base/template-engine.ts';
import type { KubeVersion } from '../render/capabilities.ts';
import type { FetchSchema } from '../values/check-schemas.ts';
import { type ChartFolder, openChartFolder } from './chart-folder.ts';
import { LintFindings, type LintMessage } from './lint-message.ts';
import { messageOf } from './message-of.ts';
import { lintChartfile } from './rules/chartfile.ts';
import { lintCrds } from './rules/crds.ts';
import { lintDependencies } from './rules/dependencies.ts';
import { lintTemplates } from './rules/templates.ts';
import { lintValues } from './rules/values.ts';

/** How charts are checked. */
export interface LintOptions {
  /** For templates. */
  readonly namespace: string;
  /** `--strict`: a warning makes the chart fail. */
  readonly strict?: boolean;
  /** `--kube-version`: for capabilities and deprecations. */
  readonly kubeVersion?: KubeVersion | undefined;
  readonly skipSchemaValidation?: boolean;
  /** Reads schemas that values.schema.json names by URL; absent: such schemas are refused. */
  readonly fetchSchema?: FetchSchema | undefined;
  /** What templates may take; default: `DEFAULT_TEMPLATE_LIMITS`. */
  readonly limits?: TemplateLimits | undefined;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
  /** Hears what `required` and `fail` say in templates. */
  readonly warn?: (message: string) => void;
}

/** What was found in one chart. */
export interface ChartLint {
  /** As the user named it. */
  readonly path: string;
  readonly messages: readonly LintMessage[];
  /** What makes it fail; empty if it passes. */
  readonly errors: readonly string[];
}

/**
 * Checks one chart, a folder or an archive. Never throws for what is wrong with the chart.
 * helm: pkg/action/lint.go, pkg/chart/v2/lint/lint.go.
 *
 * @param values the user's, merged
 */
export async function lintChart(
  path: string,
  values: Readonly<Record<string, unknown>>,
  options: LintOptions,
): Promise<ChartLint> {
  let folder: ChartFolder;
  try {
    folder = await openChartFolder(path);
  } catch (error) {
    return { path, messages: [], errors: [messageOf(error)] };
  }
  const findings = new LintFindings();
  const skipSchemaValidation = options.skipSchemaValidation === true;
  lintChartfile(folder, findings);
  await lintValues(folder, findings, { values, skipSchemaValidation, fetchSchema: options.fetchSchema });
  await lintTemplates(folder, findings, {
    values,
    namespace: options.namespace,
    kubeVersion: options.kubeVersion,
    skipSchemaValidation,
    fetchSchema: options.fetchSchema,
    limits: options.limits,
    clock: options.clock,
    random: options.random,
    warn: options.warn ?? (() => {}),
  });
  await lintDependencies(folder, findings);
  await lintCrds(folder, findings);
  const { messages } = findings;
  const counts = (message: LintMessage): boolean =>
    message.severity === 'ERROR' || (options.strict === true && message.severity === 'WARNING');
  return { path, messages, errors: messages.filter(counts).map((message) => message.message) };
}
