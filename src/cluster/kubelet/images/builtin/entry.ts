import type { ImageBehaviour } from '../behaviour.ts';

/** An image or, with `*`, a family of images, and what it does. */
export interface CatalogueEntry {
  /** As in a pod, without a tag: `nginx`, `bitnami/*`, `quay.io/prometheus/prometheus`. `*` stands for any text. */
  readonly image: string;
  readonly behaviour: ImageBehaviour;
}

/** Bytes. */
export const MI: number = 1024 * 1024;

/** One behaviour for images that are parted by spaces. */
export function entry(images: string, behaviour: ImageBehaviour): CatalogueEntry[] {
  return images.split(' ').map((image) => ({ image, behaviour }));
}

/** Does its work and ends. */
export const TOOL: ImageBehaviour = {
  entrypoint: 'exit',
  runMillis: 1000,
  exitCode: 0,
  size: 20 * MI,
  memory: 8 * MI,
  cpu: 5,
  stopCode: 143,
};

/** A shell that ends when it has nothing to do. */
export const SHELL: ImageBehaviour = { entrypoint: 'shell', size: 4 * MI, memory: 2 * MI, cpu: 1 };

/**
 * A server: size of its image in MiB, typical memory in MiB and thousandths of a core when nobody asks for anything, the ports
 * of its own configuration, and its lines at the start. With arguments or something mounted below /etc, the pod decides on ports.
 */
export function server(
  [size, memory, cpu]: readonly [size: number, memory: number, cpu: number],
  ports: readonly number[],
  logs: readonly string[],
  more: ImageBehaviour = {},
): ImageBehaviour {
  const own: ImageBehaviour = { size: size * MI, memory: memory * MI, cpu, startMillis: 500, stopCode: 0, logs };
  return { ...own, ...(ports.length === 0 ? {} : { ports, configFolders: ['/etc'] }), ...more };
}
