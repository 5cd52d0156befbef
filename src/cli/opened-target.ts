import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { KubeClient } from '../client/kube-client.ts';
import type { AdvanceOptions } from '../cluster/cluster.ts';

/** The cluster that a command works on. */
export interface Target {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** True when this process holds the cluster's lock: nobody else changes it. */
  readonly exclusive: boolean;
  /** Where releases are kept unless HELM_DRIVER says otherwise. */
  readonly defaultDriver: 'configmap' | 'secret';
  /** `embedded cluster "default"` */
  readonly description: string;
  /** Of a kubeconfig's context. */
  readonly namespace?: string;
  /** Lets the cluster's time pass, ms; absent for clusters that are not simulated. */
  advance?(duration: number, options?: AdvanceOptions): Promise<number>;
  /** The cluster's time, where it is another than that of {@link clock}; ms since the epoch. */
  time?(): Promise<number>;
  /** All that the cluster is, as a file; absent for clusters that are not simulated. */
  snapshot?(): Promise<Uint8Array>;
  /** The folder of an embedded cluster. */
  readonly folder?: string;
  /** Resolves when everything written so far is on disk. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** What a command wants of its target. */
export interface TargetRequest {
  /**
   * `read` takes no lock and lets no time pass; `observe` first lets the time pass that has passed, unless another process is at
   * work.
   */
  readonly access: 'read' | 'observe' | 'write';
  /** Whom a waiting process is told of, e.g. `pintle upgrade web`. */
  readonly command: string;
  /** Ends a wait for another process. */
  readonly signal?: AbortSignal | undefined;
  readonly logger: Logger;
}
