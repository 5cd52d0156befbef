import type { StatefulSet, StatefulSetSpec } from '../../../kube/api/apps-v1.generated.ts';
import { semanticEqual } from '../../../kube/equality.ts';
import { nameIsDnsLabel } from '../../../kube/names.ts';
import { selectorMatcher } from '../checks/labels.ts';
import { checkIntOrPercent, checkNonNegative, checkNotAbove100Percent, intOrPercentValue } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { goStruct } from '../go-struct.ts';
import { applyTemplateDefaults } from '../pod/defaults.ts';
import { checkTemplateMetadata } from '../pod/spec.ts';
import { checkRunsForever, checkTemplateLabels } from '../pod/template.ts';
import { applyClaimSpecDefaults } from '../pod/volume-defaults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Edit, Loose } from '../wire.ts';
import { checkCollisions, checkCounts, checkNotAbove, checkSelector } from './workload.ts';

const RETENTION = ['Retain', 'Delete'];

const CHANGEABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const satisfies readonly (keyof StatefulSetSpec)[];

const UNCHANGEABLE =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

/** kubernetes: pkg/registry/apps/statefulset/strategy.go */
export function statefulSetStrategy(): Strategy {
  return defineStrategy<StatefulSet>({
    type: resourceType('apps/v1', 'StatefulSet', 'statefulsets', {
      shortNames: ['sts'],
      categories: ['all'],
      subresources: ['scale', 'status'],
    }),
    name: nameIsDnsLabel,
    generation: ['spec'],
    scale: { replicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
    defaults,
    validate,
    validateUpdate,
    validateStatus,
  });
}

function defaults(set: Edit<StatefulSet>): void {
  const spec = (set.spec ??= {});
  spec.podManagementPolicy ||= 'OrderedReady';
  const strategy = (spec.updateStrategy ??= {});
  strategy.type ||= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') (strategy.rollingUpdate ??= {}).partition ??= 0;
  const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {});
  retention.whenDeleted ||= 'Retain';
  retention.whenScaled ||= 'Retain';
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion = 'v1';
    claim.kind = 'PersistentVolumeClaim';
    applyClaimSpecDefaults((claim.spec ??= {}));
    (claim.status ??= {}).phase ||= 'Pending';
  }
  applyTemplateDefaults((spec.template ??= {}));
}

function validate({ spec = {} }: Loose<StatefulSet>, faults: Faults): void {
  const policy = spec.podManagementPolicy ?? '';
  if (policy === '') faults.required('spec.podManagementPolicy');
  else if (policy !== 'OrderedReady' && policy !== 'Parallel') {
    faults.invalid('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'");
  }
  checkUpdateStrategy(spec, faults);
  const retention = spec.persistentVolumeClaimRetentionPolicy;
  if (retention !== undefined) {
    for (const field of ['whenDeleted', 'whenScaled'] as const) {
      const value = retention[field] ?? '';
      if (RETENTION.includes(value)) continue;
      faults.notSupported(`spec.persistentVolumeClaimRetentionPolicy.${field}`, value, RETENTION);
    }
  }
  checkNonNegative(spec.replicas, 'spec.replicas', faults);
  checkNonNegative(spec.minReadySeconds, 'spec.minReadySeconds', faults);
  checkNonNegative(spec.ordinals?.start, 'spec.ordinals.start', faults);
  checkNonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit', faults);
  checkSelector(spec, 'statefulset', faults);
  const template = spec.template ?? {};
  const matcher = selectorMatcher(spec.selector ?? undefined);
  if (matcher === undefined) faults.invalid('spec.selector', spec.selector, '');
  else {
    checkTemplateLabels(matcher, template, 'spec.template', faults);
    checkTemplateMetadata(template, 'spec.template', faults);
  }
  checkRunsForever(template, 'StatefulSet', 'spec.template', faults);
}

function checkUpdateStrategy(spec: Loose<StatefulSetSpec>, faults: Faults): void {
  const strategy = spec.updateStrategy ?? {};
  const at = 'spec.updateStrategy';
  const { type = '', rollingUpdate } = strategy;
  if (type === '') faults.required(at);
  else if (type === 'OnDelete') {
    if (rollingUpdate !== undefined) {
      faults.invalid(`${at}.rollingUpdate`, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'");
    }
  } else if (type !== 'RollingUpdate')
    faults.invalid(at, goStruct(strategy, ['type', 'rollingUpdate']), "must be 'RollingUpdate' or 'OnDelete'");
  else if (rollingUpdate !== undefined) {
    checkNonNegative(rollingUpdate.partition, `${at}.rollingUpdate.partition`, faults);
    const { maxUnavailable } = rollingUpdate;
    if (maxUnavailable === undefined) return;
    const path = `${at}.rollingUpdate.maxUnavailable`;
    checkIntOrPercent(maxUnavailable, path, faults);
    if (intOrPercentValue(maxUnavailable) === 0) faults.invalid(path, maxUnavailable, 'cannot be 0');
    checkNotAbove100Percent(maxUnavailable, path, faults);
  }
}

function validateUpdate(set: Loose<StatefulSet>, old: Loose<StatefulSet>, faults: Faults): void {
  const kept: Record<string, unknown> = { ...set.spec };
  for (const field of CHANGEABLE) kept[field] = old.spec?.[field];
  if (!semanticEqual(kept, old.spec)) faults.forbidden('spec', UNCHANGEABLE);
}

function validateStatus(set: Loose<StatefulSet>, old: Loose<StatefulSet>, faults: Faults): void {
  const status = set.status ?? {};
  const counts = ['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'];
  checkCounts(status, [...counts, 'observedGeneration', 'collisionCount'], faults);
  checkNotAbove(status, counts.slice(1), 'replicas', 'cannot be greater than status.replicas', faults);
  const above = 'cannot be greater than status.readyReplicas';
  checkNotAbove(status, ['availableReplicas'], 'readyReplicas', above, faults);
  checkCollisions(status, old.status, faults);
}
