import type { PersistentVolumeClaim } from '../../../kube/api/core-v1.generated.ts';
import type { StorageClass } from '../../../kube/api/storage-v1.generated.ts';
import { compareQuantities } from '../../../kube/quantity.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { forbidden } from '../../registry/status.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';

const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';

/** Claims grow only where their storage class allows it. kubernetes: plugin/pkg/admission/storage/persistentvolume/resize */
export const persistentVolumeClaimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  resources: ['/persistentvolumeclaims'],
  validate(request) {
    const { operation, subresource, draft, old, type, name } = request;
    if (operation !== 'UPDATE' || subresource !== '' || draft === undefined || old === undefined) return;
    const claim = draft as unknown as PersistentVolumeClaim;
    const size = claim.spec?.resources?.requests?.['storage'];
    const before = (old as unknown as PersistentVolumeClaim).spec?.resources?.requests?.['storage'];
    if (size === undefined || before === undefined || compareQuantities(size, before) <= 0) return;
    if (mayGrow(request, claim)) return;
    const text =
      'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';
    throw forbidden(type, name, text);
  },
};

function mayGrow({ get }: AdmissionRequest, { metadata, spec }: PersistentVolumeClaim): boolean {
  const name = metadata?.annotations?.[BETA_CLASS] ?? spec?.storageClassName ?? '';
  if (name === '') return false;
  const found = get(RESOURCES.storageClasses, undefined, name) as StorageClass | undefined;
  return found?.allowVolumeExpansion === true;
}
