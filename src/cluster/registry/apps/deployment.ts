import type { Deployment, DeploymentStrategy } from '../../../kube/api/apps-v1.generated.ts';
import { semanticEqual } from '../../../kube/equality.ts';
import {
  checkImmutable,
  checkIntOrPercent,
  checkNonNegative,
  checkNotAbove100Percent,
  intOrPercentValue,
} from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { goStruct } from '../go-struct.ts';
import { applyTemplateDefaults } from '../pod/defaults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy, StrategyContext } from '../strategy.ts';
import { clone, type Edit, type Loose } from '../wire.ts';
import { checkCollisions, checkCounts, checkNotAbove, checkReplicaTemplate, checkSelector } from './workload.ts';

/** kubernetes: pkg/registry/apps/deployment/strategy.go */
export function deploymentStrategy(): Strategy {
  return defineStrategy<Deployment>({
    type: resourceType('apps/v1', 'Deployment', 'deployments', {
      shortNames: ['deploy'],
      categories: ['all'],
      subresources: ['scale', 'status'],
    }),
    generation: ['spec'],
    // The spec stands for its annotations too: they are copied to ReplicaSets.
    changesGeneration: (deployment, old) => !semanticEqual(deployment.metadata?.annotations, old.metadata?.annotations),
    scale: { replicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
    defaults,
    prepareForUpdate,
    validate,
    validateUpdate: (deployment, old, faults) =>
      checkImmutable(deployment.spec?.selector, old.spec?.selector, 'spec.selector', faults),
    validateStatus,
  });
}

function defaults(deployment: Edit<Deployment>): void {
  const spec = (deployment.spec ??= {});
  spec.replicas ??= 1;
  const strategy = (spec.strategy ??= {});
  strategy.type ||= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    const rolling = (strategy.rollingUpdate ??= {});
    rolling.maxUnavailable ??= '25%';
    rolling.maxSurge ??= '25%';
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
  applyTemplateDefaults((spec.template ??= {}));
}

function prepareForUpdate(
  deployment: Edit<Deployment>,
  old: Loose<Deployment>,
  { subresource }: StrategyContext,
): void {
  if (subresource !== 'status' || deployment.metadata === undefined) return;
  const labels = clone(old.metadata?.labels);
  if (labels === undefined) delete deployment.metadata.labels;
  else deployment.metadata.labels = labels;
}

function validate({ spec = {} }: Loose<Deployment>, faults: Faults): void {
  checkNonNegative(spec.replicas, 'spec.replicas', faults);
  checkSelector(spec, 'deployment', faults);
  checkReplicaTemplate(spec, faults);
  checkStrategy(spec.strategy ?? {}, 'spec.strategy', faults);
  checkNonNegative(spec.minReadySeconds, 'spec.minReadySeconds', faults);
  checkNonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit', faults);
  const deadline = spec.progressDeadlineSeconds;
  if (deadline === undefined) return;
  checkNonNegative(deadline, 'spec.progressDeadlineSeconds', faults);
  if (deadline <= (spec.minReadySeconds ?? 0)) {
    faults.invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds');
  }
}

function checkStrategy(strategy: Loose<DeploymentStrategy>, path: string, faults: Faults): void {
  const { type, rollingUpdate } = strategy;
  if (type === 'Recreate') {
    if (rollingUpdate !== undefined) {
      faults.forbidden(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'");
    }
    return;
  }
  if (type !== 'RollingUpdate') {
    faults.notSupported(path, goStruct(strategy, ['type', 'rollingUpdate']), ['Recreate', 'RollingUpdate']);
    return;
  }
  const { maxUnavailable, maxSurge } = rollingUpdate ?? {};
  const at = `${path}.rollingUpdate`;
  checkIntOrPercent(maxUnavailable, `${at}.maxUnavailable`, faults);
  checkIntOrPercent(maxSurge, `${at}.maxSurge`, faults);
  if (intOrPercentValue(maxUnavailable) === 0 && intOrPercentValue(maxSurge) === 0) {
    faults.invalid(`${at}.maxUnavailable`, maxUnavailable ?? 0, 'may not be 0 when `maxSurge` is 0');
  }
  checkNotAbove100Percent(maxUnavailable, `${at}.maxUnavailable`, faults);
}

function validateStatus(deployment: Loose<Deployment>, old: Loose<Deployment>, faults: Faults): void {
  const status = deployment.status ?? {};
  checkCounts(
    status,
    [
      'observedGeneration',
      'replicas',
      'updatedReplicas',
      'readyReplicas',
      'availableReplicas',
      'unavailableReplicas',
      'collisionCount',
    ],
    faults,
  );
  const above = 'cannot be greater than status.replicas';
  checkNotAbove(status, ['updatedReplicas', 'readyReplicas', 'availableReplicas'], 'replicas', above, faults);
  checkNotAbove(status, ['availableReplicas'], 'readyReplicas', 'cannot be greater than readyReplicas', faults);
  checkCollisions(status, old.status, faults);
}
