import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { clusterNodes } from '../cluster/cluster-nodes.ts';
import type { CatalogueOptions } from '../cluster/kubelet/images/catalogue.ts';
import type { NodePlan } from '../cluster/nodes/node-pool.ts';
import type { ClusterSettings } from './cluster-folder.ts';
import type { Io } from './io.ts';
import { putFile } from './put-file.ts';
import { integerFlag } from './settings.ts';

/** What an embedded cluster is made of, besides its store. */
export interface ClusterPlan {
  readonly nodes: NodePlan;
  readonly images: CatalogueOptions;
}

/** What was given by flags, with the texts to keep beside the store. */
export interface GivenPlan {
  readonly nodes?: { readonly plan: NodePlan; readonly text: string | undefined };
  readonly images?: { readonly options: CatalogueOptions; readonly text: string };
}

const NODES_FILE = 'nodes.yaml';
const IMAGES_FILE = 'images.yaml';
const DEFAULT_NODES = 3;
const MOST_NODES = 1000;

/** Reads `--nodes COUNT|FILE` and `--images FILE`. @throws PintleError `usage`, `io`, `yaml-syntax`, `manifest-invalid` */
export async function givenPlan(
  io: Pick<Io, 'cwd'>,
  flags: { readonly nodes?: string; readonly images?: string },
): Promise<GivenPlan> {
  const nodes = flags.nodes === undefined ? undefined : await nodesFlag(io, flags.nodes);
  if (flags.images === undefined) return nodes === undefined ? {} : { nodes };
  const text = await readText(io, flags.images);
  const { parseCatalogue } = await import('../cluster/kubelet/images/catalogue.ts');
  const images = { options: parseCatalogue(text, flags.images), text };
  return { images, ...(nodes === undefined ? {} : { nodes }) };
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
  };
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
export async function keepPlan(folder: string, { nodes, images }: GivenPlan): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (nodes !== undefined) await keepFile(folder, NODES_FILE, nodes.text);
  if (images !== undefined) await keepFile(folder, IMAGES_FILE, images.text);
}

/** Forgets what was kept. */
export async function forgetPlan(folder: string): Promise<void> {
  await keepFile(folder, NODES_FILE, undefined);
  await keepFile(folder, IMAGES_FILE, undefined);
}

async function keepFile(folder: string, name: string, text: string | undefined): Promise<void> {
  const path = join(folder, name);
  if (text === undefined) {
    await rm(path, { force: true });
    return;
  }
  await putFile(path, text);
}
