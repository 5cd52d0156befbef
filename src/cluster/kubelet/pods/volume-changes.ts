import type { Container } from '../../../kube/api/core-v1.generated.ts';
import { type FileChange, settledChanges } from '../process/file-changes.ts';
import { below, isWithin } from './container-mounts.ts';

/** A change of a file in a volume. */
export interface VolumeChange {
  readonly volume: string;
  /** Below the volume's top. */
  readonly path: string;
  /** Undefined: it was removed. */
  readonly text: string | undefined;
  /** ms after the start of the container that made it. */
  readonly at: number;
}

/** Those changes of a container's files that happen in its volumes. */
export function volumeChanges(
  { volumeMounts = [] }: Pick<Container, 'volumeMounts'>,
  files: readonly FileChange[],
): readonly VolumeChange[] {
  const deepest = [...volumeMounts].sort((a, b) => b.mountPath.length - a.mountPath.length);
  return settledChanges(files).flatMap(({ path, exists, text = '', at }) => {
    const mount = deepest.find(({ mountPath }) => isWithin(path, mountPath.replace(/(.)\/+$/, '$1')));
    if (mount === undefined) return [];
    const inside = below(mount.mountPath.replace(/(.)\/+$/, '$1'), path);
    const whole = [mount.subPath ?? '', inside].filter((part) => part !== '').join('/');
    return [{ volume: mount.name, path: whole, text: exists ? text : undefined, at }];
  });
}
