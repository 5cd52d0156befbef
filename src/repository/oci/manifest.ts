import { PintleError } from '../../base/errors.ts';
import { isObject } from '../../base/json.ts';

/** A piece of content in a registry. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** The parts of a manifest; of an index its manifests. */
export interface Manifest {
  readonly config: Descriptor | undefined;
  readonly layers: readonly Descriptor[];
  readonly manifests: readonly Descriptor[];
}

/**
 * Reads a manifest, or an index of manifests.
 *
 * @param source what it is called in messages
 * @throws PintleError `fetch-failed` for anything else
 */
export function parseManifest(source: string, data: Uint8Array): Manifest {
  const { config, layers, manifests } = jsonOf(source, data);
  return {
    config: config === undefined || config === null ? undefined : descriptorOf(source, config),
    layers: listOf(source, layers),
    manifests: listOf(source, manifests),
  };
}

function listOf(source: string, value: unknown): Descriptor[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw noManifest(source);
  return value.map((each) => descriptorOf(source, each));
}

function descriptorOf(source: string, value: unknown): Descriptor {
  if (!isObject(value)) throw noManifest(source);
  const { mediaType = '', digest, size = 0 } = value;
  if (typeof mediaType === 'string' && typeof digest === 'string' && typeof size === 'number') {
    return { mediaType, digest, size };
  }
  throw noManifest(source);
}

function noManifest(source: string): PintleError {
  return new PintleError('fetch-failed', `${source}: the answer is no manifest`);
}

/** The JSON object that a registry answered with. @throws PintleError `fetch-failed` */
export function jsonOf(source: string, body: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    if (isObject(value)) return value;
  } catch {
    // Told below.
  }
  throw new PintleError('fetch-failed', `${source}: the answer is no JSON object`);
}
