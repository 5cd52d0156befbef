import { createHash } from 'node:crypto';
import type { Container, Pod, Volume } from '../../../kube/api/core-v1.generated.ts';
import { parseTime } from '../../machinery/time.ts';
import { claimNameOf, type Mount } from '../pods/volumes.ts';
import { FileTree, textFile } from './file-tree.ts';
import { FileSystem, type MountedTree } from './file-system.ts';
import { programNames } from './run-program.ts';

const FOLDERS =
  'bin dev etc home lib media mnt opt proc root run sbin srv sys tmp usr usr/bin usr/lib usr/local usr/local/bin usr/sbin usr/share var var/cache var/lib var/log var/run var/tmp';

/** Layers of containers and volumes that are kept at most; the ones used longest ago go first. */
const MOST_LAYERS = 500;

/** What has been written into containers and volumes, for as long as this process lives. */
export class Layers {
  readonly #trees = new Map<string, FileTree>();

  /** The tree of a key; made when it is first asked for. */
  tree(key: string, make: () => FileTree): FileTree {
    const known = this.#trees.get(key) ?? make();
    this.#trees.delete(key);
    this.#trees.set(key, known);
    const [oldest] = this.#trees.keys();
    if (this.#trees.size > MOST_LAYERS && oldest !== undefined) this.#trees.delete(oldest);
    return known;
  }
}

/** What the files of a container follow from. */
export interface ContainerFilesInput {
  readonly pod: Pod;
  readonly container: Container;
  /** Of the run. */
  readonly containerID: string;
  readonly hostname: string;
  readonly mounts: readonly Mount[];
  /** Files that the program has made or removed by now. */
  readonly made: readonly { readonly path: string; readonly exists: boolean }[];
  /** Tokens of projected volumes, by volume and path in it. */
  readonly tokens: ReadonlyMap<string, string>;
  readonly layers: Layers;
  readonly now: () => number;
}

/** The file system of a running container. */
export function containerFileSystem(input: ContainerFilesInput): FileSystem {
  const { pod, containerID, layers, now } = input;
  const started = parseTime(pod.status?.startTime) ?? now();
  const root = layers.tree(containerID, () => rootTree(input, started));
  const mounts = input.mounts.map((mount) => mounted(mount, input, started));
  const files = new FileSystem(root, mounts, now);
  // Mount points of single files and folders are there in the container's own layer too.
  for (const { path } of mounts) {
    const inside = path.slice(1);
    if (root.get(inside) === undefined) root.set(inside, { kind: 'folder', mode: 0o755, modified: started });
  }
  return files;
}

function rootTree({ hostname, pod, made }: ContainerFilesInput, modified: number): FileTree {
  const tree = new FileTree({ modified });
  for (const path of FOLDERS.split(' ')) {
    tree.set(path, { kind: 'folder', mode: path.endsWith('tmp') ? 0o1777 : 0o755, modified });
  }
  for (const name of programNames()) tree.set(`bin/${name}`, textFile('', modified, 0o755));
  const podIP = pod.status?.podIP ?? '127.0.0.1';
  const namespace = pod.metadata.namespace ?? 'default';
  const texts: Readonly<Record<string, string>> = {
    'etc/hostname': `${hostname}\n`,
    'etc/hosts': `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n${podIP}\t${hostname}\n`,
    'etc/resolv.conf': `search ${namespace}.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n`,
    'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
    'etc/group': 'root:x:0:\n',
    'etc/os-release': 'NAME="Pintle"\nID=pintle\nPRETTY_NAME="Pintle (simulated)"\n',
    'proc/version': 'Linux version 6.8.0-pintle\n',
  };
  for (const [path, text] of Object.entries(texts)) tree.set(path, textFile(text, modified));
  for (const { path, exists } of made) {
    const inside = path.replace(/^\/+|\/+$/g, '');
    if (exists && tree.get(inside) === undefined) tree.set(inside, textFile('', modified));
    else if (!exists) tree.delete(inside);
  }
  return tree;
}

function mounted(mount: Mount, input: ContainerFilesInput, modified: number): MountedTree {
  const { path, files, volume, subPath, readOnly } = mount;
  if (files === undefined) {
    const make = (): FileTree => new FileTree({ modified, mode: 0o777, readOnly });
    return { path, tree: input.layers.tree(`${volumeKey(volume, input.pod)}#${subPath}`, make) };
  }
  const named = volume?.name ?? '';
  const whole = new Map([...files].map(([name, text]) => [name, input.tokens.get(`${named}/${name}`) ?? text]));
  const single = whole.get('');
  if (single !== undefined) {
    const tree = new FileTree({ modified, readOnly: true });
    tree.set('', textFile(single, modified));
    return { path, tree };
  }
  return { path, tree: subPath === '' ? atomicTree(whole, modified) : plainTree(whole, modified) };
}

/** What a volume shares with other containers. */
function volumeKey(volume: Volume | undefined, pod: Pod): string {
  const claim = volume === undefined ? undefined : claimNameOf(volume, pod);
  if (claim !== undefined) return `claim ${pod.metadata.namespace ?? ''}/${claim}`;
  return `volume ${pod.metadata.uid ?? ''}/${volume?.name ?? ''}`;
}

function plainTree(files: ReadonlyMap<string, string>, modified: number): FileTree {
  const tree = new FileTree({ modified, readOnly: true });
  for (const [path, text] of files) tree.set(path, textFile(text, modified));
  return tree;
}

/**
 * A volume of ConfigMaps and the like as the kubelet writes it: the files in a folder with the time in its name, a link `..data`
 * to that, and links to the files through it. kubernetes: pkg/volume/util/atomic_writer.go
 */
function atomicTree(files: ReadonlyMap<string, string>, modified: number): FileTree {
  const tree = new FileTree({ modified, mode: 0o1777, readOnly: true });
  const text = new Date(modified).toISOString();
  const nine =
    createHash('sha256')
      .update(JSON.stringify([...files]))
      .digest()
      .readUInt32BE(0) % 1_000_000_000;
  const folder = `..${text.slice(0, 19).replaceAll(/[-T:]/g, '_')}.${String(nine).padStart(9, '0')}`;
  for (const [path, content] of files) {
    tree.set(`${folder}/${path}`, textFile(content, modified));
    const [first = path] = path.split('/');
    tree.set(first, { kind: 'link', target: `..data/${first}`, mode: 0o777, modified });
  }
  tree.set('..data', { kind: 'link', target: folder, mode: 0o777, modified });
  return tree;
}
