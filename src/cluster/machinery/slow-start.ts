import { SLOW_START_INITIAL_BATCH } from './constants.ts';

/**
 * Runs `task` `count` times in batches of 1, 2, 4, …, the tasks of a batch side by side; after a batch with a failure no
 * further one is begun. A long row of tasks that all fail for the same reason so costs one request.
 *
 * @returns how often the task succeeded, and the first failure
 */
export async function slowStart(
  count: number,
  task: (index: number) => Promise<void>,
): Promise<{ readonly succeeded: number; readonly error: unknown }> {
  let succeeded = 0;
  let begun = 0;
  for (let batch = SLOW_START_INITIAL_BATCH; begun < count; batch *= 2) {
    const size = Math.min(batch, count - begun);
    const runs: Promise<void>[] = [];
    for (let i = 0; i < size; i += 1) runs.push(task(begun + i));
    begun += size;
    const results = await Promise.allSettled(runs);
    const failure = results.find((result) => result.status === 'rejected');
    succeeded += results.filter((result) => result.status === 'fulfilled').length;
    if (failure !== undefined) return { succeeded, error: failure.reason };
  }
  return { succeeded, error: undefined };
}
