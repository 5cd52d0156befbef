import { metaOf, setMeta } from '../rest/object-meta.ts';
import type { AdmissionPlugin } from './plugin.ts';

const FINALIZERS: Readonly<Record<string, string>> = {
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  persistentvolumes: 'kubernetes.io/pv-protection',
};

/**
 * Claims and volumes stay while they are in use.
 * kubernetes: plugin/pkg/admission/storage/storageobjectinuseprotection/admission.go
 */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  resources: ['/persistentvolumeclaims', '/persistentvolumes'],
  admit({ operation, subresource, draft, type }) {
    const finalizer = FINALIZERS[type.resource];
    if (operation !== 'CREATE' || subresource !== '' || draft === undefined || finalizer === undefined) return;
    const { finalizers = [] } = metaOf(draft);
    if (!finalizers.includes(finalizer)) setMeta(draft, 'finalizers', [...finalizers, finalizer]);
  },
};
