import { newObject } from '../base/json.ts';
import type { Chart, ChartDependency, ChartMaintainer } from '../chart/chart.ts';
import { STRING_MAP } from '../gotemplate/runtime/go-type.ts';
import { GoTyped } from '../gotemplate/runtime/go-value.ts';

/**
 * The value of `.Chart`: Chart.yaml with the names of Go's fields, absent ones empty.
 * helm: pkg/chart/common.go, structToMap.
 */
export function chartValues({ metadata }: Chart, isRoot: boolean): Record<string, unknown> {
  return Object.assign(newObject(), {
    Name: metadata.name,
    Home: metadata.home ?? '',
    Sources: [...(metadata.sources ?? [])],
    Version: metadata.version,
    Description: metadata.description ?? '',
    Keywords: [...(metadata.keywords ?? [])],
    Maintainers: (metadata.maintainers ?? []).map(maintainer),
    Icon: metadata.icon ?? '',
    APIVersion: metadata.apiVersion,
    Condition: metadata.condition ?? '',
    Tags: metadata.tags ?? '',
    AppVersion: metadata.appVersion ?? '',
    Deprecated: metadata.deprecated ?? false,
    Annotations: new GoTyped(
      STRING_MAP,
      metadata.annotations === undefined ? null : Object.assign(newObject(), metadata.annotations),
    ),
    KubeVersion: metadata.kubeVersion ?? '',
    Dependencies: (metadata.dependencies ?? []).map(dependency),
    Type: metadata.type ?? '',
    IsRoot: isRoot,
  });
}

function maintainer({ name = '', email = '', url = '' }: ChartMaintainer): Record<string, unknown> {
  return Object.assign(newObject(), { Name: name, Email: email, URL: url });
}

function dependency(each: ChartDependency): Record<string, unknown> {
  return Object.assign(newObject(), {
    Name: each.name,
    Version: each.version ?? '',
    Repository: each.repository ?? '',
    Condition: each.condition ?? '',
    Tags: [...(each.tags ?? [])],
    Enabled: each.enabled ?? false,
    ImportValues: [...(each['import-values'] ?? [])],
    Alias: each.alias ?? '',
  });
}
