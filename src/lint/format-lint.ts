import type { ChartLint } from './lint-chart.ts';
import type { LintReport } from './lint-charts.ts';
import { formatLintMessage } from './lint-message.ts';

/** A report as text. */
export interface LintText {
  /** Every chart with its findings, then the summary if no chart fails. */
  readonly text: string;
  /** `2 chart(s) linted, 1 chart(s) failed`: the message of the error if a chart fails. */
  readonly summary: string;
}

export interface FormatLintOptions {
  /** `--quiet`: only warnings and errors. */
  readonly quiet?: boolean;
}

/** A report to the letter as `helm lint` prints it. */
export function formatLint(report: LintReport, options: FormatLintOptions = {}): LintText {
  const quiet = options.quiet === true;
  let text = '';
  for (const chart of report.charts) if (!quiet || hasFaults(chart)) text += chartText(chart, quiet);
  const summary = `${report.charts.length} chart(s) linted, ${report.failed} chart(s) failed`;
  if (report.failed === 0 && (!quiet || report.charts.some(hasFaults))) text += `${summary}\n`;
  return { text, summary };
}

function hasFaults(chart: ChartLint): boolean {
  return chart.errors.length > 0 || chart.messages.some((message) => message.severity !== 'INFO');
}

function chartText(chart: ChartLint, quiet: boolean): string {
  let text = `==> Linting ${chart.path}\n`;
  if (chart.messages.length === 0) for (const error of chart.errors) text += `Error ${error}\n`;
  for (const message of chart.messages) {
    if (!quiet || message.severity !== 'INFO') text += `${formatLintMessage(message)}\n`;
  }
  return `${text}\n`;
}
