import { PintleError } from '../base/errors.ts';
import type { Release } from './release.ts';

/** The error of a key that has no record. */
export function notFound(cause?: unknown): PintleError {
  return new PintleError('release-not-found', 'release: not found', { cause });
}

/** The error of a key that has a record already. */
export function alreadyExists(key: string, cause?: unknown): PintleError {
  return new PintleError('release-exists', 'release: already exists', {
    hint: `${key} is there already: somebody else works on this release, or its record cannot be read or found; "release verify" tells what is wrong with it`,
    cause,
  });
}

/**
 * The error of a record that the cluster does not take.
 *
 * @param size of the packed record, bytes
 */
export function tooLarge(release: Release, size: number | undefined, cause?: unknown): PintleError {
  const { templates, files } = release.chart;
  const largest = [...(templates ?? []), ...(files ?? [])].sort((a, b) => b.data.length - a.data.length).slice(0, 3);
  const names = largest.map((file) => `${file.name} (${Math.ceil((file.data.length * 3) / 4 / 1024)} KiB)`);
  const packed = size === undefined ? '' : ` (packed it has ${Math.ceil(size / 1024)} KiB)`;
  return new PintleError(
    'release-too-large',
    `the record of release "${release.name}" does not fit into the cluster${packed}`,
    {
      hint: `the chart, its values and the manifest must be smaller; name what is not needed in .helmignore${names.length === 0 ? '' : `; largest files: ${names.join(', ')}`}`,
      cause,
    },
  );
}
