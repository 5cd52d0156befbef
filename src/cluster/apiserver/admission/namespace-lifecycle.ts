import type { Namespace } from '../../../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { forbidden, notFound } from '../../registry/status.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';

const IMMORTAL = new Set(['default', 'kube-system', 'kube-public']);

/**
 * Nothing is created in a namespace that is missing or going, and some namespaces stay.
 * apiserver: pkg/admission/plugin/namespace/lifecycle/admission.go
 */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  resources: undefined,
  admit(request) {
    if (request.operation === 'CREATE' && request.type.namespaced && request.namespace !== '')
      requireNamespace(request);
  },
  validate(request) {
    const { operation, type, name } = request;
    if (operation === 'DELETE' && type.group === '' && type.resource === 'namespaces' && IMMORTAL.has(name)) {
      throw forbidden(type, name, 'this namespace may not be deleted');
    }
  },
};

function requireNamespace(request: AdmissionRequest): void {
  const { namespace: name } = request;
  const namespace = request.get(RESOURCES.namespaces, undefined, name) as Namespace | undefined;
  if (namespace === undefined) throw notFound(RESOURCES.namespaces, name);
  if (namespace.metadata?.deletionTimestamp === undefined && namespace.status?.phase !== 'Terminating') return;
  const reason = `unable to create new content in namespace ${name} because it is being terminated`;
  throw forbidden(request.type, request.name, reason, [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${name} is being terminated`,
      field: 'metadata.namespace',
    },
  ]);
}
