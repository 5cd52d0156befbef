import type { Chart } from '../../chart/chart.ts';
import type { ChartFolder } from '../chart-folder.ts';
import type { LintFindings } from '../lint-message.ts';
import { messageOf } from '../message-of.ts';

/** What is declared must be in charts/, and the other way round. helm: rules/dependencies.go. */
export async function lintDependencies(folder: ChartFolder, findings: LintFindings): Promise<void> {
  let chart: Chart;
  try {
    chart = await folder.load();
  } catch (error) {
    findings.check('ERROR', '', `unable to load chart\n\t${messageOf(error)}`);
    return;
  }
  const declared = chart.metadata.dependencies ?? [];
  const names = declared.map((dependency) => dependency.name);
  const present = chart.subcharts.map((subchart) => subchart.metadata.name);
  const check = (severity: 'ERROR' | 'WARNING', text: string, faults: readonly string[]): void => {
    findings.check(severity, folder.directory, faults.length === 0 ? undefined : `${text}: ${faults.join(',')}`);
  };
  const isMissing = (list: readonly string[]) => (name: string) => !list.includes(name);
  check('ERROR', 'chart metadata is missing these dependencies', present.filter(isMissing(names)));
  const keys = declared.map(({ name, alias = '' }) => (alias === '' ? name : alias));
  check(
    'ERROR',
    'multiple dependencies with name or alias',
    keys.filter((key, i) => keys.indexOf(key) < i),
  );
  check('WARNING', 'chart directory is missing these dependencies', names.filter(isMissing(present)));
}
