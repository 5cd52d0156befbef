import { PintleError } from '../base/errors.ts';
import { prefix } from './prefix.ts';

/** Work that begins with a cluster. When there is none, it is told as Helm's installation tells it. */
export async function reachable<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof PintleError) || !error.message.startsWith('kubernetes cluster unreachable: ')) throw error;
    return await prefix('cluster reachability check failed: ', () => Promise.reject(error));
  }
}
