import type { Container, KeyToPath, Pod, Volume, VolumeProjection } from '../../../kube/api/core-v1.generated.ts';
import { attaches, attachmentName } from '../../machinery/csi.ts';
import { type ClusterView, dependencyKey } from '../cluster-view.ts';
import type { MountedFiles } from '../process/surroundings.ts';
import { podField } from './environment.ts';

type View = Pick<ClusterView, 'configMaps' | 'secrets' | 'claims'>;

/** A volume that cannot be mounted. */
export interface VolumeFault {
  readonly volume: string;
  /** Of the event FailedMount. */
  readonly message: string;
  /** The object whose appearance may mend it. */
  readonly dependency: string;
}

/** Published in every namespace by the control plane; pods do not wait for it here. */
const ROOT_CERTIFICATES = 'kube-root-ca.crt';

/** The pod's volumes that cannot be mounted now. kubernetes: pkg/volume/{configmap,secret,projected} */
export function volumeFaults(pod: Pod, view: View): readonly VolumeFault[] {
  const faults: VolumeFault[] = [];
  for (const volume of pod.spec?.volumes ?? []) {
    const fault = volumeFault(volume, pod, view);
    if (fault !== undefined) faults.push(fault);
  }
  return faults;
}

interface Missing {
  readonly problem: string;
  readonly dependency: string;
}

function volumeFault(volume: Volume, pod: Pod, view: View): VolumeFault | undefined {
  const namespace = pod.metadata.namespace ?? '';
  let missing: Missing | undefined;
  if (volume.configMap !== undefined) {
    const { name = '', items, optional } = volume.configMap;
    missing = missingConfigMap({ namespace, name, items, optional }, view);
  } else if (volume.secret !== undefined) {
    const { secretName = '', items, optional } = volume.secret;
    missing = missingSecret({ namespace, name: secretName, items, optional }, view);
  } else if (volume.projected !== undefined) {
    missing = missingProjection(volume.projected.sources ?? [], namespace, view);
  } else {
    return claimFault(volume, pod, view);
  }
  if (missing === undefined) return undefined;
  const message = `MountVolume.SetUp failed for volume ${JSON.stringify(volume.name)} : ${missing.problem}`;
  return { volume: volume.name, message, dependency: missing.dependency };
}

interface Source {
  readonly namespace: string;
  readonly name: string;
  readonly items: readonly KeyToPath[] | undefined;
  readonly optional: boolean | undefined;
}

function missingConfigMap({ namespace, name, items, optional }: Source, view: View): Missing | undefined {
  if (optional === true || name === ROOT_CERTIFICATES) return undefined;
  const map = view.configMaps.get({ namespace, name });
  const dependency = dependencyKey('configmaps', namespace, name);
  if (map === undefined) return { problem: `configmap ${JSON.stringify(name)} not found`, dependency };
  const key = items?.find((item) => !has(map.data, item.key) && !has(map.binaryData, item.key))?.key;
  return key === undefined ? undefined : { problem: `references non-existent config key: ${key}`, dependency };
}

function missingSecret({ namespace, name, items, optional }: Source, view: View): Missing | undefined {
  if (optional === true) return undefined;
  const secret = view.secrets.get({ namespace, name });
  const dependency = dependencyKey('secrets', namespace, name);
  if (secret === undefined) return { problem: `secret ${JSON.stringify(name)} not found`, dependency };
  const key = items?.find((item) => !has(secret.data, item.key))?.key;
  return key === undefined ? undefined : { problem: `references non-existent secret key: ${key}`, dependency };
}

function has(map: Readonly<Record<string, string>> | undefined, key: string): boolean {
  return map !== undefined && Object.hasOwn(map, key);
}

function missingProjection(sources: readonly VolumeProjection[], namespace: string, view: View): Missing | undefined {
  const missing = sources.flatMap(({ configMap, secret }) => {
    const found =
      configMap === undefined
        ? secret === undefined
          ? undefined
          : missingSecret({ namespace, name: secret.name ?? '', items: secret.items, optional: secret.optional }, view)
        : missingConfigMap(
            { namespace, name: configMap.name ?? '', items: configMap.items, optional: configMap.optional },
            view,
          );
    return found ?? [];
  });
  const [first, ...others] = missing;
  if (first === undefined || others.length === 0) return first;
  return { problem: `[${missing.map(({ problem }) => problem).join(', ')}]`, dependency: first.dependency };
}

/** The claim that a volume uses, if any. */
export function claimNameOf(volume: Volume, pod: Pod): string | undefined {
  if (volume.persistentVolumeClaim !== undefined) return volume.persistentVolumeClaim.claimName;
  return volume.ephemeral === undefined ? undefined : `${pod.metadata.name ?? ''}-${volume.name}`;
}

function claimFault(volume: Volume, pod: Pod, view: View): VolumeFault | undefined {
  const name = claimNameOf(volume, pod);
  if (name === undefined) return undefined;
  const namespace = pod.metadata.namespace ?? '';
  const claim = view.claims.get({ namespace, name });
  let problem: string;
  if (claim === undefined) {
    problem = `failed to fetch PVC from API server: persistentvolumeclaims ${JSON.stringify(name)} not found`;
  } else if (claim.metadata.deletionTimestamp !== undefined) problem = 'PVC is being deleted';
  else if (claim.status?.phase !== 'Bound' || claim.spec?.volumeName === undefined) problem = 'PVC is not bound';
  else return undefined;
  const failed = `error processing PVC ${namespace}/${name}: ${problem}`;
  return {
    volume: volume.name,
    message: `Unable to attach or mount volumes: unmounted volumes=[${volume.name}], unattached volumes=[${volume.name}], failed to process volumes=[${volume.name}]: ${failed}`,
    dependency: dependencyKey('persistentvolumeclaims', namespace, name),
  };
}

/** A disk that is not at the pod's node yet. */
export interface MissingDisk {
  /** The pod's name for it. */
  readonly volume: string;
  /** The VolumeAttachment to wait for. */
  readonly dependency: string;
}

/** The disks of simulated drivers that have yet to be attached to the pod's node. kubernetes: operationexecutor VerifyControllerAttachedVolume */
export function missingDisks(pod: Pod, view: ClusterView): readonly MissingDisk[] {
  const missing: MissingDisk[] = [];
  for (const each of pod.spec?.volumes ?? []) {
    const name = claimNameOf(each, pod);
    if (name === undefined) continue;
    const claim = view.claims.get({ namespace: pod.metadata.namespace ?? '', name });
    const volume = view.volumes.get({ name: claim?.spec?.volumeName ?? '' });
    if (volume === undefined || !attaches(view.drivers.get({ name: volume.spec?.csi?.driver ?? '' }))) continue;
    const attachment = attachmentName(volume, pod.spec?.nodeName ?? '');
    if (view.attachments.get({ name: attachment })?.status?.attached === true) continue;
    missing.push({ volume: each.name, dependency: dependencyKey('volumeattachments', '', attachment) });
  }
  return missing;
}

/** A volume of a container, and where it finds it. */
export interface Mount {
  readonly path: string;
  readonly volume: Volume | undefined;
  readonly subPath: string;
  readonly readOnly: boolean;
  /** Files by their path below the mount; undefined: nobody knows what is there. */
  readonly files: ReadonlyMap<string, string> | undefined;
}

/** The files that a container finds in its volumes; looked up when they are first asked for. */
export class ContainerFiles implements MountedFiles {
  readonly #pod: Pod;
  readonly #container: Pick<Container, 'volumeMounts'>;
  readonly #view: View;
  #mounts: readonly Mount[] | undefined;

  constructor(pod: Pod, container: Pick<Container, 'volumeMounts'>, view: View) {
    this.#pod = pod;
    this.#container = container;
    this.#view = view;
  }

  read(path: string): string | undefined {
    const mount = this.#mountOf(path);
    return mount?.files?.get(below(mount.path, path));
  }

  exists(path: string): boolean | undefined {
    const mount = this.#mountOf(path);
    if (mount === undefined) return undefined;
    if (mount.files === undefined) return path === mount.path;
    const rest = below(mount.path, path);
    if (rest === '' || mount.files.has(rest)) return true;
    for (const file of mount.files.keys()) if (file.startsWith(`${rest}/`)) return true;
    return false;
  }

  /** All mounts, the deepest first. */
  mounts(): readonly Mount[] {
    this.#mounts ??= this.#read();
    return this.#mounts;
  }

  touches(folder: string): boolean {
    return (this.#container.volumeMounts ?? []).some(
      ({ mountPath }) => isWithin(mountPath, folder) || isWithin(folder, mountPath),
    );
  }

  #mountOf(path: string): Mount | undefined {
    return this.mounts().find((mount) => isWithin(path, mount.path));
  }

  /** The deepest mounts first. */
  #read(): readonly Mount[] {
    const mounts = (this.#container.volumeMounts ?? []).map(({ name, mountPath, subPath = '', readOnly = false }) => {
      const volume = this.#pod.spec?.volumes?.find((each) => each.name === name);
      const files = volume === undefined ? undefined : this.#filesOf(volume);
      const path = mountPath.replace(/(.)\/+$/, '$1');
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

  #filesOf(volume: Volume): ReadonlyMap<string, string> | undefined {
    const files = new Map<string, string>();
    if (volume.configMap !== undefined) this.#addConfigMap(files, volume.configMap);
    else if (volume.secret !== undefined) this.#addSecret(files, { ...volume.secret, name: volume.secret.secretName });
    else if (volume.downwardAPI !== undefined) this.#addFields(files, volume.downwardAPI.items ?? []);
    else if (volume.projected !== undefined) {
      for (const source of volume.projected.sources ?? []) {
        if (source.configMap !== undefined) this.#addConfigMap(files, source.configMap);
        if (source.secret !== undefined) this.#addSecret(files, source.secret);
        if (source.downwardAPI !== undefined) this.#addFields(files, source.downwardAPI.items ?? []);
        if (source.serviceAccountToken !== undefined) files.set(source.serviceAccountToken.path, '');
      }
    } else return undefined;
    return files;
  }

  #addConfigMap(files: Map<string, string>, source: KeyedSource): void {
    const map = this.#view.configMaps.get({ namespace: this.#pod.metadata.namespace, name: source.name ?? '' });
    if (map === undefined && source.name === ROOT_CERTIFICATES) files.set('ca.crt', '');
    addItems(files, { ...map?.data, ...decoded(map?.binaryData) }, source.items);
  }

  #addSecret(files: Map<string, string>, source: KeyedSource): void {
    const secret = this.#view.secrets.get({ namespace: this.#pod.metadata.namespace, name: source.name ?? '' });
    addItems(files, decoded(secret?.data), source.items);
  }

  #addFields(
    files: Map<string, string>,
    items: readonly { readonly path: string; readonly fieldRef?: { readonly fieldPath: string } | undefined }[],
  ): void {
    const { podIP = '', hostIP = '' } = this.#pod.status ?? {};
    for (const { path, fieldRef } of items) {
      files.set(path, (fieldRef && podField(fieldRef.fieldPath, { pod: this.#pod, podIP, hostIP })) ?? '');
    }
  }
}

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
  files: Map<string, string>,
  data: Readonly<Record<string, string>>,
  items: readonly KeyToPath[] | undefined,
): void {
  if (items === undefined || items.length === 0) {
    for (const [key, value] of Object.entries(data)) files.set(key, value);
    return;
  }
  for (const { key, path } of items) if (Object.hasOwn(data, key)) files.set(path, data[key] ?? '');
}

/** What a subPath leaves: one file, or the files below a folder. */
function part(files: ReadonlyMap<string, string>, subPath: string): ReadonlyMap<string, string> {
  const kept = new Map<string, string>();
  for (const [path, text] of files) {
    if (path === subPath) kept.set('', text);
    else if (path.startsWith(`${subPath}/`)) kept.set(path.slice(subPath.length + 1), text);
  }
  return kept;
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

function below(folder: string, path: string): string {
  return path === folder ? '' : path.slice(folder.endsWith('/') ? folder.length : folder.length + 1);
}
