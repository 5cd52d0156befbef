import { crdObjects } from '../../chart/crds.ts';
import type { Chart } from '../../chart/chart.ts';
import type { ChartFolder } from '../chart-folder.ts';
import type { LintFindings } from '../lint-message.ts';
import { manifestHeads } from '../manifest-head.ts';
import { messageOf } from '../message-of.ts';

const FOLDER = 'crds/';

/** What lies in crds/ must be custom resource definitions, and no templates. helm: rules/crds.go. */
export async function lintCrds(folder: ChartFolder, findings: LintFindings): Promise<void> {
  const kind = folder.kind('crds');
  if (kind === undefined) return;
  if (!findings.check('ERROR', FOLDER, kind === 'folder' ? undefined : 'not a directory')) return;
  let chart: Chart;
  try {
    chart = await folder.load();
  } catch (error) {
    findings.check('ERROR', FOLDER, messageOf(error));
    return;
  }
  for (const file of crdObjects(chart)) {
    try {
      for (const head of manifestHeads(file.text)) {
        if (head === undefined) continue;
        const isDefinition = head.apiVersion.startsWith('apiextensions.k8s.io');
        findings.check('ERROR', file.name, isDefinition ? undefined : "apiVersion is not in 'apiextensions.k8s.io'");
        const isKind = head.kind === 'CustomResourceDefinition';
        findings.check('ERROR', file.name, isKind ? undefined : "object kind is not 'CustomResourceDefinition'");
      }
    } catch (error) {
      findings.check('ERROR', file.name, `unable to parse YAML: ${messageOf(error)}`);
      return;
    }
  }
}
