import { newObject } from '../base/json.ts';
import { toYaml } from '../yaml/index.ts';
import { METADATA } from './chart-types.ts';
import type { ChartDependency, ChartLock, ChartMetadata } from './chart.ts';
import type { GoStruct } from './decode-struct.ts';

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

/** The metadata in the order of Helm's JSON, without empty fields. */
export function metadataFields(metadata: ChartMetadata): Record<string, unknown> {
  const full = withoutEmpty({ ...metadata, dependencies: (metadata.dependencies ?? []).map(dependencyFields) });
  return ordered(full, METADATA);
}

function ordered(value: Record<string, unknown>, shape: GoStruct): Record<string, unknown> {
  const out = newObject();
  for (const [key, field] of Object.entries(shape.fields)) {
    const part = value[key];
    if (part === undefined) continue;
    const { element } = field.kind === 'list' ? field : { element: undefined };
    const isStructs = element?.kind === 'struct' && Array.isArray(part);
    out[key] = isStructs ? part.map((each) => ordered(each as Record<string, unknown>, element)) : part;
  }
  return out;
}

/** The text of Chart.lock or requirements.lock. */
export function lockText({ generated, digest, dependencies }: ChartLock): string {
  return toYaml({ generated, digest, dependencies: dependencies.map(dependencyFields) });
}

/** A dependency as it is written; the repository always is. */
export function dependencyFields(dependency: ChartDependency): Record<string, unknown> {
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
