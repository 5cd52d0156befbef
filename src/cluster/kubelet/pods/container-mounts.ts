import type { Container, DownwardAPIVolumeFile, KeyToPath, Pod, Volume } from '../../../kube/api/core-v1.generated.ts';
import type { ClusterView } from '../cluster-view.ts';
import type { MountedFiles } from '../process/surroundings.ts';
import { containerResource, expandReferences, podField } from './environment.ts';
import { systemFiles } from './system-files.ts';
import { ROOT_CERTIFICATES } from './volumes.ts';

/** A volume of a container, and where it finds it. */
export interface Mount {
  readonly path: string;
  readonly volume: Volume | undefined;
  readonly subPath: string;
  readonly readOnly: boolean;
  /** Files by their path below the mount; undefined: the volume can be written to. */
  readonly files: ReadonlyMap<string, VolumeFile> | undefined;
}

/** A file that a volume brings. */
export interface VolumeFile {
  readonly text: string;
  readonly mode: number;
}

/** What the files of a container follow from. */
export interface ContainerFilesInput {
  readonly pod: Pod;
  readonly container: Pick<Container, 'volumeMounts'>;
  readonly view: Pick<ClusterView, 'configMaps' | 'secrets'>;
  /** Of the pod, as its processes see them. */
  readonly addresses: { readonly podIP: string; readonly hostIP: string };
  /** Of the node, for limits that a container does not set. */
  readonly allocatable: Readonly<Record<string, string | number>>;
  readonly env: () => Readonly<Record<string, string>>;
  /** What containers that ran before have left in volumes: text by path, by volume; undefined: removed. */
  readonly left: () => VolumeWrites;
}

/** What has been written into volumes: text by path below the volume's top, by volume; undefined: removed. */
export type VolumeWrites = ReadonlyMap<string, ReadonlyMap<string, string | undefined>>;

const DEFAULT_MODE = 0o644;
const EMPTY_DIR_MODE = 0o777;
const ATOMIC_MODE = 0o777;

/** The files that a container finds in its volumes; looked up when they are first asked for. */
export class ContainerFiles implements MountedFiles {
  readonly #input: ContainerFilesInput;
  #mounts: readonly Mount[] | undefined;
  #left: VolumeWrites | undefined;
  #system: ReadonlyMap<string, string> | undefined;

  constructor(input: ContainerFilesInput) {
    this.#input = input;
  }

  read(path: string): string | undefined {
    const mount = this.#mountOf(path);
    if (mount === undefined) return this.#systemFile(path);
    const inside = below(mount.path, path);
    return mount.files === undefined ? this.#writesTo(mount).get(inside) : mount.files.get(inside)?.text;
  }

  exists(path: string): boolean | undefined {
    const mount = this.#mountOf(path);
    if (mount === undefined) return this.#systemFile(path) === undefined ? undefined : true;
    const rest = below(mount.path, path);
    if (rest === '') return true;
    for (const file of this.#namesIn(mount)) if (file === rest || file.startsWith(`${rest}/`)) return true;
    return false;
  }

  list(folder: string): readonly string[] | undefined {
    const mount = this.#mountOf(folder);
    if (mount === undefined || this.exists(folder) !== true) return undefined;
    const inside = below(mount.path, folder);
    const prefix = inside === '' ? '' : `${inside}/`;
    const names = new Set<string>();
    for (const file of this.#namesIn(mount)) {
      const [name = ''] = file.startsWith(prefix) ? file.slice(prefix.length).split('/') : [];
      if (name !== '') names.add(name);
    }
    return [...names].sort();
  }

  mode(path: string): number | undefined {
    const mount = this.#mountOf(path);
    if (mount === undefined) return undefined;
    const inside = below(mount.path, path);
    if (mount.files === undefined) return inside === '' ? EMPTY_DIR_MODE : DEFAULT_MODE;
    return mount.files.get(inside)?.mode ?? ATOMIC_MODE;
  }

  inMemory(path: string): boolean {
    const { emptyDir, secret, projected, downwardAPI } = this.#mountOf(path)?.volume ?? {};
    return emptyDir?.medium === 'Memory' || (secret ?? projected ?? downwardAPI) !== undefined;
  }

  /** All mounts, the deepest first. */
  mounts(): readonly Mount[] {
    this.#mounts ??= this.#read();
    return this.#mounts;
  }

  touches(folder: string): boolean {
    return (this.#input.container.volumeMounts ?? []).some(
      ({ mountPath }) => isWithin(mountPath, folder) || isWithin(folder, mountPath),
    );
  }

  /** Files of a writable volume that earlier containers have left. */
  #writesTo({ volume, subPath }: Mount): ReadonlyMap<string, string> {
    this.#left ??= this.#input.left();
    const kept = new Map<string, string>();
    for (const [path, text] of this.#left.get(volume?.name ?? '') ?? []) {
      if (text === undefined) continue;
      if (subPath === '') kept.set(path, text);
      else if (path === subPath || path.startsWith(`${subPath}/`)) kept.set(below(subPath, path), text);
    }
    return kept;
  }

  #namesIn(mount: Mount): Iterable<string> {
    return (mount.files ?? this.#writesTo(mount)).keys();
  }

  #systemFile(path: string): string | undefined {
    if (!path.startsWith('/etc/') && !path.startsWith('/proc/sys/')) return undefined;
    this.#system ??= systemFiles(this.#input.pod, this.#input.addresses.podIP);
    return this.#system.get(path);
  }

  #mountOf(path: string): Mount | undefined {
    return this.mounts().find((mount) => isWithin(path, mount.path));
  }

  /** The deepest mounts first. */
  #read(): readonly Mount[] {
    const { pod, container, env } = this.#input;
    const mounts = (container.volumeMounts ?? []).map((mount) => {
      const { name, mountPath, subPathExpr, readOnly = false } = mount;
      const volume = pod.spec?.volumes?.find((each) => each.name === name);
      const files = volume === undefined ? undefined : this.#filesOf(volume);
      const path = mountPath.replace(/(.)\/+$/, '$1');
      const subPath = subPathExpr === undefined ? (mount.subPath ?? '') : expandReferences(subPathExpr, env());
      return {
        path,
        volume,
        subPath,
        readOnly,
        files: files === undefined || subPath === '' ? files : part(files, subPath),
      };
    });
    return mounts.sort((a, b) => b.path.length - a.path.length);
  }

  #filesOf(volume: Volume): ReadonlyMap<string, VolumeFile> | undefined {
    const files = new Map<string, VolumeFile>();
    const { configMap, secret, downwardAPI, projected } = volume;
    const mode = (configMap ?? secret ?? downwardAPI ?? projected)?.defaultMode ?? DEFAULT_MODE;
    if (configMap !== undefined) this.#addConfigMap(files, configMap, mode);
    else if (secret !== undefined) this.#addSecret(files, { ...secret, name: secret.secretName }, mode);
    else if (downwardAPI !== undefined) this.#addFields(files, downwardAPI.items ?? [], mode);
    else if (projected !== undefined) {
      for (const source of projected.sources ?? []) {
        if (source.configMap !== undefined) this.#addConfigMap(files, source.configMap, mode);
        if (source.secret !== undefined) this.#addSecret(files, source.secret, mode);
        if (source.downwardAPI !== undefined) this.#addFields(files, source.downwardAPI.items ?? [], mode);
        if (source.serviceAccountToken !== undefined) files.set(source.serviceAccountToken.path, { text: '', mode });
      }
    } else return undefined;
    return this.#forGroup(files);
  }

  /** A group that the pod's volumes are given to may read them. kubernetes: pkg/volume/volume_linux.go roMask */
  #forGroup(files: ReadonlyMap<string, VolumeFile>): ReadonlyMap<string, VolumeFile> {
    if (this.#input.pod.spec?.securityContext?.fsGroup === undefined) return files;
    return new Map([...files].map(([path, { text, mode }]) => [path, { text, mode: mode | 0o440 }]));
  }

  #addConfigMap(files: Map<string, VolumeFile>, source: KeyedSource, mode: number): void {
    const { pod, view } = this.#input;
    const map = view.configMaps.get({ namespace: pod.metadata.namespace, name: source.name ?? '' });
    if (map === undefined && source.name === ROOT_CERTIFICATES) files.set('ca.crt', { text: '', mode });
    addItems(files, { ...map?.data, ...decoded(map?.binaryData) }, source.items, mode);
  }

  #addSecret(files: Map<string, VolumeFile>, source: KeyedSource, mode: number): void {
    const { pod, view } = this.#input;
    const secret = view.secrets.get({ namespace: pod.metadata.namespace, name: source.name ?? '' });
    addItems(files, decoded(secret?.data), source.items, mode);
  }

  #addFields(files: Map<string, VolumeFile>, items: readonly DownwardAPIVolumeFile[], mode: number): void {
    const { pod, addresses, allocatable } = this.#input;
    for (const { path, fieldRef, resourceFieldRef, mode: own } of items) {
      const text =
        fieldRef === undefined
          ? resourceFieldRef && containerResource(resourceFieldRef, { pod, container: NO_CONTAINER, allocatable })
          : podField(fieldRef.fieldPath, { pod, ...addresses });
      files.set(path, { text: text ?? '', mode: own ?? mode });
    }
  }
}

/** Volumes name the container whose resources they tell. */
const NO_CONTAINER: Pick<Container, 'resources'> = {};

interface KeyedSource {
  readonly name?: string | undefined;
  readonly items?: readonly KeyToPath[] | undefined;
}

function decoded(data: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  );
}

function addItems(
  files: Map<string, VolumeFile>,
  data: Readonly<Record<string, string>>,
  items: readonly KeyToPath[] | undefined,
  mode: number,
): void {
  if (items === undefined || items.length === 0) {
    for (const [key, text] of Object.entries(data)) files.set(key, { text, mode });
    return;
  }
  for (const { key, path, mode: own } of items) {
    if (Object.hasOwn(data, key)) files.set(path, { text: data[key] ?? '', mode: own ?? mode });
  }
}

/** What a subPath leaves: one file, or the files below a folder. */
function part(files: ReadonlyMap<string, VolumeFile>, subPath: string): ReadonlyMap<string, VolumeFile> {
  const kept = new Map<string, VolumeFile>();
  for (const [path, file] of files) {
    if (path === subPath) kept.set('', file);
    else if (path.startsWith(`${subPath}/`)) kept.set(path.slice(subPath.length + 1), file);
  }
  return kept;
}

/**
 * Why the volumes of a container cannot be mounted, in the words of CreateContainerConfigError.
 * kubernetes: pkg/kubelet/kubelet_pods.go makeMounts
 */
export function subPathFault(
  { volumeMounts = [] }: Pick<Container, 'volumeMounts'>,
  env: () => Readonly<Record<string, string>>,
): string | undefined {
  for (const { subPathExpr } of volumeMounts) {
    if (subPathExpr === undefined) continue;
    const path = expandReferences(subPathExpr, env());
    const missing = /\$\(([^)]*)\)/.exec(path)?.[1];
    if (missing !== undefined) return `missing value for ${JSON.stringify(missing)}`;
    if (path.startsWith('/')) return `error SubPath \`${path}\` must not be an absolute path`;
    if (path.split('/').includes('..')) return `unable to provision SubPath \`${path}\`: must not contain '..'`;
  }
  return undefined;
}

/** True for a folder itself and what lies in it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** A path as seen from a folder that it lies in. */
export function below(folder: string, path: string): string {
  return path === folder ? '' : path.slice(folder.endsWith('/') ? folder.length : folder.length + 1);
}
