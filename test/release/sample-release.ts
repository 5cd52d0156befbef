import type { Release, ReleaseStatus } from '../../src/release/release.ts';

/** A small release, with what a case changes. */
export function sampleRelease(
  change: { readonly [Field in keyof Release]?: Release[Field] } & { readonly status?: ReleaseStatus } = {},
): Release {
  const { status = 'deployed', ...rest } = change;
  return {
    name: 'web',
    info: {
      first_deployed: '2024-05-01T10:00:00.120Z',
      last_deployed: '2024-05-01T10:00:00Z',
      description: 'Install complete',
      status,
      notes: 'Visit <http://web>',
    },
    chart: {
      metadata: { name: 'web', version: '1.2.3', apiVersion: 'v2', appVersion: '9' },
      lock: null,
      templates: [{ name: 'templates/web.yaml', data: 'YTogMQo=' }],
      values: { replicas: 2, image: 'nginx' },
      schema: null,
      files: null,
    },
    config: { replicas: 3 },
    manifest: '---\n# Source: web/templates/web.yaml\na: 1\n',
    hooks: [
      {
        name: 'check',
        kind: 'Pod',
        path: 'web/templates/check.yaml',
        manifest: 'kind: Pod',
        events: ['test'],
        last_run: { phase: '' },
      },
    ],
    version: 1,
    namespace: 'default',
    labels: {},
    apply_method: 'ssa',
    ...rest,
  };
}
