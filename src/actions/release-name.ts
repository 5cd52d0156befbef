import { PintleError } from '../base/errors.ts';

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const MAX_LENGTH = 53;

/**
 * Refuses names that Helm refuses. Helm: pkg/chart/v2/util/validate_name.go.
 *
 * @param words what comes before the name in the message; default: the rule, as installing tells it
 * @throws PintleError `release-name`
 */
export function checkReleaseName(name: string, words?: string): void {
  const hint =
    'use lower-case letters, digits, "-" and "."; start and end with a letter or digit; at most 53 characters';
  const isInvalid = name.length > MAX_LENGTH || !NAME.test(name);
  if (isInvalid && words !== undefined) throw new PintleError('release-name', `${words}: ${name}`, { hint });
  if (name === '') throw new PintleError('release-name', 'release name "": no name provided', { hint });
  if (isInvalid) {
    throw new PintleError(
      'release-name',
      `release name "${name}": invalid release name, must match regex ${NAME.source} and the length must not be longer than ${MAX_LENGTH}`,
      { hint },
    );
  }
}
