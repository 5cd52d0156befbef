import { PintleError } from '../base/errors.ts';

/** The name of a revision's record. helm: pkg/storage/storage.go (makeKey). */
export function releaseKey(name: string, revision: number): string {
  return `sh.helm.release.v1.${name}.v${revision}`;
}

/** What the name of a record tells. */
export interface ReleaseKey {
  readonly name: string;
  readonly revision: number;
}

/** The release and revision that the name of a record tells; undefined for other names. */
export function parseReleaseKey(key: string): ReleaseKey | undefined {
  const [, name, revision] = /^sh\.helm\.release\.v1\.(.+)\.v(\d+)$/.exec(key) ?? [];
  return name === undefined ? undefined : { name, revision: Number(revision) };
}

/**
 * Holds a record to the name under which it is kept: what was edited by hand so that it tells of another revision would be updated and
 * deleted in the other's place.
 *
 * @param title of the record, for the message
 * @throws PintleError `release-corrupt`
 */
export function checkKey(
  key: string,
  release: { readonly name: string; readonly version: number },
  title: string,
): void {
  const told = parseReleaseKey(key);
  if (told === undefined || (told.name === release.name && told.revision === release.version)) return;
  throw new PintleError(
    'release-corrupt',
    `cannot read ${title}: it holds revision ${release.version} of "${release.name}"`,
    {
      hint: `it was changed by hand; "release verify ${told.name} --repair" puts it right`,
    },
  );
}
