import { createHash } from 'node:crypto';
import type { Container, Pod, Volume } from '../../../kube/api/core-v1.generated.ts';
import { parseTime } from '../../machinery/time.ts';
import type { Mount, VolumeFile } from '../pods/container-mounts.ts';
import { processUser } from '../pods/process-user.ts';
import { systemFiles } from '../pods/system-files.ts';
import { volumeChanges } from '../pods/volume-changes.ts';
import { claimNameOf } from '../pods/volumes.ts';
import type { FileChange } from '../process/shell.ts';
import { type FileOwner, FileTree, textFile } from './file-tree.ts';
import { processStatus } from './process-files.ts';
import { FileSystem, type MountedTree } from './file-system.ts';
import { programNames } from './run-program.ts';

const FOLDERS =
  'bin dev etc home lib media mnt opt proc root run sbin srv sys tmp usr usr/bin usr/lib usr/local usr/local/bin usr/sbin usr/share var var/cache var/lib var/log var/run var/tmp';

/** Layers of containers and volumes that are kept at most; the ones used longest ago go first. */
const MOST_LAYERS = 500;

/** What has been written into containers and volumes, for as long as this process lives. */
export class Layers {
  readonly #trees = new Map<string, FileTree>();
  /** How many of a run's own changes are in its trees, by its id. */
  readonly #applied = new Map<string, number>();

  /** The tree of a key; made when it is first asked for. */
  tree(key: string, make: () => FileTree): FileTree {
    const known = this.#trees.get(key) ?? make();
    this.#trees.delete(key);
    this.#trees.set(key, known);
    const [oldest] = this.#trees.keys();
    if (this.#trees.size > MOST_LAYERS && oldest !== undefined) this.#trees.delete(oldest);
    return known;
  }

  /** Does with those changes of a run what has not been done with them yet. */
  applyOnce<T>(containerID: string, changes: readonly T[], apply: (change: T) => void): void {
    const done = this.#applied.get(containerID) ?? 0;
    changes.slice(done).forEach(apply);
    this.#applied.set(containerID, Math.max(done, changes.length));
    const [oldest] = this.#applied.keys();
    if (this.#applied.size > 4 * MOST_LAYERS && oldest !== undefined) this.#applied.delete(oldest);
  }
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
  const root = layers.tree(containerID, () => rootTree(pod, container, started));
  for (const run of runs) layers.applyOnce(run.containerID, run.changes, (change) => applyChange(change, run, input));
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

/** Does to a volume, or to the layer of a container, what its program did. */
function applyChange(made: FileChange, run: WrittenRun, input: ContainerFilesInput): void {
  const { path, exists, text = '', at, isFolder } = made;
  const { pod, layers } = input;
  const modified = run.startedAt + at;
  const [change] = volumeChanges(run.container, [made]);
  const volume = pod.spec?.volumes?.find(({ name }) => name === change?.volume);
  let tree: FileTree;
  if (change === undefined) tree = layers.tree(run.containerID, () => rootTree(pod, run.container, run.startedAt));
  else if (volume === undefined || isAtomic(volume)) return;
  else tree = volumeTree(volume, pod, layers, run.startedAt);
  const inside = change?.path ?? path.replace(/^\/+|\/+$/g, '');
  if (!exists) tree.delete(inside);
  else if (text !== '' || tree.get(inside) === undefined) {
    const { uid, gid } = processUser(pod, run.container);
    const group = tree.get('')?.owner?.gid ?? gid;
    const owner = uid === 0 && group === 0 ? {} : { owner: { uid, gid: group } };
    if (isFolder !== true) tree.set(inside, { ...textFile(text, modified), ...owner });
    else tree.set(inside, { kind: 'folder', mode: 0o755, modified, ...owner });
  }
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
    return { path, tree: volumeTree(volume, input.pod, input.layers, modified), subPath, readOnly };
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
function volumeTree(volume: Volume | undefined, pod: Pod, layers: Layers, modified: number): FileTree {
  const gid = pod.spec?.securityContext?.fsGroup;
  return layers.tree(volumeKey(volume, pod), () =>
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
