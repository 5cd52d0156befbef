import { hostname } from 'node:os';
import { PintleError } from '../base/errors.ts';
import type { ActionContext } from '../actions/context.ts';
import type { Progress, ProgressListener } from '../deploy/wait-options.ts';
import type { RecordCipher } from '../release/record-cipher.ts';
import { chooseDriver } from '../release/choose-driver.ts';
import { ReleaseStore } from '../release/store.ts';
import { LiveView, type LiveRow } from '../terminal/live-view.ts';
import type { Style } from '../terminal/style.ts';
import { isDumb, styleOf } from './style-of.ts';
import { cliLogger } from './cli-logger.ts';
import type { Io } from './io.ts';
import { type GlobalOptions, namespaceOf } from './settings.ts';
import { processWitness } from './process-identity.ts';
import { systemRandom } from './system-random.ts';
import { openTarget } from './target.ts';
import type { Target } from './opened-target.ts';

/** What a command on releases asks for. */
export interface SessionRequest {
  readonly access: 'read' | 'observe' | 'write';
  /** `pintle upgrade web` */
  readonly command: string;
  /** The release, when the command is about one. */
  readonly name?: string;
  /** All namespaces (`list -A`). */
  readonly allNamespaces?: boolean;
  /** Revisions kept; 0: all. */
  readonly historyMax?: number;
  readonly timeoutSignal?: AbortSignal;
}

/** An open target with what actions need. */
export interface Session {
  readonly target: Target;
  readonly context: ActionContext;
  readonly style: Style;
}

/** Opens the target, runs the work, and closes: everything is on disk when it returns, also after a failure. */
export async function withSession<T>(
  io: Io,
  options: GlobalOptions,
  request: SessionRequest,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const logger = cliLogger(io, options);
  const style = styleOf(io, options);
  const { access, command, timeoutSignal: signal } = request;
  const target = await openTarget(io, options, { access, command, signal, logger });
  try {
    const namespace = namespaceOf(io, options, target.namespace);
    if (request.access === 'write') io.stderr(style.dim(`on ${target.description}, namespace "${namespace}"\n`));
    const driver = await chooseDriver({
      client: target.client,
      clock: target.clock,
      namespace: request.allNamespaces === true ? '' : namespace,
      name: request.name,
      requested: io.env['HELM_DRIVER'],
      sqlConnection: io.env['HELM_DRIVER_SQL_CONNECTION_STRING'],
      default: target.defaultDriver,
      logger,
      cipher: await recordCipherOf(io),
    });
    const store = new ReleaseStore(driver, { maxHistory: request.historyMax ?? 0 });
    const listener = progressListener(io, style);
    const context: ActionContext = {
      client: target.client,
      clock: target.clock,
      logger,
      namespace,
      store,
      random: systemRandom,
      exclusive: target.exclusive,
      listener: request.access === 'write' ? listener : undefined,
      signal: request.timeoutSignal,
      process: request.access === 'write' ? processWitness(hostname(), io.pid) : undefined,
      holder: `${io.env['USER'] ?? 'somebody'}@${hostname()} (pid ${io.pid})`,
      hookOutput: (text) => io.stdout(text),
    };
    const result = await work({ target, context, style });
    await target.flush();
    return result;
  } finally {
    await target.close();
  }
}

/** The cipher of the key that `PINTLE_RECORD_KEY_FILE` names. @throws PintleError `usage` */
export async function recordCipherOf(io: Io): Promise<RecordCipher | undefined> {
  const path = io.env['PINTLE_RECORD_KEY_FILE'] ?? '';
  if (path === '') return undefined;
  const [{ readFile }, paths, { recordCipher }] = await Promise.all([
    import('node:fs/promises'),
    import('node:path'),
    import('../release/record-cipher.ts'),
  ]);
  try {
    return recordCipher(await readFile(paths.resolve(io.cwd, path)));
  } catch (error) {
    if (error instanceof PintleError) throw error;
    throw new PintleError('usage', `cannot read the key file ${path} (PINTLE_RECORD_KEY_FILE)`, { cause: error });
  }
}

function progressListener(io: Io, style: Style): ProgressListener {
  const view = new LiveView({ write: (text) => io.stderr(text), columns: isDumb(io) ? undefined : io.columns }, style);
  return {
    progress: (objects) => {
      view.update(objects.filter((each) => each.readiness.status !== 'Unknown').map(liveRow));
      if (objects.every((each) => each.readiness.status === 'Current')) view.finish();
    },
    trouble: (text) => view.note(text),
  };
}

function liveRow({ resource, readiness }: Progress): LiveRow {
  const { status, message, ready, desired } = readiness;
  return {
    id: `${resource.type.kind}/${resource.key.namespace ?? ''}/${resource.key.name}`,
    label: `${resource.type.kind} ${resource.key.name}`,
    state: status === 'Current' ? 'ready' : status === 'Failed' ? 'failed' : 'working',
    count: desired === undefined ? '' : `${ready ?? 0}/${desired}`,
    note: message === '' ? status : message,
  };
}
