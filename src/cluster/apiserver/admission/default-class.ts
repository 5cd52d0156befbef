import { isObject } from '../../../base/json.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import type { Draft } from '../../registry/strategy.ts';
import type { AdmissionPlugin } from './plugin.ts';

const BETA_STORAGE_CLASS = 'volume.beta.kubernetes.io/storage-class';
const DEFAULT_STORAGE_CLASS = 'storageclass.kubernetes.io/is-default-class';
const BETA_DEFAULT_STORAGE_CLASS = 'storageclass.beta.kubernetes.io/is-default-class';
const INGRESS_CLASS = 'kubernetes.io/ingress.class';
const DEFAULT_INGRESS_CLASS = 'ingressclass.kubernetes.io/is-default-class';

/**
 * Claims that name no storage class get the default one.
 * kubernetes: plugin/pkg/admission/storage/storageclass/setdefault/admission.go
 */
export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  resources: ['/persistentvolumeclaims'],
  admit({ operation, subresource, draft, list }) {
    if (operation !== 'CREATE' || subresource !== '' || draft === undefined) return;
    const spec = specOf(draft);
    if (spec['storageClassName'] !== undefined || annotation(draft, BETA_STORAGE_CLASS) !== undefined) return;
    const marks = [DEFAULT_STORAGE_CLASS, BETA_DEFAULT_STORAGE_CLASS];
    const name = newestDefault(list(RESOURCES.storageClasses), marks);
    if (name !== undefined) spec['storageClassName'] = name;
  },
};

/**
 * Ingresses that name no class get the default one.
 * kubernetes: plugin/pkg/admission/network/defaultingressclass/admission.go
 */
export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  resources: ['networking.k8s.io/ingresses'],
  admit({ operation, subresource, draft, list }) {
    if (operation !== 'CREATE' || subresource !== '' || draft === undefined) return;
    const spec = specOf(draft);
    if (spec['ingressClassName'] !== undefined || annotation(draft, INGRESS_CLASS) !== undefined) return;
    const name = newestDefault(list(RESOURCES.ingressClasses), [DEFAULT_INGRESS_CLASS]);
    if (name !== undefined) spec['ingressClassName'] = name;
  },
};

function specOf(draft: Draft): Record<string, unknown> {
  if (!isObject(draft['spec'])) draft['spec'] = {};
  return draft['spec'] as Record<string, unknown>;
}

function annotation({ metadata }: KubeObject | Draft, key: string): string | undefined {
  return (metadata as KubeObject['metadata']).annotations?.[key];
}

/** Of several defaults the newest, then the first by name. */
function newestDefault(classes: readonly KubeObject[], marks: readonly string[]): string | undefined {
  let newest: KubeObject | undefined;
  for (const each of classes) {
    if (!marks.some((mark) => annotation(each, mark) === 'true')) continue;
    const time = each.metadata.creationTimestamp ?? '';
    if (newest === undefined || time > (newest.metadata.creationTimestamp ?? '')) newest = each;
  }
  return newest?.metadata.name;
}
