import type { WrittenLine } from '../../../client/log-cursor.ts';

/** A request that a container's server has answered. */
export interface Access {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** The address of the client. */
  readonly client: string;
  readonly userAgent: string;
}

/** The lines that simulated servers write for a request, whenever it comes: for instants in ms since the epoch. */
export function accessLines({ method, path, status, client, userAgent }: Access): (at: number) => string {
  const rest = JSON.stringify({ method, path, status, remote_addr: client, user_agent: userAgent }).slice(1);
  return (at) => `{"time":"${new Date(at).toISOString()}",${rest}`;
}

/** Requests are kept for as many runs of containers, and of each as many. */
const MOST_RUNS = 1000;
const MOST_REQUESTS = 1000;

/** The requests that came from outside, by run of a container; those of probes follow from the pod and are not kept. */
export class AccessLog {
  readonly #runs = new Map<string, WrittenLine[]>();

  /** @param run the id of the container as its status tells it */
  add(run: string, at: number, access: Access): void {
    const lines = this.#runs.get(run) ?? [];
    // The run that was asked last is forgotten last.
    this.#runs.delete(run);
    this.#runs.set(run, lines);
    lines.push({ at, text: accessLines(access)(at) });
    if (lines.length > MOST_REQUESTS) lines.shift();
    if (this.#runs.size > MOST_RUNS) {
      const [oldest] = this.#runs.keys();
      if (oldest !== undefined) this.#runs.delete(oldest);
    }
  }

  /** In order. */
  linesOf(run: string | undefined): readonly WrittenLine[] {
    return run === undefined ? [] : (this.#runs.get(run) ?? []);
  }
}
