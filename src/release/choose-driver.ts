import type { Clock } from '../base/clock.ts';
import { PintleError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { KubeClient } from '../client/kube-client.ts';
import type { ResourceType } from '../kube/object.ts';
import { equalityMatcher } from '../kube/labels.ts';
import { RESOURCES } from '../kube/resources.ts';
import { StatusError } from '../kube/status-error.ts';
import { CombinedDriver } from './combined-driver.ts';
import { createConfigMapDriver } from './configmap-driver.ts';
import type { KubeDriverOptions } from './kube-record-driver.ts';
import { MemoryDriver, type MemoryRecords } from './memory-driver.ts';
import type { RecordCipher } from './record-cipher.ts';
import { OWNER_LABEL } from './record-labels.ts';
import type { ReleaseDriver } from './release-driver.ts';
import { createSecretDriver } from './secret-driver.ts';
import type { SqlDriver } from './sql-driver.ts';

/** What a driver is chosen by. */
export interface DriverRequest {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** '' for all namespaces. */
  readonly namespace: string;
  /** The release that is worked on; undefined for commands about many. */
  readonly name?: string | undefined;
  /** HELM_DRIVER. */
  readonly requested?: string | undefined;
  readonly default: 'configmap' | 'secret';
  readonly logger: Logger;
  /** HELM_DRIVER_SQL_CONNECTION_STRING. */
  readonly sqlConnection?: string | undefined;
  /** Encrypts records. */
  readonly cipher?: RecordCipher | undefined;
}

type KubeDriverName = 'configmap' | 'secret';

const NAMES: Readonly<Record<string, KubeDriverName | 'memory' | 'sql'>> = {
  secret: 'secret',
  secrets: 'secret',
  configmap: 'configmap',
  configmaps: 'configmap',
  memory: 'memory',
  sql: 'sql',
};

const TYPES: Readonly<Record<KubeDriverName, ResourceType>> = {
  configmap: RESOURCES.configMaps,
  secret: RESOURCES.secrets,
};

const memory = new WeakMap<KubeClient, MemoryRecords>();

/**
 * The driver that HELM_DRIVER names. When it names none: the driver that has the release already, else the default one;
 * commands that are about many releases see those of both.
 *
 * @throws PintleError `usage` for drivers that there are not, `target` for a database that cannot be reached
 */
export async function chooseDriver(request: DriverRequest): Promise<ReleaseDriver> {
  const requested = request.requested ?? '';
  if (requested !== '') return await namedDriver(requested, request);
  const other = request.default === 'configmap' ? 'secret' : 'configmap';
  if (request.name === undefined) {
    return new CombinedDriver(kubeDriver(request.default, request), kubeDriver(other, request));
  }
  if (!(await holds(request.default, request.name, request)) && (await holds(other, request.name, request))) {
    request.logger.log('info', `release "${request.name}" is kept in ${TYPES[other].kind}s, and stays there`);
    return kubeDriver(other, request);
  }
  return kubeDriver(request.default, request);
}

async function namedDriver(requested: string, request: DriverRequest): Promise<ReleaseDriver> {
  const name = Object.hasOwn(NAMES, requested) ? NAMES[requested] : undefined;
  switch (name) {
    case 'configmap':
    case 'secret':
      return kubeDriver(name, request);
    case 'memory':
      return new MemoryDriver({ ...request, records: recordsOf(request.client) });
    case 'sql':
      return await createSqlDriver(request);
    default:
      throw new PintleError('usage', `unknown driver "${requested}"`, {
        hint: 'HELM_DRIVER may be configmap, secret, memory or sql',
      });
  }
}

/**
 * The driver on the database of a connection string; the client for it is only loaded now.
 *
 * @throws PintleError `usage`, `target`
 */
export async function createSqlDriver(request: Omit<DriverRequest, 'client' | 'default'>): Promise<SqlDriver> {
  const { sqlConnection = '' } = request;
  if (sqlConnection === '') {
    throw new PintleError('usage', 'the sql driver needs to know its database', {
      hint: 'set HELM_DRIVER_SQL_CONNECTION_STRING to postgres://USER:PASSWORD@HOST:5432/DATABASE',
    });
  }
  const [{ openSqlDatabase }, { SqlDriver: Driver }] = await Promise.all([
    import('./sql-database.ts'),
    import('./sql-driver.ts'),
  ]);
  return new Driver({ ...request, database: await openSqlDatabase(sqlConnection) });
}

function kubeDriver(name: KubeDriverName, options: KubeDriverOptions): ReleaseDriver {
  return name === 'configmap' ? createConfigMapDriver(options) : createSecretDriver(options);
}

function recordsOf(client: KubeClient): MemoryRecords {
  let records = memory.get(client);
  if (records === undefined) {
    records = new Map();
    memory.set(client, records);
  }
  return records;
}

async function holds(driver: KubeDriverName, name: string, request: DriverRequest): Promise<boolean> {
  try {
    const found = await request.client.list(TYPES[driver], {
      namespace: request.namespace,
      labelSelector: String(equalityMatcher({ name, ...OWNER_LABEL })),
      limit: 1,
    });
    return found.items.length > 0;
  } catch (error) {
    // Whoever may not read such objects has no releases in them; what fails otherwise shows when the driver is used.
    if (error instanceof StatusError) return false;
    throw error;
  }
}
