import type { LogWindow, WrittenLine } from '../../client/log-cursor.ts';
import type { KubeObject } from '../../kube/object.ts';

/** Whoever runs containers and can tell what they wrote: the kubelets. */
export interface LogsProvider {
  /**
   * What a container wrote, in order. The container is resolved and exists in the pod's spec.
   *
   * @throws StatusError, e.g. a 400 while the container is waiting to start
   */
  lines(pod: KubeObject, container: string, window: LogWindow): Promise<readonly WrittenLine[]>;
}

/** Which lines of which container of a pod are asked for. */
export interface LogRequest extends LogWindow {
  /** Default: the pod's only one. */
  readonly container?: string | undefined;
}

/** An instant with nine digits behind the second, as containerd writes it. */
export function nanoTime(instant: number): string {
  return new Date(instant).toISOString().replace('Z', '000000Z');
}
