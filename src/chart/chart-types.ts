import type { GoShape, GoStruct } from './decode-struct.ts';

const STRING: GoShape = { kind: 'string' };
const BOOL: GoShape = { kind: 'bool' };

/** The one field by which Helm tells the versions of the format apart. */
export const CHART_BASE: GoStruct = {
  kind: 'struct',
  name: 'chartBase',
  goType: 'loader.chartBase',
  fields: { apiVersion: STRING },
};

const MAINTAINER: GoStruct = {
  kind: 'struct',
  name: 'Maintainer',
  goType: 'v2.Maintainer',
  fields: { name: STRING, email: STRING, url: STRING },
};

const DEPENDENCY: GoStruct = {
  kind: 'struct',
  name: 'Dependency',
  goType: 'v2.Dependency',
  fields: {
    name: STRING,
    version: STRING,
    repository: STRING,
    condition: STRING,
    tags: list(STRING, '[]string'),
    enabled: BOOL,
    'import-values': list({ kind: 'any' }, '[]interface {}'),
    alias: STRING,
  },
};

const DEPENDENCIES = list(DEPENDENCY, '[]*v2.Dependency');

/** Chart.yaml, and the part of it that requirements.yaml is. */
export const METADATA: GoStruct = {
  kind: 'struct',
  name: 'Metadata',
  goType: 'v2.Metadata',
  fields: {
    name: STRING,
    home: STRING,
    sources: list(STRING, '[]string'),
    version: STRING,
    description: STRING,
    keywords: list(STRING, '[]string'),
    maintainers: list(MAINTAINER, '[]*v2.Maintainer'),
    icon: STRING,
    apiVersion: STRING,
    condition: STRING,
    tags: STRING,
    appVersion: STRING,
    deprecated: BOOL,
    annotations: { kind: 'map', goType: 'map[string]string' },
    kubeVersion: STRING,
    dependencies: DEPENDENCIES,
    type: STRING,
    engine: { kind: 'any' },
  },
};

/** Chart.lock and requirements.lock. */
export const LOCK: GoStruct = {
  kind: 'struct',
  name: 'Lock',
  goType: 'v2.Lock',
  fields: { generated: { kind: 'time' }, digest: STRING, dependencies: DEPENDENCIES },
};

function list(element: GoShape, goType: string): GoShape {
  return { kind: 'list', element, goType };
}
