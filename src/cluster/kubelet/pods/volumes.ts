import type { KeyToPath, Pod, Volume, VolumeProjection } from '../../../kube/api/core-v1.generated.ts';
import { attaches, attachmentName } from '../../machinery/csi.ts';
import { type ClusterView, dependencyKey } from '../cluster-view.ts';

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
export const ROOT_CERTIFICATES = 'kube-root-ca.crt';

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
