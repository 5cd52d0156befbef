import { createObjects, removeObjects, UpdateError, type UpdateResult, updateObjects } from './apply.ts';
import type { DeployEnvironment } from './environment.ts';
import { describeOrder, isOrdered, planOrder, planRemoval } from './operation-graph.ts';
import { type Resource, resourceId } from './resource.ts';
import { runGraph } from './run-graph.ts';
import type { ApplyOptions } from './write-object.ts';

/** What {@link applyWaves} brings to the cluster. */
export interface WaveRequest extends ApplyOptions {
  /** What the release had, and existing objects that it takes over; undefined: nothing, all objects are created. */
  readonly originals: readonly Resource[] | undefined;
  readonly targets: readonly Resource[];
  /** Resolves when these objects are ready; what depends on them comes next. The signal ends it early. */
  ready(resources: readonly Resource[], signal: AbortSignal): Promise<void>;
}

/**
 * Brings the cluster to the objects of a manifest in the order of their graph: an object is written when what it depends on is
 * ready, a wave when the one before it is. What the manifest no longer has goes at the end, backwards.
 *
 * @throws UpdateError, with what was done, and the names of what was not begun
 */
export async function applyWaves(environment: DeployEnvironment, request: WaveRequest): Promise<UpdateResult> {
  const { originals, targets } = request;
  const waves = planOrder(targets);
  for (const line of describeOrder(waves)) environment.logger.log('debug', line);
  const done: UpdateResult = { created: [], updated: [], deleted: [] };
  const { failure, undone } = await runGraph(waves, {
    write: (resources, listener) =>
      noting(done, () =>
        originals === undefined
          ? createObjects(environment, resources, { ...request, listener, forceConflicts: false })
          : updateObjects(environment, originals, resources, { ...request, listener, keepRemoved: true }),
      ),
    settled: (resources, signal) => request.ready(resources, signal),
  });
  if (failure !== undefined) throw failed(failure, done, isOrdered(targets) ? undone : []);
  if (originals !== undefined) await noting(done, () => removeObjects(environment, inRemovalOrder(originals), targets));
  return done;
}

/** Without annotations in the order in which they were written, as Helm does it. */
function inRemovalOrder(resources: readonly Resource[]): readonly Resource[] {
  if (!isOrdered(resources)) return resources;
  const waves = planRemoval(resources);
  const out = new Map<string, Resource>();
  const visit = (resource: Resource, after: ReadonlyMap<string, readonly Resource[]>): void => {
    for (const each of after.get(resourceId(resource)) ?? []) visit(each, after);
    out.set(resourceId(resource), resource);
  };
  const after = new Map(waves.flatMap(({ nodes }) => nodes.map((node) => [resourceId(node.resource), node.after])));
  for (const { nodes } of waves) for (const { resource } of nodes) visit(resource, after);
  return [...out.values()];
}

/** A failure that tells what was done before it, and what was not done because of it. */
function failed(error: unknown, done: UpdateResult, undone: readonly string[]): unknown {
  if (undone.length === 0 && !(error instanceof UpdateError) && done.created.length === 0) return error;
  const text = error instanceof Error ? error.message : String(error);
  const message = undone.length === 0 ? text : `${text}; not done: ${undone.join(', ')}`;
  return new UpdateError(message, done, error instanceof UpdateError ? (error.cause ?? error) : error);
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
