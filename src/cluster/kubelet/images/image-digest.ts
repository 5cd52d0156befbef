import { createHash } from 'node:crypto';
import type { ImageReference } from './image-reference.ts';

const known = new Map<string, string>();
const KNOWN_LIMIT = 2000;

/** What a container status names as imageID: the repository and a digest, always the same for one image. */
export function imageIdOf(reference: ImageReference): string {
  return `${reference.registry}/${reference.repository}@${reference.digest ?? digestOf(reference.name)}`;
}

function digestOf(name: string): string {
  let digest = known.get(name);
  if (digest === undefined) {
    digest = `sha256:${createHash('sha256').update(name).digest('hex')}`;
    if (known.size >= KNOWN_LIMIT) known.clear();
    known.set(name, digest);
  }
  return digest;
}
