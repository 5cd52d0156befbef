import { isObject } from '../base/json.ts';
import type { KubeClient, Watch } from '../client/kube-client.ts';
import { FAILED_WHEN, READY_PATH, READY_WHEN } from '../deploy/custom-readiness-annotations.ts';
import type { KubeObject, ResourceType } from '../kube/object.ts';
import { StatusError } from '../kube/status-error.ts';
import { parseManifest, splitManifests, toYaml } from '../yaml/index.ts';

const RULES = [READY_WHEN, FAILED_WHEN, READY_PATH];

/**
 * A manifest whose custom resources have no rules for their readiness: in a copy nobody works on them, so that they would never be
 * ready.
 *
 * @param isCustom whether a kind is one that only its definition knows
 */
export function withoutCustomRules(manifest: string, isCustom: (apiVersion: string, kind: string) => boolean): string {
  if (!RULES.some((rule) => manifest.includes(rule))) return manifest;
  return splitManifests(manifest)
    .map((text) => {
      const object = parseManifest(text, { file: 'manifest' });
      if (!isObject(object)) return text;
      const { apiVersion, kind, metadata } = object;
      if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !isCustom(apiVersion, kind)) return text;
      if (!isObject(metadata) || !isObject(metadata['annotations'])) return text;
      const annotations = Object.entries(metadata['annotations']).filter(([name]) => !RULES.includes(name));
      return toYaml({ ...object, metadata: { ...metadata, annotations: Object.fromEntries(annotations) } });
    })
    .map((text) => `---\n${text}\n`)
    .join('');
}

/** Says for custom resources that their newest generation has been seen, as whoever works on them would. */
export function standInForOperators(client: KubeClient, types: readonly ResourceType[]): Watch {
  const watches = types.map((type) =>
    client.watch(
      type,
      {},
      {
        event: (event) => {
          if (event.type === 'ADDED' || event.type === 'MODIFIED') void acknowledge(client, type, event.object);
        },
      },
    ),
  );
  return {
    stop: () => {
      for (const watch of watches) watch.stop();
    },
  };
}

async function acknowledge(client: KubeClient, type: ResourceType, object: KubeObject): Promise<void> {
  const { status } = object;
  const { generation } = object.metadata;
  if (!isObject(status) || status['observedGeneration'] === undefined || status['observedGeneration'] === generation) {
    return;
  }
  const seen = { ...object, status: { ...status, observedGeneration: generation } };
  try {
    await client.update(type, seen, { subresource: 'status' });
  } catch (error) {
    // Somebody was quicker: the next event tells of that.
    if (!(error instanceof StatusError)) throw error;
  }
}
