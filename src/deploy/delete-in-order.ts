import { eitherSignal } from '../base/either-signal.ts';
import { PintleError } from '../base/errors.ts';
import type { PropagationPolicy } from '../client/kube-client.ts';
import { deleteObjects } from './apply.ts';
import type { DeployEnvironment } from './environment.ts';
import { describeOrder, isOrdered, planRemoval, type Wave } from './operation-graph.ts';
import { resourceId, type Resource } from './resource.ts';
import { runGraph } from './run-graph.ts';
import { waitDeleted } from './wait.ts';
import { deleteObject } from './write-object.ts';

/** How {@link deleteInOrder} deletes. */
export interface DeleteOptions {
  readonly policy: PropagationPolicy;
  /** How long an object that others wait for may take to go, ms. */
  readonly timeout: number;
}

/**
 * Deletes what exists of the objects, in their order, or by their annotations: an object goes when those that depend on it are gone,
 * with what they own, and a wave when the later ones are. An interrupt stops before the next object.
 *
 * @returns the failures; what is not deleted because of one is named in it
 */
export async function deleteInOrder(
  environment: DeployEnvironment,
  resources: readonly Resource[],
  { policy, timeout }: DeleteOptions,
): Promise<Error[]> {
  const { signal } = environment;
  if (!isOrdered(resources)) return await deleteObjects(environment, resources, policy, signal);
  const waves = planRemoval(resources);
  for (const line of describeOrder(waves)) environment.logger.log('debug', `deleting ${line.trim()}`);
  const awaited = awaitedOf(waves);
  const errors: Error[] = [];
  const { failure, undone } = await runGraph(waves, {
    write: async (list, listener) => {
      const before = errors.length;
      for (const resource of list) {
        if (signal?.aborted === true) throw new PintleError('interrupted', 'context canceled');
        listener.begun(resource);
        const isAwaited = policy === 'Background' && awaited.has(resourceId(resource));
        try {
          await deleteObject(environment, resource, isAwaited ? 'Foreground' : policy);
          listener.done(resource);
        } catch (error) {
          errors.push(asError(error));
        }
      }
      const first = errors[before];
      if (first !== undefined) throw first;
    },
    settled: (list, stop) => waitDeleted(environment, list, { timeout, signal: eitherSignal(signal, stop) }),
  });
  if (failure === undefined) return [];
  const first = asError(failure);
  if (!errors.includes(first)) errors.push(first);
  if (undone.length > 0) errors.push(new Error(`not deleted: ${undone.join(', ')}`));
  return errors;
}

/** Objects whose end is waited for. */
function awaitedOf(waves: readonly Wave[]): ReadonlySet<string> {
  const inner = waves.slice(0, -1).flatMap(({ nodes }) => nodes.map(({ resource }) => resource));
  const named = waves.flatMap(({ nodes }) => nodes.flatMap(({ after }) => after));
  return new Set([...inner, ...named].map(resourceId));
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
