import type { ControllerRevision } from '../../../kube/api/apps-v1.generated.ts';
import { checkImmutable, checkNonNegative } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';

/** kubernetes: pkg/registry/apps/controllerrevision/strategy.go */
export function controllerRevisionStrategy(): Strategy {
  return defineStrategy<ControllerRevision>({
    type: resourceType('apps/v1', 'ControllerRevision', 'controllerrevisions'),
    validate: ({ data, revision }, faults) => {
      if (data === undefined) faults.required('data', 'data is mandatory');
      checkNonNegative(revision, 'revision', faults);
    },
    validateUpdate: ({ data }, old, faults) => checkImmutable(data, old.data, 'data', faults),
  });
}
