import type { PodTemplate, ServiceAccount } from '../../../kube/api/core-v1.generated.ts';
import { defineStrategy } from '../define.ts';
import { applyTemplateDefaults } from '../pod/defaults.ts';
import { checkPodTemplate } from '../pod/spec.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';

/** kubernetes: pkg/registry/core/serviceaccount/strategy.go */
export function serviceAccountStrategy(): Strategy {
  return defineStrategy<ServiceAccount>({
    type: resourceType('v1', 'ServiceAccount', 'serviceaccounts', { shortNames: ['sa'], subresources: ['token'] }),
  });
}

/** kubernetes: pkg/registry/core/podtemplate/strategy.go */
export function podTemplateStrategy(): Strategy {
  return defineStrategy<PodTemplate>({
    type: resourceType('v1', 'PodTemplate', 'podtemplates'),
    generation: ['template'],
    defaults: (template) => applyTemplateDefaults((template.template ??= {})),
    validate: ({ template = {} }, faults) => checkPodTemplate(template, 'template', faults),
  });
}
