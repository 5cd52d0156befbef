import { kubeVersionFlag } from '../actions/template-chart.ts';
import { PintleError } from '../base/errors.ts';
import { formatLint } from '../lint/format-lint.ts';
import { lintCharts } from '../lint/lint-charts.ts';
import { userValues } from './chart-input.ts';
import type { LimitFlags, ValueFlags } from './flags.ts';
import type { Io } from './io.ts';
import { fetchSchema, templateLimits } from './render-hooks.ts';
import { type GlobalOptions, namespaceOf } from './settings.ts';
import { systemRandom } from './system-random.ts';

/** The flags of lint. */
export interface LintFlags extends GlobalOptions, ValueFlags, LimitFlags {
  readonly strict?: boolean;
  readonly withSubcharts?: boolean;
  readonly quiet?: boolean;
  readonly skipSchemaValidation?: boolean;
  readonly kubeVersion?: string;
}

/** Checks charts and prints what Helm prints. @throws PintleError `lint-failed` */
export async function runLint(io: Io, paths: readonly string[], flags: LintFlags): Promise<void> {
  const values = await userValues(io, flags);
  const report = await lintCharts(paths, values, {
    namespace: namespaceOf(io, flags),
    strict: flags.strict === true,
    withSubcharts: flags.withSubcharts === true,
    skipSchemaValidation: flags.skipSchemaValidation === true,
    kubeVersion: flags.kubeVersion === undefined ? undefined : kubeVersionFlag(flags.kubeVersion),
    limits: templateLimits(flags),
    ...(flags.allowRemoteSchemas === true ? { fetchSchema } : {}),
    clock: { now: () => io.now() },
    random: systemRandom,
    warn: (message) => io.stderr(`${message}\n`),
  });
  const { text, summary } = formatLint(report, { quiet: flags.quiet === true });
  io.stdout(text);
  if (report.failed > 0) throw new PintleError('lint-failed', summary);
}
