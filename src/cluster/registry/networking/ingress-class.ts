import type { IngressClass, IngressClassParametersReference } from '../../../kube/api/networking-v1.generated.ts';
import { isDomainPrefixedPath } from '../../../kube/names.ts';
import { checkNamespaceName } from '../checks/names.ts';
import { checkImmutable } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Loose } from '../wire.ts';
import { checkReference } from './ingress.ts';

/** kubernetes: pkg/registry/networking/ingressclass/strategy.go */
export function ingressClassStrategy(): Strategy {
  return defineStrategy<IngressClass>({
    type: resourceType('networking.k8s.io/v1', 'IngressClass', 'ingressclasses', { clusterScoped: true }),
    generation: ['spec'],
    defaults: ({ spec }) => {
      if (spec?.parameters !== undefined) spec.parameters.scope ??= 'Cluster';
    },
    validate: ({ spec = {} }, faults) => {
      const { controller = '', parameters } = spec;
      if (controller === '') faults.required('spec.controller');
      else {
        if (controller.length > 250) faults.tooLong('spec.controller', 250);
        faults.invalidEach('spec.controller', controller, isDomainPrefixedPath(controller));
      }
      if (parameters !== undefined) checkParameters(parameters, 'spec.parameters', faults);
    },
    validateUpdate: ({ spec = {} }, old, faults) => {
      checkImmutable(spec.controller, old.spec?.controller, 'spec.controller', faults);
    },
  });
}

function checkParameters(parameters: Loose<IngressClassParametersReference>, path: string, faults: Faults): void {
  checkReference(parameters, path, faults);
  const { scope, namespace } = parameters;
  const at = `${path}.namespace`;
  if (scope === undefined) faults.required(`${path}.scope`);
  else if (scope === 'Namespace') {
    if (namespace === undefined) faults.required(at, "`parameters.scope` is set to 'Namespace'");
    else checkNamespaceName(namespace, at, faults);
  } else if (scope === 'Cluster') {
    if (namespace !== undefined) faults.forbidden(at, "`parameters.scope` is set to 'Cluster'");
  } else faults.notSupported(`${path}.scope`, scope, ['Cluster', 'Namespace']);
}
