import { createHash } from 'node:crypto';
import type { Container, Pod, Volume } from '../../../kube/api/core-v1.generated.ts';
import { parseTime } from '../../machinery/time.ts';
import type { Mount, VolumeFile } from '../pods/container-mounts.ts';
import { processUser } from '../pods/process-user.ts';
import { systemFiles } from '../pods/system-files.ts';
import { volumeChanges } from '../pods/volume-changes.ts';
import { claimNameOf } from '../pods/volumes.ts';
import { type FileChange, type SettledChange, settledChanges } from '../process/file-changes.ts';
import { type FileOwner, FileTree, textFile } from './file-tree.ts';
import { processStatus } from './process-files.ts';
import { FileSystem, type MountedTree } from './file-system.ts';
import { programNames } from './run-program.ts';

const FOLDERS =
  'bin dev etc home lib media mnt opt proc root run sbin srv sys tmp usr usr/bin usr/lib usr/local usr/local/bin usr/sbin usr/share var var/cache var/lib var/log var/run var/tmp';

/** Layers of containers and volumes that are kept at most; the ones used longest ago go first. */
const MOST_LAYERS = 500;

/** Runs of which a layer keeps how far it has their changes; the ones looked at longest ago go first. */
const MOST_RUNS = 100;

/** What has been written into a container or a volume. */
export class Layer {
  readonly tree: FileTree;
  /** How many of a run's own changes are in the tree, by its id. */
  readonly #applied = new Map<string, number>();

  constructor(tree: FileTree) {
    this.tree = tree;
  }

  /** The number of a run's changes that have been looked at for this layer. */
  appliedOf(run: string): number {
    return this.#applied.get(run) ?? 0;
  }

  setApplied(run: string, count: number): void {
    keepNewest(this.#applied, run, count, MOST_RUNS);
  }
}

/** What has been written into containers and volumes, for as long as this process lives. */
export class Layers {
  readonly #layers = new Map<string, Layer>();

  /** The layer of a key; its tree is made when it is first asked for, and again when it has been forgotten meanwhile. */
  layer(key: string, make: () => FileTree): Layer {
    const layer = this.#layers.get(key) ?? new Layer(make());
    keepNewest(this.#layers, key, layer, MOST_LAYERS);
    return layer;
  }
}

/** Sets an entry as the newest, and drops the oldest of too many. */
function keepNewest<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}

/** A run of one of a pod's containers, and what its program has made of files by now. */
export interface WrittenRun {
  readonly container: Container;
  readonly containerID: string;
  readonly startedAt: number;
  readonly changes: readonly FileChange[];
}

/** What the files of a container follow from. */
export interface ContainerFilesInput {
  readonly pod: Pod;
  readonly container: Container;
  /** Of the run. */
  readonly containerID: string;
  readonly mounts: readonly Mount[];
  /** The runs of all containers of the pod, this one's too, in the order of their starts. */
  readonly runs: readonly WrittenRun[];
  /** Tokens of projected volumes, by volume and path in it. */
  readonly tokens: ReadonlyMap<string, string>;
  readonly layers: Layers;
  readonly now: () => number;
}

/** The file system of a running container. */
export function containerFileSystem(input: ContainerFilesInput): FileSystem {
  const { pod, container, containerID, layers, now, runs } = input;
  const started = parseTime(pod.status?.startTime) ?? now();
  const root = layers.layer(rootKey(pod, containerID), () => rootTree(pod, container, started)).tree;
  for (const run of runs) applyRun(run, input);
  const mounts = input.mounts.map((mount) => mounted(mount, input, started));
  const { uid, gid } = processUser(pod, container);
  const files = new FileSystem(root, mounts, {
    now,
    ...(uid === 0 && gid === 0 ? {} : { owner: { uid, gid } }),
    readOnlyRoot: container.securityContext?.readOnlyRootFilesystem === true,
  });
  // Mount points of single files and folders are there in the container's own layer too.
  for (const { path } of mounts) {
    const inside = path.slice(1);
    if (root.get(inside) === undefined) root.set(inside, { kind: 'folder', mode: 0o755, modified: started });
  }
  return files;
}

/** Does to volumes, and to the container that is looked at, what the program of a run has done since it was last looked at. */
function applyRun(run: WrittenRun, input: ContainerFilesInput): void {
  const touched = new Set<Layer>();
  for (const change of settledChanges(run.changes)) {
    const place = placeOf(change, run, input);
    if (place === undefined) continue;
    touched.add(place.layer);
    if (change.last >= place.layer.appliedOf(run.containerID)) applyChange(change, place, run, input);
  }
  for (const layer of touched) layer.setApplied(run.containerID, run.changes.length);
}

/** The layer that a change is made in, and where in it. */
interface ChangePlace {
  readonly layer: Layer;
  readonly inside: string;
}

/** Undefined for what cannot be changed, and for what only another container sees. */
function placeOf(made: SettledChange, run: WrittenRun, input: ContainerFilesInput): ChangePlace | undefined {
  const { pod, layers } = input;
  const [change] = volumeChanges(run.container, [made]);
  if (change === undefined) {
    if (run.containerID !== input.containerID) return undefined;
    const key = rootKey(pod, run.containerID);
    const layer = layers.layer(key, () => rootTree(pod, run.container, run.startedAt));
    return { layer, inside: made.path.replace(/^\/+|\/+$/g, '') };
  }
  const volume = pod.spec?.volumes?.find(({ name }) => name === change.volume);
  if (volume === undefined || isAtomic(volume)) return undefined;
  return { layer: volumeLayer(volume, pod, layers, run.startedAt), inside: change.path };
}

function applyChange(
  { exists, text = '', at, isFolder }: SettledChange,
  { layer: { tree }, inside }: ChangePlace,
  run: WrittenRun,
  { pod }: ContainerFilesInput,
): void {
  const modified = run.startedAt + at;
  if (!exists) tree.delete(inside);
  else if (text !== '' || tree.get(inside) === undefined) {
    const { uid, gid } = processUser(pod, run.container);
    const group = tree.get('')?.owner?.gid ?? gid;
    const owner = uid === 0 && group === 0 ? {} : { owner: { uid, gid: group } };
    if (isFolder !== true) tree.set(inside, { ...textFile(text, modified), ...owner });
    else tree.set(inside, { kind: 'folder', mode: 0o755, modified, ...owner });
  }
}

/** A container's own layer; whose pod it is counts, whatever id a status tells. */
function rootKey({ metadata }: Pod, containerID: string): string {
  return `container ${metadata.uid ?? ''}/${containerID}`;
}

/** True for volumes that the kubelet fills. */
function isAtomic({ configMap, secret, downwardAPI, projected }: Volume): boolean {
  return (configMap ?? secret ?? downwardAPI ?? projected) !== undefined;
}

function rootTree(pod: Pod, container: Container, modified: number): FileTree {
  const tree = new FileTree({ modified });
  for (const path of FOLDERS.split(' ')) {
    tree.set(path, { kind: 'folder', mode: path.endsWith('tmp') ? 0o1777 : 0o755, modified });
  }
  for (const name of programNames()) tree.set(`bin/${name}`, textFile('', modified, 0o755));
  for (const [path, text] of systemFiles(pod, pod.status?.podIP ?? ''))
    tree.set(path.slice(1), textFile(text, modified));
  const texts: Readonly<Record<string, string>> = {
    'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
    'etc/group': 'root:x:0:\n',
    'etc/os-release': 'NAME="Pintle"\nID=pintle\nPRETTY_NAME="Pintle (simulated)"\n',
    'proc/1/status': processStatus(pod, container),
    'proc/version': 'Linux version 6.8.0-pintle\n',
  };
  for (const [path, text] of Object.entries(texts)) tree.set(path, textFile(text, modified));
  return tree;
}

function mounted(mount: Mount, input: ContainerFilesInput, modified: number): MountedTree {
  const { path, files, volume, subPath, readOnly } = mount;
  if (files === undefined)
    return { path, tree: volumeLayer(volume, input.pod, input.layers, modified).tree, subPath, readOnly };
  const named = volume?.name ?? '';
  const whole = new Map(
    [...files].map(([name, { text, mode }]) => [name, { text: input.tokens.get(`${named}/${name}`) ?? text, mode }]),
  );
  const single = whole.get('');
  if (single !== undefined) {
    const tree = new FileTree({ modified });
    tree.set('', textFile(single.text, modified, single.mode));
    return { path, tree, readOnly: true };
  }
  const group = input.pod.spec?.securityContext?.fsGroup;
  const tree = subPath === '' ? atomicTree(whole, modified, group) : plainTree(whole, modified);
  return { path, tree, readOnly: true };
}

/** What has been written into a volume; one that is given to a group hands it on to all that is made in it. */
function volumeLayer(volume: Volume | undefined, pod: Pod, layers: Layers, modified: number): Layer {
  const gid = pod.spec?.securityContext?.fsGroup;
  return layers.layer(volumeKey(volume, pod), () =>
    gid === undefined
      ? new FileTree({ modified, mode: 0o777 })
      : new FileTree({ modified, mode: 0o2777, owner: { uid: 0, gid } }),
  );
}

/** What a volume shares with other containers. */
function volumeKey(volume: Volume | undefined, pod: Pod): string {
  const claim = volume === undefined ? undefined : claimNameOf(volume, pod);
  if (claim !== undefined) return `claim ${pod.metadata.namespace ?? ''}/${claim}`;
  return `volume ${pod.metadata.uid ?? ''}/${volume?.name ?? ''}`;
}

function plainTree(files: ReadonlyMap<string, VolumeFile>, modified: number): FileTree {
  const tree = new FileTree({ modified });
  for (const [path, { text, mode }] of files) tree.set(path, textFile(text, modified, mode));
  return tree;
}

/**
 * A volume of ConfigMaps and the like as the kubelet writes it: the files in a folder with the time in its name, a link `..data`
 * to that, and links to the files through it. kubernetes: pkg/volume/util/atomic_writer.go
 */
function atomicTree(files: ReadonlyMap<string, VolumeFile>, modified: number, gid: number | undefined): FileTree {
  const owner: FileOwner | undefined = gid === undefined ? undefined : { uid: 0, gid };
  const owned = owner === undefined ? {} : { owner };
  const tree = new FileTree({ modified, mode: gid === undefined ? 0o1777 : 0o3777, ...owned });
  const text = new Date(modified).toISOString();
  const nine =
    createHash('sha256')
      .update(JSON.stringify([...files].map(([path, { text: content }]) => [path, content])))
      .digest()
      .readUInt32BE(0) % 1_000_000_000;
  const folder = `..${text.slice(0, 19).replaceAll(/[-T:]/g, '_')}.${String(nine).padStart(9, '0')}`;
  for (const [path, { text: content, mode }] of files) {
    tree.set(`${folder}/${path}`, { ...textFile(content, modified, mode), ...owned });
    const [first = path] = path.split('/');
    tree.set(first, { kind: 'link', target: `..data/${first}`, mode: 0o777, modified });
  }
  tree.set('..data', { kind: 'link', target: folder, mode: 0o777, modified });
  return tree;
}
