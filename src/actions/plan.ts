import { createHash } from 'node:crypto';
import { inParallel } from '../base/in-parallel.ts';
import { PintleError } from '../base/errors.ts';
import { isObject, sortedKeys } from '../base/json.ts';
import { reword } from '../base/reword.ts';
import { diffRelease, type ObjectDiff } from '../deploy/diff-release.ts';
import { describeOrder } from '../deploy/operation-graph.ts';
import { getOrUndefined } from '../deploy/ownership.ts';
import { buildResources, describeResource, resourceId, type Resource } from '../deploy/resource.ts';
import { createObject, updateObject } from '../deploy/write-object.ts';
import type { KubeObject } from '../kube/object.ts';
import { decodeRelease, encodeRelease } from '../release/codec.ts';
import { chartOfRecord } from '../release/record-chart.ts';
import type { Release } from '../release/release.ts';
import type { ActionContext, ConcurrencyOptions } from './context.ts';
import { failure } from './failure.ts';
import { install, type InstallOptions } from './install.ts';
import { checkOrder } from './order-of-release.ts';
import { holdRelease } from './recover.ts';
import type { PlannedRender } from './render-release.ts';
import { upgrade, type UpgradeOptions } from './upgrade.ts';

/** What a plan is made for. */
export interface PlanRequest {
  readonly upgrade: UpgradeOptions;
  readonly install: InstallOptions;
}

/** Options of a plan, without what it keeps otherwise. */
type KeptOptions = Readonly<Record<string, unknown>>;

/** An upgrade or installation as it is to be done, with what the cluster was like: a file for people to read and approve. */
export interface Plan {
  readonly format: 'pintle-plan/1';
  readonly verb: 'install' | 'upgrade';
  readonly name: string;
  readonly namespace: string;
  /** What the user calls the cluster. */
  readonly cluster: string;
  /** RFC 3339 */
  readonly created: string;
  /** The revision that it starts from; absent when there is none. */
  readonly base?: { readonly revision: number; readonly status: string };
  /** The new revision as a record. */
  readonly release: string;
  readonly options: KeptOptions;
  /** The objects that it will touch, with a digest of what each one was like; null: it was not there. */
  readonly objects: Readonly<Record<string, string | null>>;
  /** In which order they are written, for people to read; absent: in that of their kinds. */
  readonly order?: readonly string[];
}

/** A plan with what it would change. */
export interface PlanResult {
  readonly plan: Plan;
  readonly diffs: readonly ObjectDiff[];
}

const FORMAT = 'pintle-plan/1';
const PARALLEL = 16;
/** Options that hold what the release record has, or functions. */
const LEFT_OUT = new Set(['chart', 'values', 'renderHooks', 'lookupHost', 'planned', 'dryRun', 'name', 'labels']);

/**
 * Renders what an upgrade (or an installation, when there is no release) would bring, asks the API whether it takes every object,
 * and keeps all of it.
 *
 * @throws PintleError `api-error` with every refusal of the API
 */
export async function makePlan(context: ActionContext, request: PlanRequest): Promise<PlanResult> {
  const { name } = request.upgrade;
  const history = await context.store.historyOrEmpty(name);
  const last = history.at(-1);
  const verb = last === undefined || last.info.status === 'uninstalled' ? 'install' : 'upgrade';
  const release =
    verb === 'install'
      ? await install(context, { ...request.install, replace: last !== undefined, dryRun: 'server' })
      : await upgrade(context, { ...request.upgrade, dryRun: 'server' });
  const deployed = history.findLast(({ info }) => info.status === 'deployed') ?? last;
  const before = verb === 'install' ? '' : (deployed?.manifest ?? '');
  const { namespace } = context;
  const showSecrets = false;
  const diffs = await diffRelease(context.client, { namespace, last: before, next: release.manifest, showSecrets });
  const resources = await touched(context, before, release.manifest);
  await tryOut(context, release, resources);
  const options = verb === 'install' ? request.install : request.upgrade;
  const order = describeOrder(checkOrder(resources.targets, options.chart));
  const plan: Plan = {
    format: FORMAT,
    verb,
    name,
    namespace,
    cluster: context.client.description,
    created: new Date(context.clock.now()).toISOString(),
    ...(last === undefined ? {} : { base: { revision: last.version, status: last.info.status } }),
    release: encodeRelease(release),
    options: {
      ...Object.fromEntries(Object.entries(options).filter(([key]) => !LEFT_OUT.has(key))),
      labels: options.labels ?? {},
    },
    objects: await digests(context, resources.all),
    ...(order.length === 0 ? {} : { order }),
  };
  return { plan, diffs };
}

interface Touched {
  readonly all: readonly Resource[];
  readonly before: ReadonlyMap<string, Resource>;
  readonly targets: readonly Resource[];
}

async function touched(context: ActionContext, before: string, next: string): Promise<Touched> {
  const { namespace } = context;
  const old = await buildResources(context.client, before, { namespace, skipUnknown: true });
  const targets = (await buildResources(context.client, next, { namespace })).filter(({ key }) => key.name !== '');
  const all = new Map([...old, ...targets].map((each) => [resourceId(each), each]));
  return { all: [...all.values()], before: new Map(old.map((each) => [resourceId(each), each])), targets };
}

/** Asks the API about each object, and collects what it refuses. */
async function tryOut(context: ActionContext, release: Release, { before, targets }: Touched): Promise<void> {
  const faults: PintleError[] = [];
  const serverSide = release.apply_method === 'ssa';
  const options = { serverSide, forceConflicts: true, dryRun: true };
  await inParallel(targets, PARALLEL, async (target) => {
    try {
      const live = await getOrUndefined(context.client, target);
      if (live === undefined) await createObject(context, target, options);
      else {
        const original = before.get(resourceId(target)) ?? target;
        await updateObject(context, { original, target, live }, options);
      }
    } catch (error) {
      const fault = failure(error);
      const { message } = fault;
      // What the plan itself creates is not there yet.
      if (/namespaces "[^"]+" not found/.test(message)) return;
      faults.push(reword(fault, `${describeResource(target)}: ${message}`));
    }
  });
  if (faults.length === 0) return;
  throw new PintleError('api-error', `the cluster refuses ${faults.length} of ${targets.length} objects`, {
    related: faults,
  });
}

async function digests(context: ActionContext, resources: readonly Resource[]): Promise<Record<string, string | null>> {
  const found = new Map<string, string | null>();
  await inParallel(resources, PARALLEL, async (resource) => {
    const live = await getOrUndefined(context.client, resource);
    found.set(resourceId(resource), live === undefined ? null : digestOf(live));
  });
  return Object.fromEntries(resources.map((each) => [resourceId(each), found.get(resourceId(each)) ?? null]));
}

/** What users and controllers wrote into an object; its status and the API's bookkeeping do not count. */
function digestOf(object: KubeObject): string {
  const { status: _, metadata, ...rest } = object;
  const { managedFields: __, resourceVersion: ___, generation: ____, ...kept } = metadata;
  return createHash('sha256')
    .update(canonical({ ...rest, metadata: kept }))
    .digest('hex')
    .slice(0, 16);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'null';
  return `{${sortedKeys(value)
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
    .join(',')}}`;
}

/**
 * Reads a plan.
 *
 * @throws PintleError `usage` for what is none
 */
export function readPlan(text: string): Plan {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new PintleError('usage', 'this is no plan: it is not JSON', { cause: error });
  }
  const plan = value as Partial<Plan>;
  if (!isObject(value) || plan.format !== FORMAT || typeof plan.release !== 'string' || !isObject(plan.objects)) {
    throw new PintleError('usage', `this is no plan of the format ${FORMAT}`, { hint: 'make one with "pintle plan"' });
  }
  return value as unknown as Plan;
}

/**
 * Does what a plan says, and nothing else: nothing is rendered again.
 *
 * @throws PintleError `plan-stale` when the release or its objects have changed since
 */
export async function applyPlan(context: ActionContext, plan: Plan): Promise<Release> {
  const options = plan.options as ConcurrencyOptions & { readonly atomic?: boolean };
  const request = { ...options, name: plan.name, verb: plan.verb, atomic: options.atomic === true };
  // Whoever had the release until now may have changed it.
  return await holdRelease(context, request, async (held) => {
    await checkUnchanged(held, plan);
    return await perform(held, plan);
  });
}

async function perform(context: ActionContext, plan: Plan): Promise<Release> {
  const release = decodeRelease(plan.release, 'the release of the plan');
  const rendered: PlannedRender = {
    chart: chartOfRecord(release.chart),
    manifest: release.manifest,
    hooks: release.hooks ?? [],
    notes: release.info.notes ?? '',
    manifestText: () => release.manifest,
  };
  const options = {
    ...plan.options,
    name: plan.name,
    chart: rendered.chart,
    values: release.config ?? {},
    dryRun: 'none',
    planned: rendered,
  };
  if (plan.verb === 'install') {
    return await install(context, { ...options, replace: plan.base !== undefined } as unknown as InstallOptions);
  }
  const serverSide = release.apply_method === 'ssa' ? 'true' : 'false';
  return await upgrade(context, { ...options, serverSide, reuse: 'reset' } as unknown as UpgradeOptions);
}

async function checkUnchanged(context: ActionContext, plan: Plan): Promise<void> {
  const faults: string[] = [];
  const last = (await context.store.historyOrEmpty(plan.name)).at(-1);
  const base = plan.base === undefined ? 'no release' : `revision ${plan.base.revision} (${plan.base.status})`;
  const now = last === undefined ? 'no release' : `revision ${last.version} (${last.info.status})`;
  if (base !== now) faults.push(`it starts from ${base}, and there is ${now}`);
  const { manifest } = decodeRelease(plan.release, 'the release of the plan');
  const before = last === undefined || plan.verb === 'install' ? '' : await deployedManifest(context, plan.name);
  const { all } = await touched(context, before, manifest);
  const current = await digests(context, all);
  for (const [id, digest] of Object.entries(plan.objects)) {
    const found = current[id];
    if (found === undefined || found === digest) continue;
    const [, kind = '', namespace = '', name = ''] = id.split('/');
    const what = digest === null ? 'exists now' : found === null ? 'is gone' : 'was changed';
    faults.push(`${kind} ${namespace}${namespace === '' ? '' : '/'}${name} ${what}`);
  }
  if (faults.length === 0) return;
  throw new PintleError('plan-stale', `the cluster has moved since the plan was made: ${faults.join('; ')}`, {
    hint: 'look at what changed, and make the plan anew',
  });
}

async function deployedManifest(context: ActionContext, name: string): Promise<string> {
  const history = await context.store.historyOrEmpty(name);
  return (history.findLast(({ info }) => info.status === 'deployed') ?? history.at(-1))?.manifest ?? '';
}
