import type { Pod, PodSpec } from '../../../src/kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { type EmbeddedCluster, embeddedCluster } from '../../support/embedded-cluster.ts';

/** A cluster in which pods are run and looked into. */
export interface PodBench extends EmbeddedCluster {
  run(name: string, spec: Partial<PodSpec>, metadata?: object): Promise<void>;
  pod(name: string): Promise<Pod>;
  log(name: string, container?: string): Promise<string>;
  /** Runs a command in a container; what it wrote, and its exit code behind it unless that is 0. */
  exec(name: string, command: readonly string[], container?: string): Promise<string>;
}

export async function podBench(): Promise<PodBench> {
  const embedded = await embeddedCluster();
  const { client } = embedded.cluster;
  const key = (name: string) => ({ namespace: 'default', name });
  return {
    ...embedded,
    run: async (name, spec, metadata = {}) => {
      await client.create(RESOURCES.pods, { metadata: { name, namespace: 'default', ...metadata }, spec });
    },
    pod: (name) => client.get<Pod>(RESOURCES.pods, key(name)),
    log: (name, container) => client.logs(key(name), container === undefined ? {} : { container }),
    exec: async (name, command, container) => {
      const pod = await client.get<KubeObject & Pod>(RESOURCES.pods, key(name));
      const chunks: Uint8Array[] = [];
      const keep = (bytes: Uint8Array): void => void chunks.push(bytes);
      const streams = {
        stdin: undefined,
        stdout: keep,
        stderr: keep,
        tty: false,
        signal: new AbortController().signal,
      };
      const target = { pod, container: container ?? pod.spec?.containers[0]?.name ?? '' };
      const code = await embedded.cluster.containers.exec(target, command, streams);
      const text = Buffer.concat(chunks).toString('utf8');
      return code === 0 ? text : `${text}exit ${code}`;
    },
  };
}
