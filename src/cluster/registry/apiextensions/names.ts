import type { CustomResourceDefinitionNames } from '../../../kube/api/apiextensions-v1.generated.ts';
import { isDns1035Label } from '../../../kube/names.ts';
import type { Faults } from '../faults.ts';
import type { Loose } from '../wire.ts';

/** Refuses names of resources and kinds that are no DNS labels. */
export function checkNames(
  names: Loose<CustomResourceDefinitionNames> | undefined,
  path: string,
  faults: Faults,
): void {
  if (names === undefined) return;
  const { plural = '', singular = '', kind = '', listKind = '' } = names;
  if (plural !== '') checkLabel(plural, `${path}.plural`, faults);
  if (singular !== '') checkLabel(singular, `${path}.singular`, faults);
  if (kind !== '') checkKind(kind, `${path}.kind`, faults);
  if (listKind !== '') checkKind(listKind, `${path}.listKind`, faults);
  names.shortNames?.forEach((name, i) => checkLabel(name, `${path}.shortNames[${i}]`, faults));
  if (kind !== '' && kind === listKind) {
    faults.invalid(`${path}.listKind`, listKind, 'kind and listKind may not be the same');
  }
  names.categories?.forEach((name, i) => checkLabel(name, `${path}.categories[${i}]`, faults));
}

/** Refuses what is no DNS label of RFC 1035, in one fault. */
export function checkLabel(value: string, path: string, faults: Faults): void {
  const messages = isDns1035Label(value);
  if (messages.length > 0) faults.invalid(path, value, messages.join(','));
}

function checkKind(value: string, path: string, faults: Faults): void {
  const messages = isDns1035Label(value.toLowerCase());
  if (messages.length === 0) return;
  faults.invalid(path, value, `may have mixed case, but should otherwise match: ${messages.join(',')}`);
}
