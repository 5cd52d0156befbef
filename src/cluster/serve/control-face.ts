import type { IncomingMessage } from 'node:http';
import { isObject } from '../../base/json.ts';
import { badRequest } from '../registry/status.ts';
import { readBody, readObject } from '../apiserver/http/request-body.ts';
import type { Answer } from '../apiserver/http/respond.ts';

/** What clients of Pintle's own may ask of a cluster that is served, beyond Kubernetes' API. */
export interface ClusterControl {
  /** The cluster's time, ms since the epoch. */
  now(): number;
  /** Lets time pass, ms; answers with how much of it was passed over, ms. */
  advance(duration: number, options: { readonly everyRun: boolean }): Promise<number>;
  snapshot(): Promise<Uint8Array>;
  /** Resolves when all that was done is on disk. */
  flush(): Promise<void>;
}

/** Below this path lies what is no Kubernetes API; who may use it is up to RBAC, as for every path. */
export const CONTROL_PATH = '/pintle.dev/v1/';

/** The longest jump, ms: a year. */
const LONGEST_JUMP = 366 * 24 * 3_600_000;

/** Answers what the command line asks of a served cluster: its time, jumps in time, snapshots. */
export class ControlFace {
  readonly #control: ClusterControl;

  constructor(control: ClusterControl) {
    this.#control = control;
  }

  /** @throws StatusError 400 */
  async answer(path: string, request: IncomingMessage): Promise<Answer | undefined> {
    if (!path.startsWith(CONTROL_PATH)) return undefined;
    const control = this.#control;
    switch (`${request.method ?? ''} ${path.slice(CONTROL_PATH.length)}`) {
      case 'GET time':
        return this.#time();
      case 'POST advance': {
        const body = readObject(await readBody(request), request.headers['content-type']);
        const everyRun = isObject(body) && body['everyRun'] === true;
        const passedOver = await control.advance(duration(body), { everyRun });
        return { code: 200, body: { now: control.now(), passedOver } };
      }
      case 'POST flush':
        await control.flush();
        return this.#time();
      case 'GET snapshot': {
        const body = Buffer.from(await control.snapshot());
        return { code: 200, body, contentType: 'application/gzip' };
      }
      default:
        return undefined;
    }
  }

  #time(): Answer {
    return { code: 200, body: { now: this.#control.now() } };
  }
}

function duration(body: unknown): number {
  const milliseconds = isObject(body) ? body['milliseconds'] : undefined;
  if (typeof milliseconds === 'number' && milliseconds >= 0 && milliseconds <= LONGEST_JUMP) return milliseconds;
  throw badRequest(`milliseconds must be a number from 0 to ${LONGEST_JUMP}`);
}
