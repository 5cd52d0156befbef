import { decisiveError } from '../base/decisive-error.ts';
import { PintleError } from '../base/errors.ts';
import { reword } from '../base/reword.ts';
import type { ObjectDiff } from '../deploy/diff-release.ts';
import { type DriftRule, ignoredFields } from '../deploy/drift-rules.ts';
import { keepIgnored } from '../deploy/keep-ignored.ts';
import { getOrUndefined, withOwner } from '../deploy/ownership.ts';
import { buildResources, describeResource, type Resource } from '../deploy/resource.ts';
import { waitReady } from '../deploy/wait.ts';
import { createObject, updateObject } from '../deploy/write-object.ts';
import { isPending, type Release } from '../release/release.ts';
import type { ActionContext, ConcurrencyOptions } from './context.ts';
import { diffDrift } from './diff.ts';
import { failure } from './failure.ts';
import { holdRelease } from './recover.ts';

/** What is put right. */
export interface RepairOptions extends ConcurrencyOptions {
  readonly name: string;
  /** Changes that are left alone. */
  readonly ignore: readonly DriftRule[];
  readonly dryRun: boolean;
  /** Wait until what was put right is ready; ms. Absent: do not wait. */
  readonly wait?: number | undefined;
  readonly showSecrets: boolean;
}

/**
 * Puts back what others changed or deleted of a release's objects, as its deployed revision has them. Fields that the release does not
 * name are nobody's business, and fields that rules leave alone stay as they are. No revision is written: the release is what it was.
 *
 * @returns what had drifted
 * @throws PintleError `release-not-found`; `api-error` with every object that could not be put right, after all were tried
 */
export async function repair(context: ActionContext, options: RepairOptions): Promise<readonly ObjectDiff[]> {
  const { name } = options;
  if (options.dryRun) return (await look(context, options)).drifted;
  return await holdRelease(context, { ...options, name, verb: 'repair', atomic: false }, (held) => run(held, options));
}

interface Found {
  readonly release: Release;
  readonly drifted: readonly ObjectDiff[];
}

async function look(context: ActionContext, { name, ignore, showSecrets }: RepairOptions): Promise<Found> {
  const history = await context.store.history(name);
  const last = history.at(-1);
  if (last !== undefined && isPending(last)) {
    throw new PintleError('release-pending', `revision ${last.version} of "${name}" is ${last.info.status}`, {
      hint: 'let it end, or recover it with the next upgrade or rollback: until then nobody can tell what its objects should be',
    });
  }
  const release = await context.store.deployed(name);
  const diffs = await diffDrift(context, name, { showSecrets, ignore });
  return { release, drifted: diffs.filter((diff) => diff.gone || diff.drift.length > 0) };
}

async function run(context: ActionContext, options: RepairOptions): Promise<readonly ObjectDiff[]> {
  const { release, drifted } = await look(context, options);
  if (drifted.length === 0) return drifted;
  await context.lease?.step('putting objects back');
  const { namespace } = release;
  const ids = new Set(drifted.map(({ kind, namespace: place, name }) => `${kind}/${place}/${name}`));
  const resources = await buildResources(context.client, release.manifest, { namespace, skipUnknown: true });
  const targets = resources.filter(({ type, key }) => ids.has(`${type.kind}/${key.namespace ?? ''}/${key.name}`));
  const faults: PintleError[] = [];
  for (const target of targets) {
    if (context.signal?.aborted === true) throw new PintleError('interrupted', 'interrupted before all was put right');
    try {
      await putBack(context, release, target, options);
    } catch (error) {
      const cause = failure(error);
      faults.push(reword(cause, `${describeResource(target)}: ${cause.message}`));
    }
  }
  const first = decisiveError(faults);
  if (first !== undefined) {
    const message = `${faults.length} of ${targets.length} objects could not be put right`;
    throw reword(first, message, { code: first.code === 'interrupted' ? 'interrupted' : 'api-error', related: faults });
  }
  if (options.wait !== undefined) {
    await waitReady(context, targets, { timeout: options.wait, mode: 'ready', signal: context.signal });
  }
  return drifted;
}

async function putBack(
  context: ActionContext,
  release: Release,
  resource: Resource,
  { ignore }: RepairOptions,
): Promise<void> {
  const owner = { name: release.name, namespace: release.namespace };
  const original = withOwner(resource, owner);
  const serverSide = release.apply_method === 'ssa';
  const live = await getOrUndefined(context.client, original);
  if (live === undefined) {
    await createObject(context, original, { serverSide });
    return;
  }
  const ignores = ignoredFields(original.object, ignore);
  const target = { ...original, object: keepIgnored({ target: original.object, live }, original.type, ignores) };
  // Whoever changed the fields owns them now.
  await updateObject(context, { original, target, live }, { serverSide, forceConflicts: true });
}

/** What was done to an object, for people to read. */
export function driftedText({ kind, namespace, name, gone, drift }: ObjectDiff): string {
  const what = gone ? 'created again' : `${drift.length} field${drift.length === 1 ? '' : 's'} put back`;
  return `${kind} ${namespace}${namespace === '' ? '' : '/'}${name}: ${what}`;
}
