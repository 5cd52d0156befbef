import { newObject } from '../base/json.ts';
import { toYaml } from '../yaml/index.ts';
import type { ChartDependency, ChartLock, ChartMetadata } from './chart.ts';

/**
 * The text of Chart.yaml. Empty fields are left out, and so are the dependencies of charts of version 1, which stand in
 * requirements.yaml. helm: chartutil.SaveChartfile.
 */
export function metadataText(metadata: ChartMetadata): string {
  const { dependencies, ...rest } = metadata;
  const out = withoutEmpty(rest);
  if (metadata.apiVersion !== 'v1' && dependencies !== undefined && dependencies.length > 0) {
    out['dependencies'] = dependencies.map(dependencyFields);
  }
  return toYaml(out);
}

/** The text of Chart.lock or requirements.lock. */
export function lockText({ generated, digest, dependencies }: ChartLock): string {
  return toYaml({ generated, digest, dependencies: dependencies.map(dependencyFields) });
}

/** A dependency as it is written; the repository always is. */
function dependencyFields(dependency: ChartDependency): Record<string, unknown> {
  const { name, repository = '', ...rest } = dependency;
  return { name, repository, ...withoutEmpty(rest) };
}

function withoutEmpty(fields: object): Record<string, unknown> {
  const out = newObject();
  for (const [key, value] of Object.entries(fields) as [string, unknown][]) {
    if (value === undefined || value === null || value === '' || value === false) continue;
    if (typeof value === 'object' && Object.keys(value).length === 0) continue;
    out[key] = value;
  }
  return out;
}
