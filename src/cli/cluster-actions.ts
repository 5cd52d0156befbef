import { rm } from 'node:fs/promises';
import { PintleError } from '../base/errors.ts';
import { formatDuration } from '../base/duration.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { apiVersionOf, groupResource, type KubeObject, type ResourceType } from '../kube/object.ts';
import { RESOURCES } from '../kube/resources.ts';
import { formatTable } from '../terminal/table.ts';
import { formatData } from './formats.ts';
import { clusterTime } from './cluster-time.ts';
import type { Io } from './io.ts';
import { findResource } from './resource-argument.ts';
import { cliLogger } from './cli-logger.ts';
import type { ClusterPlanFlags } from './cluster-plan.ts';
import { type GlobalOptions, integerFlag, namespaceOf } from './settings.ts';
import { chooseTarget, clusterFolder, openTarget } from './target.ts';
import type { Target } from './opened-target.ts';
import { objectTable } from './object-table.ts';

/** Flags of the commands that show objects. */
export interface ShowFlags extends GlobalOptions {
  readonly allNamespaces?: boolean;
  readonly output?: string;
  readonly selector?: string;
}

async function withTarget<T>(
  io: Io,
  options: GlobalOptions,
  request: { readonly access: 'read' | 'observe' | 'write'; readonly command: string },
  work: (target: Target) => Promise<T>,
): Promise<T> {
  const target = await openTarget(io, options, { ...request, logger: cliLogger(io, options) });
  try {
    const result = await work(target);
    if (request.access !== 'read') await target.flush();
    return result;
  } finally {
    await target.close();
  }
}

/** `pintle cluster info` */
export async function showInfo(io: Io, options: GlobalOptions): Promise<void> {
  await withTarget(io, options, { access: 'observe', command: 'pintle cluster info' }, async (target) => {
    const { client, description } = target;
    const version = await client.serverVersion();
    const nodes = await client.list(RESOURCES.nodes);
    const rows = [
      ['Cluster', description],
      ['Kubernetes', version.gitVersion],
      ['Time', new Date(await clusterTime(target)).toISOString()],
      ['Nodes', String(nodes.items.length)],
    ];
    for (const type of [
      RESOURCES.namespaces,
      RESOURCES.deployments,
      RESOURCES.statefulSets,
      RESOURCES.cronJobs,
      RESOURCES.jobs,
      RESOURCES.pods,
    ]) {
      rows.push([titleOf(type), String((await client.list(type)).items.length)]);
    }
    io.stdout(`${formatTable(rows)}\n`);
  });
}

function titleOf(type: ResourceType): string {
  return type.resource.charAt(0).toUpperCase() + type.resource.slice(1);
}

/** `pintle cluster get KIND [NAME...]` and `pintle cluster nodes` */
export async function showObjects(io: Io, args: readonly string[], options: ShowFlags): Promise<void> {
  const [kinds = '', ...names] = args;
  await withTarget(io, options, { access: 'observe', command: 'pintle cluster get' }, async (target) => {
    const { client } = target;
    const groups: { readonly type: ResourceType; readonly objects: readonly KubeObject[] }[] = [];
    for (const kind of kinds.split(',')) {
      const type = await findResource(client, kind);
      groups.push({
        type,
        objects: await read(client, type, names, { ...options, namespace: namespaceOf(io, options) }),
      });
    }
    io.stdout(render(groups, options, await clusterTime(target)));
    if (groups.every(({ objects }) => objects.length === 0) && (options.output ?? 'table') === 'table') {
      const where =
        options.allNamespaces === true || groups.every(({ type }) => !type.namespaced)
          ? ''
          : ` in ${namespaceOf(io, options)} namespace`;
      io.stderr(`No resources found${where}.\n`);
    }
  });
}

async function read(
  client: KubeClient,
  type: ResourceType,
  names: readonly string[],
  options: ShowFlags & { readonly namespace: string },
): Promise<readonly KubeObject[]> {
  const namespace = type.namespaced && options.allNamespaces !== true ? options.namespace : undefined;
  if (names.length > 0) {
    if (options.allNamespaces === true && type.namespaced) {
      throw new PintleError('usage', 'a resource cannot be retrieved by name across all namespaces');
    }
    return await Promise.all(names.map((name) => client.get(type, { namespace, name })));
  }
  return (await client.list(type, { namespace, labelSelector: options.selector })).items;
}

function render(
  groups: readonly { readonly type: ResourceType; readonly objects: readonly KubeObject[] }[],
  options: ShowFlags,
  now: number,
): string {
  const output = options.output ?? 'table';
  if (output === 'table' || output === 'wide') {
    return groups
      .filter(({ objects }) => objects.length > 0)
      .map(({ type, objects }) =>
        objectTable(type, objects, {
          now,
          wide: output === 'wide',
          namespaces: options.allNamespaces === true && type.namespaced,
          prefix: groups.length > 1,
        }),
      )
      .join('\n');
  }
  const all = groups.flatMap(({ type, objects }) =>
    objects.map((object) => ({ ...object, apiVersion: apiVersionOf(type), kind: type.kind })),
  );
  if (output === 'name') {
    return groups
      .flatMap(({ type, objects }) => objects.map((object) => `${singularOf(type)}/${object.metadata.name ?? ''}\n`))
      .join('');
  }
  if (output === 'json' || output === 'yaml') {
    const [only] = all;
    const value =
      all.length === 1 && only !== undefined
        ? only
        : { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items: all };
    return output === 'json' ? `${JSON.stringify(value, null, 4)}\n` : formatData('yaml', value);
  }
  throw new PintleError('usage', `unknown output format "${output}"`, { hint: 'use table, wide, name, json or yaml' });
}

function singularOf(type: ResourceType): string {
  return groupResource({ group: type.group, resource: type.singular });
}

/** `pintle cluster events` */
export async function showEvents(io: Io, options: ShowFlags): Promise<void> {
  await withTarget(io, options, { access: 'observe', command: 'pintle cluster events' }, async (target) => {
    const { client } = target;
    const namespace = options.allNamespaces === true ? undefined : namespaceOf(io, options);
    const { items } = await client.list(RESOURCES.events, { namespace });
    const sorted = [...items].sort((a, b) => lastSeen(a) - lastSeen(b));
    if (sorted.length === 0) io.stderr('No events.\n');
    else {
      io.stdout(
        objectTable(RESOURCES.events, sorted, {
          now: await clusterTime(target),
          wide: false,
          namespaces: options.allNamespaces === true,
          prefix: false,
        }),
      );
    }
  });
}

function lastSeen(event: KubeObject): number {
  const last = event['lastTimestamp'] ?? event['eventTime'] ?? event['firstTimestamp'];
  return typeof last === 'string' ? Date.parse(last) : 0;
}

/** Flags of `pintle cluster logs`. */
export interface LogFlags extends GlobalOptions {
  readonly container?: string;
  readonly previous?: boolean;
  readonly tail?: string;
}

/** `pintle cluster logs POD` */
export async function showLogs(io: Io, pod: string, options: LogFlags): Promise<void> {
  await withTarget(io, options, { access: 'observe', command: 'pintle cluster logs' }, async ({ client }) => {
    const text = await client.logs(
      { namespace: namespaceOf(io, options), name: pod.replace(/^pods?\//, '') },
      {
        container: options.container,
        previous: options.previous,
        tailLines: options.tail === undefined ? undefined : integerFlag('--tail', options.tail),
      },
    );
    io.stdout(text);
  });
}

/** Flags of `pintle cluster advance` */
export interface AdvanceFlags extends GlobalOptions {
  readonly everyRun?: boolean;
}

/** `pintle cluster advance DURATION` */
export async function advance(io: Io, duration: number, options: AdvanceFlags): Promise<void> {
  if (duration < 0) throw new PintleError('usage', 'time does not go back', { hint: 'give a positive duration' });
  await withTarget(io, options, { access: 'write', command: 'pintle cluster advance' }, async (target) => {
    if (target.advance === undefined) {
      throw new PintleError('target', `the time of ${target.description} cannot be advanced`);
    }
    const passedOver = await target.advance(duration, { everyRun: options.everyRun === true });
    if (passedOver > 0) {
      io.stderr(
        `passed over ${formatDuration(passedOver)} of runs of CronJobs that leave no trace; --every-run lives through them\n`,
      );
    }
    io.stdout(`advanced by ${formatDuration(duration)} to ${new Date(await clusterTime(target)).toISOString()}\n`);
  });
}

/** `pintle cluster reset` */
export async function reset(io: Io, options: GlobalOptions & ClusterPlanFlags): Promise<void> {
  const choice = await chooseTarget(io, { ...options, embedded: true });
  const name = choice.kind === 'embedded' ? choice.name : 'default';
  const { forgetPlan, givenPlan, keepPlan } = await import('./cluster-plan.ts');
  const given = await givenPlan(io, options);
  const nodes = given.nodes?.plan.nodes.length;
  const folder = clusterFolder(io, name);
  const { lockCluster, readClusterSettings, readServerFile, writeClusterSettings } = await import(
    './cluster-folder.ts'
  );
  const refuseServed = (): void => {
    const server = readServerFile(folder);
    if (server === undefined) return;
    throw new PintleError('target', `embedded cluster "${name}" is served (pid ${server.pid})`, {
      hint: `end that first: pintle cluster stop ${name}`,
    });
  };
  refuseServed();
  const release = await lockCluster(io, folder, { name, command: 'pintle cluster reset', timeout: 120_000 });
  try {
    refuseServed();
    await rm(`${folder}/store`, { recursive: true, force: true });
    await forgetPlan(folder);
    await keepPlan(folder, given);
    // How it is reached stays: clients know its port and key.
    const { port, kubeconfigs } = await readClusterSettings(folder).catch(() => ({
      port: undefined,
      kubeconfigs: undefined,
    }));
    await writeClusterSettings(folder, {
      ...(nodes === undefined ? {} : { nodes }),
      ...(port === undefined ? {} : { port }),
      ...(kubeconfigs === undefined ? {} : { kubeconfigs }),
    });
  } finally {
    await release();
  }
  io.stdout(`embedded cluster "${name}" is empty again\n`);
}
