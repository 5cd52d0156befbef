import type { Failure, FilterFactory } from '../cycle.ts';
import type { PodInfo } from '../pod-info.ts';
import { claimNames, classOf } from './claims.ts';
import type { VolumeLookup } from './volume-lookup.ts';

const FULL: Failure = {
  plugin: 'NodeVolumeLimits',
  reasons: ['node(s) exceed max volume count'],
  unresolvable: false,
};

/** Nodes that can have the pod's volumes beside those that they have. kubernetes: plugins/nodevolumelimits/csi.go */
export const nodeVolumeLimits: FilterFactory = ({ pod, volumes }) => {
  const wanted = csiVolumes(pod, volumes);
  if (wanted.size === 0) return undefined;
  return {
    plugin: 'NodeVolumeLimits',
    check: (node) => {
      const limits = volumes.attachLimits(node.name);
      if (limits.size === 0) return undefined;
      const present = new Map(volumes.strayVolumes(node.name));
      for (const other of node.pods.values())
        for (const [name, driver] of csiVolumes(other, volumes)) present.set(name, driver);
      const counts = new Map<string, number>();
      for (const driver of present.values()) counts.set(driver, (counts.get(driver) ?? 0) + 1);
      const more = new Map<string, number>();
      for (const [name, driver] of wanted) if (!present.has(name)) more.set(driver, (more.get(driver) ?? 0) + 1);
      for (const [driver, count] of more) {
        if ((counts.get(driver) ?? 0) + count > (limits.get(driver) ?? Number.POSITIVE_INFINITY)) return FULL;
      }
      return undefined;
    },
  };
};

/** The driver of each volume of a pod that a driver attaches, by the volume's name, or the claim's while there is none. */
function csiVolumes({ pod, namespace }: PodInfo, volumes: VolumeLookup): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const name of claimNames(pod)) {
    const claim = volumes.claim(namespace, name);
    if (claim === undefined) continue;
    const volumeName = claim.spec?.volumeName ?? '';
    const driver =
      volumeName === ''
        ? volumes.storageClass(classOf(claim))?.provisioner
        : volumes.volume(volumeName)?.spec?.csi?.driver;
    if (driver !== undefined) found.set(volumeName === '' ? `${namespace}/${name}` : volumeName, driver);
  }
  return found;
}
