import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { ServerVersion } from '../../client/kube-client.ts';
import type { Strategy } from '../registry/strategy.ts';
import type { Store } from '../store/store.ts';
import type { LogsProvider } from './logs-provider.ts';
import type { UserInfo } from './request.ts';

/** What an API server is made of. */
export interface ApiServerOptions {
  readonly store: Store;
  /** By `group/resource` (core: `/pods`), as `builtinStrategies()` gives them. */
  readonly strategies: ReadonlyMap<string, Strategy>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Default: v1.35.2. */
  readonly version?: ServerVersion;
  /** Can be set later with `setLogsProvider`. */
  readonly logsProvider?: LogsProvider;
}

/** How an in-process client presents itself. */
export interface ClientOptions {
  /** Default: `embedded cluster`. */
  readonly description?: string;
  /** Default: the administrator, in system:masters. */
  readonly user?: UserInfo;
  /** Field manager of writes that name none. */
  readonly fieldManager?: string;
  /** A part of the cluster: what it watches, nobody looks at. */
  readonly isPart?: boolean;
}
