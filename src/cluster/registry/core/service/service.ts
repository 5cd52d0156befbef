import type { Service } from '../../../../kube/api/core-v1.generated.ts';
import { nameIsDns1035Label } from '../../../../kube/names.ts';
import { defineStrategy } from '../../define.ts';
import { resourceType } from '../../resource-type.ts';
import type { Strategy } from '../../strategy.ts';
import type { Edit } from '../../wire.ts';
import { allocateService } from './allocate.ts';
import { dropTypeDependentFields, keepAllocatedValues, syncClusterIps } from './linked-fields.ts';
import { isExternallyAccessible } from './traits.ts';
import { checkService, checkServiceStatus, checkServiceUpdate } from './validate.ts';

/** Three hours */
const SESSION_SECONDS = 10_800;

/** kubernetes: pkg/registry/core/service */
export function serviceStrategy(): Strategy {
  return defineStrategy<Service>({
    type: resourceType('v1', 'Service', 'services', {
      shortNames: ['svc'],
      categories: ['all'],
      subresources: ['proxy', 'status'],
    }),
    name: nameIsDns1035Label,
    allowCreateOnUpdate: true,
    defaults,
    prepareForCreate: (service) => {
      service.status = { loadBalancer: {} };
      syncClusterIps(service, undefined);
    },
    prepareForUpdate: (service, old, { subresource }) => {
      if (subresource === 'status') return;
      keepAllocatedValues(service, old);
      syncClusterIps(service, old);
      dropTypeDependentFields(service, old);
    },
    allocate: (service, old, faults, context) => {
      if (context.subresource !== 'status') allocateService(service, old, faults, context);
    },
    validate: checkService,
    validateUpdate: checkServiceUpdate,
    validateStatus: (service, _old, faults) => checkServiceStatus(service, faults),
    selectableFields: ({ spec = {} }) => ({ 'spec.clusterIP': spec.clusterIP ?? '', 'spec.type': spec.type ?? '' }),
  });
}

function defaults(service: Edit<Service>): void {
  const spec = (service.spec ??= {});
  spec.sessionAffinity ||= 'None';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: SESSION_SECONDS } };
  }
  spec.type ||= 'ClusterIP';
  for (const port of spec.ports ?? []) {
    port.protocol ||= 'TCP';
    port.targetPort ||= port.port;
  }
  if (isExternallyAccessible(service)) spec.externalTrafficPolicy ||= 'Cluster';
  if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ??= 'Cluster';
  if (spec.type !== 'LoadBalancer') return;
  spec.allocateLoadBalancerNodePorts ??= true;
  for (const ingress of service.status?.loadBalancer?.ingress ?? []) {
    if (ingress.ip !== undefined && ingress.ip !== '') ingress.ipMode ??= 'VIP';
  }
}
