import type { LogOptions } from '../../client/kube-client.ts';
import type { KubeObject } from '../../kube/object.ts';

/** Whoever runs containers and can tell what they wrote: the kubelets. */
export interface LogsProvider {
  /**
   * What a container wrote. The container is resolved and exists in the pod's spec.
   *
   * @throws StatusError, e.g. a 400 while the container is waiting to start
   */
  logs(pod: KubeObject, container: string, options: LogOptions): Promise<string>;
}
