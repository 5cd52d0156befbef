import type { RuntimeClass } from '../../../kube/api/node-v1.generated.ts';
import { isDns1123Label } from '../../../kube/names.ts';
import { checkLabels } from '../checks/labels.ts';
import { checkContainerResourceName, roundResources } from '../checks/resources.ts';
import { checkImmutable } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import { checkRequirements } from '../pod/resources.ts';
import { checkTolerations } from '../pod/scheduling.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';

/** kubernetes: pkg/registry/node/runtimeclass/strategy.go */
export function runtimeClassStrategy(): Strategy {
  return defineStrategy<RuntimeClass>({
    type: resourceType('node.k8s.io/v1', 'RuntimeClass', 'runtimeclasses', { clusterScoped: true }),
    allowUnconditionalUpdate: false,
    defaults: ({ overhead }) => roundResources(overhead?.podFixed),
    validate: ({ handler = '', overhead, scheduling }, faults) => {
      faults.invalidEach('handler', handler, isDns1123Label(handler));
      if (overhead?.podFixed !== undefined) {
        checkRequirements({ limits: overhead.podFixed }, 'overhead.podFixed', faults, (name, at) =>
          checkContainerResourceName(name, at, faults),
        );
      }
      checkLabels(scheduling?.nodeSelector, 'scheduling.nodeSelector', faults);
      checkTolerations(scheduling?.tolerations ?? [], 'scheduling.tolerations', faults);
    },
    validateUpdate: ({ handler }, old, faults) => checkImmutable(handler, old.handler, 'handler', faults),
  });
}
