import type { Http, HttpResponse } from '../http.ts';
import type { RepositoryContext } from '../places.ts';

const MOST_RETRIES = 5;
/** ms before the first retry; twice as many before each further one, a tenth more or less. */
const FIRST_WAIT = 250;
const SPREAD = 0.1;
const LEAST_WAIT = 200;
const MOST_WAIT = 3000;

/**
 * The network for registries: what they refuse for the moment (408, 429, 5xx) is asked for again, after a while, or after as long as a
 * `Retry-After` in seconds says, but never more than 3 seconds. Connections that time out are not tried again: the system has done so.
 * oras-go: registry/remote/retry, DefaultPolicy
 */
export function retryingHttp({ http, wait, random }: Pick<RepositoryContext, 'http' | 'wait' | 'random'>): Http {
  return {
    send: async (request) => {
      for (let retries = 0; ; retries += 1) {
        const response = await http.send(request);
        if (retries === MOST_RETRIES || !mayPass(response)) return response;
        const pause = wantedPause(response) ?? FIRST_WAIT * 2 ** retries * (1 + SPREAD * (2 * random() - 1));
        await wait(Math.min(Math.max(pause, LEAST_WAIT), MOST_WAIT));
      }
    },
  };
}

function mayPass({ status }: HttpResponse): boolean {
  return status === 408 || status === 429 || status >= 500;
}

function wantedPause({ status, headers }: HttpResponse): number | undefined {
  const text = headers['retry-after'] ?? '';
  return status === 429 && /^0*[1-9]\d*$/.test(text) ? Number(text) * 1000 : undefined;
}
