import { gunzipSync, gzipSync } from 'node:zlib';
import type { KubeObject } from '../../src/kube/object.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import type { EmbeddedCluster } from '../support/embedded-cluster.ts';
import objects from './helm-3-objects.json' with { type: 'json' };

/** The namespace in which helm 3.17.2 wrote them. */
const HOME = 'h3';

/**
 * Puts a release of helm 3.17.2 into a namespace: its records as that helm wrote them but for the namespace in them, and the objects
 * that it left.
 */
export async function plantHelm3({ cluster }: EmbeddedCluster, release: string, namespace: string): Promise<void> {
  const own = objects.filter(({ metadata: { name } }) =>
    new RegExp(`^(?:sh\\.helm\\.release\\.v1\\.${release}\\.v\\d+|${release}-\\w+)$`).test(name),
  );
  if (own.length === 0) throw new Error(`no release ${release}`);
  for (const object of own) {
    const type = { Secret: RESOURCES.secrets, ConfigMap: RESOURCES.configMaps, Job: RESOURCES.jobs }[object.kind];
    if (type === undefined) throw new Error(`no resource of ${object.kind}`);
    await cluster.client.create(type, moved(object as Planted, namespace), { fieldManager: 'helm' });
  }
  await cluster.clock.settle();
}

type Planted = KubeObject & { readonly data?: Readonly<Record<string, string>> };

function moved({ metadata, data, ...rest }: Planted, namespace: string): KubeObject {
  const { annotations } = metadata;
  const release = data?.['release'];
  return {
    ...rest,
    metadata: {
      ...metadata,
      namespace,
      ...(annotations?.['meta.helm.sh/release-namespace'] === undefined
        ? {}
        : { annotations: { ...annotations, 'meta.helm.sh/release-namespace': namespace } }),
    },
    ...(data === undefined
      ? {}
      : { data: release === undefined ? data : { release: packed(release, namespace, rest.kind) } }),
  };
}

/** A Secret holds the base64 in base64 once more. */
function packed(release: string, namespace: string, kind: string | undefined): string {
  const inner = kind === 'Secret' ? Buffer.from(release, 'base64').toString('latin1') : release;
  const json = gunzipSync(Buffer.from(inner, 'base64')).toString('utf8');
  const text = gzipSync(json.replaceAll(`"namespace":"${HOME}"`, `"namespace":"${namespace}"`)).toString('base64');
  return kind === 'Secret' ? Buffer.from(text, 'latin1').toString('base64') : text;
}
