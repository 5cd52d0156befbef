import type { PersistentVolumeClaimSpec, TypedObjectReference } from '../../../kube/api/core-v1.generated.ts';
import { isDns1123Subdomain, nameIsDnsSubdomain } from '../../../kube/names.ts';
import { checkLabelSelector } from '../checks/labels.ts';
import { checkNamespaceName } from '../checks/names.ts';
import { checkPositiveQuantity } from '../checks/resources.ts';
import { checkOneOf } from '../checks/values.ts';
import type { Faults } from '../faults.ts';
import { isBlank, type Loose } from '../wire.ts';

/** Access modes of volumes, as messages list them. */
export const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

/** Modes of volumes, as messages list them. */
export const VOLUME_MODES = ['Block', 'Filesystem'];

/** Refuses access modes that do not exist or do not go together. */
export function checkAccessModes(modes: readonly string[], path: string, faults: Faults): void {
  for (const mode of modes) if (!ACCESS_MODES.includes(mode)) faults.notSupported(path, mode, ACCESS_MODES);
  const hasOther = modes.some((mode) => mode !== 'ReadWriteOncePod' && ACCESS_MODES.includes(mode));
  if (hasOther && modes.includes('ReadWriteOncePod')) {
    faults.forbidden(path, 'may not use ReadWriteOncePod with other access modes');
  }
}

/** Refuses wrong claims. kubernetes: ValidatePersistentVolumeClaimSpec */
export function checkClaimSpec(spec: Loose<PersistentVolumeClaimSpec>, path: string, faults: Faults): void {
  const modes = spec.accessModes ?? [];
  if (modes.length === 0) faults.required(`${path}.accessModes`, 'at least 1 access mode is required');
  checkLabelSelector(spec.selector, `${path}.selector`, faults);
  checkAccessModes(modes, `${path}.accessModes`, faults);
  const storage = spec.resources?.requests?.['storage'];
  if (storage === undefined) faults.required(`${path}.resources[storage]`);
  else checkPositiveQuantity(storage, `${path}.resources[storage]`, faults);
  const storageClass = spec.storageClassName;
  if (!isBlank(storageClass)) {
    faults.invalidEach(`${path}.storageClassName`, storageClass, nameIsDnsSubdomain(storageClass));
  }
  checkOneOf(spec.volumeMode, VOLUME_MODES, `${path}.volumeMode`, faults);
  if (spec.dataSource !== undefined) checkDataSource(spec.dataSource, `${path}.dataSource`, faults);
  if (spec.dataSourceRef !== undefined) checkDataSource(spec.dataSourceRef, `${path}.dataSourceRef`, faults);
  checkDataSources(spec, path, faults);
  const attributes = spec.volumeAttributesClassName;
  if (!isBlank(attributes)) {
    faults.invalidEach(`${path}.volumeAttributesClassName`, attributes, nameIsDnsSubdomain(attributes));
  }
}

function checkDataSource(source: Loose<TypedObjectReference>, path: string, faults: Faults): void {
  const { name, kind = '', apiGroup = '', namespace } = source;
  if (isBlank(name)) faults.required(`${path}.name`);
  if (kind === '') faults.required(`${path}.kind`);
  if (apiGroup === '') {
    if (kind !== 'PersistentVolumeClaim') {
      faults.invalid(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
    }
  } else faults.invalidEach(`${path}.apiGroup`, apiGroup, isDns1123Subdomain(apiGroup));
  if (!isBlank(namespace)) checkNamespaceName(namespace, `${path}.namespace`, faults);
}

function checkDataSources(spec: Loose<PersistentVolumeClaimSpec>, path: string, faults: Faults): void {
  const { dataSource: source, dataSourceRef: reference } = spec;
  if (source === undefined || reference === undefined) return;
  if (!isBlank(reference.namespace)) {
    faults.invalid(path, `${path}.dataSource`, 'may not be specified when dataSourceRef.namespace is specified');
  } else if (
    source.apiGroup !== reference.apiGroup ||
    source.kind !== reference.kind ||
    source.name !== reference.name
  ) {
    faults.invalid(path, `${path}.dataSource`, 'must match dataSourceRef');
  }
}
