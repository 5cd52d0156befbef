import type { Container, Pod } from '../../kube/api/core-v1.generated.ts';

/** What a container uses. */
export interface Usage {
  /** Thousandths of a core. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
}

/** What one pod uses, by container, over the newest window. */
export interface PodUsage {
  readonly pod: Pod;
  readonly containers: readonly { readonly name: Container['name']; readonly usage: Usage }[];
}

/** Whoever can tell what pods use; the kubelet's part of the metrics API. */
export interface UsageProvider {
  /** The end of the newest window, ms since the epoch. */
  instant(): number;
  /** ms */
  readonly window: number;
  /** Of all pods that have run for a whole window. */
  pods(): readonly PodUsage[];
}
