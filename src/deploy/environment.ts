import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { KubeClient } from '../client/kube-client.ts';

/** What applying and waiting work with. */
export interface DeployEnvironment {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted when the user interrupts: no further object is written. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The field manager that every write names. It is Helm's own, so that fields of a release that one program installed do
 * not conflict when the other upgrades it.
 */
export const FIELD_MANAGER = 'helm';
