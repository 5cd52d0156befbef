import { decodeUtf8 } from '../base/go-string.ts';
import type { Chart } from './chart.ts';

/** A file of a chart's `crds/` folder. */
export class CustomResourceFile {
  /** Inside its chart: `crds/backup.yaml`. */
  readonly name: string;
  /** From the root of the chart tree: `web/charts/db/crds/backup.yaml`. */
  readonly filename: string;
  readonly data: Uint8Array;

  constructor(name: string, filename: string, data: Uint8Array) {
    this.name = name;
    this.filename = filename;
    this.data = data;
  }

  get text(): string {
    return decodeUtf8(this.data);
  }
}

/** The custom resource definitions of a chart, then those of its subcharts. helm: Chart.CRDObjects. */
export function crdObjects(chart: Chart, path = chart.metadata.name): CustomResourceFile[] {
  const own = chart.raw
    .filter(({ name }) => name.startsWith('crds/') && /\.(?:ya?ml|json)$/i.test(name))
    .map(({ name, data }) => new CustomResourceFile(name, `${path}/${name}`, data));
  const below = (child: Chart): string => child.fullPath ?? `${path}/charts/${child.metadata.name}`;
  return [...own, ...chart.subcharts.flatMap((child) => crdObjects(child, below(child)))];
}
