import { createObjects, removeObjects, UpdateError, type UpdateResult, updateObjects } from './apply.ts';
import type { DeployEnvironment } from './environment.ts';
import type { Resource } from './resource.ts';
import { planWaves } from './waves.ts';
import type { ApplyOptions } from './write-object.ts';

/** What {@link applyWaves} brings to the cluster. */
export interface WaveRequest extends ApplyOptions {
  /** What the release had, and existing objects that it takes over; undefined: nothing, all objects are created. */
  readonly originals: readonly Resource[] | undefined;
  readonly targets: readonly Resource[];
  /** Called between waves: resolves when these objects are ready. */
  ready(resources: readonly Resource[]): Promise<void>;
}

/**
 * Brings the cluster to the objects of a manifest, wave by wave: the objects of one are ready before the next one is written.
 * What the manifest no longer has goes at the end.
 *
 * @throws UpdateError, with what all waves did
 */
export async function applyWaves(environment: DeployEnvironment, request: WaveRequest): Promise<UpdateResult> {
  const { originals, targets } = request;
  const waves = planWaves(targets);
  const done: UpdateResult = { created: [], updated: [], deleted: [] };
  for (const [i, { resources }] of waves.entries()) {
    await noting(done, () =>
      originals === undefined
        ? createObjects(environment, resources, { ...request, forceConflicts: false })
        : updateObjects(environment, originals, resources, { ...request, keepRemoved: true }),
    );
    if (i < waves.length - 1) await noting(done, () => request.ready(resources));
  }
  if (originals !== undefined) await noting(done, () => removeObjects(environment, originals, targets));
  return done;
}

/** Adds what a part did; a failure tells what all parts did. */
async function noting(done: UpdateResult, run: () => Promise<UpdateResult | void>): Promise<void> {
  try {
    add(done, await run());
  } catch (error) {
    if (!(error instanceof UpdateError)) {
      if (done.created.length === 0) throw error;
      throw new UpdateError(error instanceof Error ? error.message : String(error), done, error);
    }
    add(done, error.result);
    throw new UpdateError(error.message, done, error.cause ?? error);
  }
}

function add(done: UpdateResult, more: UpdateResult | void): void {
  if (more === undefined) return;
  done.created.push(...more.created);
  done.updated.push(...more.updated);
  done.deleted.push(...more.deleted);
}
