import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { clusterNodes } from '../cluster/cluster-nodes.ts';
import type { CatalogueOptions } from '../cluster/kubelet/images/catalogue.ts';
import type { NodePlan } from '../cluster/nodes/node-pool.ts';
import type { SchedulerConfiguration } from '../cluster/scheduler/profiles/settings.ts';
import type { ClusterSettings } from './cluster-folder.ts';
import type { Io } from './io.ts';
import { replaceFile } from '../chart/files.ts';
import { integerFlag } from './settings.ts';

/** What an embedded cluster is made of, besides its store. */
export interface ClusterPlan {
  readonly nodes: NodePlan;
  readonly images: CatalogueOptions;
  /** Undefined: as kube-scheduler does that nobody has configured. */
  readonly scheduler: SchedulerConfiguration | undefined;
}

/** What was given by flags, with the texts to keep beside the store. */
export interface GivenPlan {
  readonly nodes?: { readonly plan: NodePlan; readonly text: string | undefined };
  readonly images?: { readonly options: CatalogueOptions; readonly text: string };
  readonly scheduler?: GivenScheduler;
}

/** A scheduler's configuration and its text; neither: the usual one again. */
export interface GivenScheduler {
  readonly configuration: SchedulerConfiguration | undefined;
  readonly text: string | undefined;
}

/** What names the parts of a cluster. */
export interface ClusterPlanFlags {
  readonly nodes?: string;
  readonly images?: string;
  readonly schedulerConfig?: string;
}

const NODES_FILE = 'nodes.yaml';
const IMAGES_FILE = 'images.yaml';
const SCHEDULER_FILE = 'scheduler.yaml';
const DEFAULT_NODES = 3;
const MOST_NODES = 1000;

/**
 * Reads `--nodes COUNT|FILE`, `--images FILE` and `--scheduler-config FILE|default`.
 *
 * @throws PintleError `usage`, `io`, `yaml-syntax`, `manifest-invalid`
 */
export async function givenPlan(io: Pick<Io, 'cwd'>, flags: ClusterPlanFlags): Promise<GivenPlan> {
  const nodes = flags.nodes === undefined ? undefined : await nodesFlag(io, flags.nodes);
  const images = flags.images === undefined ? undefined : await imagesFlag(io, flags.images);
  const scheduler = flags.schedulerConfig === undefined ? undefined : await schedulerFlag(io, flags.schedulerConfig);
  return {
    ...(nodes === undefined ? {} : { nodes }),
    ...(images === undefined ? {} : { images }),
    ...(scheduler === undefined ? {} : { scheduler }),
  };
}

async function imagesFlag(io: Pick<Io, 'cwd'>, file: string): Promise<NonNullable<GivenPlan['images']>> {
  const text = await readText(io, file);
  const { parseCatalogue } = await import('../cluster/kubelet/images/catalogue.ts');
  return { options: parseCatalogue(text, file), text };
}

/** Reads `--scheduler-config FILE|default`. @throws PintleError `io`, `yaml-syntax`, `manifest-invalid` */
export async function schedulerFlag(io: Pick<Io, 'cwd'>, file: string): Promise<GivenScheduler> {
  if (file === 'default') return { configuration: undefined, text: undefined };
  const text = await readText(io, file);
  const { parseSchedulerConfiguration } = await import('../cluster/scheduler/profiles/read-configuration.ts');
  return { configuration: parseSchedulerConfiguration(text, file), text };
}

async function nodesFlag(io: Pick<Io, 'cwd'>, value: string): Promise<NonNullable<GivenPlan['nodes']>> {
  if (/^[+-]?\d+$/.test(value) || !(value.includes('.') || value.includes('/') || existsSync(resolve(io.cwd, value)))) {
    const count = integerFlag('--nodes', value);
    if (count < 1 || count > MOST_NODES) {
      throw new PintleError('usage', `invalid argument "${value}" for "--nodes"`, {
        hint: `use a number from 1 to ${MOST_NODES}, or a file of nodes (docs/nodes.md)`,
      });
    }
    return { plan: { nodes: clusterNodes(count), pools: [] }, text: undefined };
  }
  const text = await readText(io, value);
  const { parseNodes } = await import('../cluster/nodes/read-nodes.ts');
  return { plan: parseNodes(text, value), text };
}

async function readText(io: Pick<Io, 'cwd'>, file: string): Promise<string> {
  try {
    return await readFile(resolve(io.cwd, file), 'utf8');
  } catch (error) {
    throw new PintleError('io', `cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** What was kept in a cluster's folder, with what was given over it. */
export async function clusterPlan(
  folder: string,
  settings: ClusterSettings,
  given: GivenPlan = {},
): Promise<ClusterPlan> {
  return {
    nodes: given.nodes?.plan ?? (await keptNodes(folder, settings)),
    images: given.images?.options ?? (await keptImages(folder)),
    scheduler: given.scheduler === undefined ? await keptScheduler(folder) : given.scheduler.configuration,
  };
}

/** How the scheduler of an embedded cluster was told to work, if it was. */
export async function keptScheduler(folder: string): Promise<SchedulerConfiguration | undefined> {
  const text = await kept(folder, SCHEDULER_FILE);
  if (text === undefined) return undefined;
  const { parseSchedulerConfiguration } = await import('../cluster/scheduler/profiles/read-configuration.ts');
  return parseSchedulerConfiguration(text, join(folder, SCHEDULER_FILE));
}

async function keptNodes(folder: string, { nodes = DEFAULT_NODES }: ClusterSettings): Promise<NodePlan> {
  const text = await kept(folder, NODES_FILE);
  if (text === undefined) return { nodes: clusterNodes(nodes), pools: [] };
  const { parseNodes } = await import('../cluster/nodes/read-nodes.ts');
  return parseNodes(text, join(folder, NODES_FILE));
}

async function keptImages(folder: string): Promise<CatalogueOptions> {
  const text = await kept(folder, IMAGES_FILE);
  if (text === undefined) return {};
  const { parseCatalogue } = await import('../cluster/kubelet/images/catalogue.ts');
  return parseCatalogue(text, join(folder, IMAGES_FILE));
}

/** The catalogue of an embedded cluster. */
export async function clusterCatalogue(folder: string): Promise<CatalogueOptions> {
  return await keptImages(folder);
}

async function kept(folder: string, name: string): Promise<string | undefined> {
  const path = join(folder, name);
  return existsSync(path) ? await readFile(path, 'utf8') : undefined;
}

/** Keeps what was given, for later openings. A number of nodes takes the place of a file. */
export async function keepPlan(folder: string, { nodes, images, scheduler }: GivenPlan): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (nodes !== undefined) await keepFile(folder, NODES_FILE, nodes.text);
  if (images !== undefined) await keepFile(folder, IMAGES_FILE, images.text);
  if (scheduler !== undefined) await keepFile(folder, SCHEDULER_FILE, scheduler.text);
}

/** Forgets what was kept. */
export async function forgetPlan(folder: string): Promise<void> {
  await keepFile(folder, NODES_FILE, undefined);
  await keepFile(folder, IMAGES_FILE, undefined);
  await keepFile(folder, SCHEDULER_FILE, undefined);
}

async function keepFile(folder: string, name: string, text: string | undefined): Promise<void> {
  const path = join(folder, name);
  if (text === undefined) {
    await rm(path, { force: true });
    return;
  }
  replaceFile(path, text);
}
