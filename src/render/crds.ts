import type { Chart } from '../chart/chart.ts';

/** A file of a chart's `crds/` folder. */
export interface CustomResourceFile {
  /** Inside its chart: `crds/backup.yaml`. */
  readonly name: string;
  /** From the root of the chart tree: `web/charts/db/crds/backup.yaml`. */
  readonly filename: string;
  readonly data: Uint8Array;
}

/** The custom resource definitions of a chart, then those of its subcharts. helm: Chart.CRDObjects. */
export function collectCrds(chart: Chart, path = chart.metadata.name): CustomResourceFile[] {
  const own = chart.raw
    .filter(({ name }) => name.startsWith('crds/') && /\.(?:ya?ml|json)$/i.test(name))
    .map(({ name, data }) => ({ name, filename: `${path}/${name}`, data }));
  return [...own, ...chart.subcharts.flatMap((child) => collectCrds(child, `${path}/charts/${child.metadata.name}`))];
}
