import type { DaemonSet, DaemonSetUpdateStrategy } from '../../../kube/api/apps-v1.generated.ts';
import { semanticEqual } from '../../../kube/equality.ts';
import { checkLabelSelector, isEmptySelector, selectorMatcher } from '../checks/labels.ts';
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
import { checkPodTemplate } from '../pod/spec.ts';
import { checkRunsForever, checkTemplateLabels } from '../pod/template.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Edit, Loose } from '../wire.ts';
import { checkCollisions, checkCounts } from './workload.ts';

/** What the v1beta1 field `templateGeneration` has become. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

/** kubernetes: pkg/registry/apps/daemonset/strategy.go */
export function daemonSetStrategy(): Strategy {
  return defineStrategy<DaemonSet>({
    type: resourceType('apps/v1', 'DaemonSet', 'daemonsets', {
      shortNames: ['ds'],
      categories: ['all'],
      subresources: ['status'],
    }),
    generation: ['spec'],
    defaults,
    prepareForCreate: (set) => setTemplateGeneration(set, 1),
    prepareForUpdate: (set, old, { subresource }) => {
      if (subresource === 'status') return;
      const before = Number(old.metadata?.annotations?.[TEMPLATE_GENERATION] ?? '0');
      const isChanged = !semanticEqual(set.spec?.template, old.spec?.template);
      setTemplateGeneration(set, isChanged ? before + 1 : before);
    },
    validate,
    validateUpdate: (set, old, faults) =>
      checkImmutable(set.spec?.selector, old.spec?.selector, 'spec.selector', faults),
    validateStatus,
  });
}

function setTemplateGeneration(set: Edit<DaemonSet>, generation: number): void {
  const metadata = (set.metadata ??= {});
  metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: String(generation) };
}

function defaults(set: Edit<DaemonSet>): void {
  const spec = (set.spec ??= {});
  const strategy = (spec.updateStrategy ??= {});
  strategy.type ||= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    const rolling = (strategy.rollingUpdate ??= {});
    rolling.maxUnavailable ??= 1;
    rolling.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
  applyTemplateDefaults((spec.template ??= {}));
}

function validate({ spec = {} }: Loose<DaemonSet>, faults: Faults): void {
  const { template = {} } = spec;
  const selector = spec.selector ?? undefined;
  checkLabelSelector(selector, 'spec.selector', faults);
  const matcher = selectorMatcher(selector);
  if (matcher !== undefined) checkTemplateLabels(matcher, template, 'spec.template', faults);
  if (selector !== undefined && isEmptySelector(selector)) {
    faults.invalid('spec.selector', selector, 'empty selector is invalid for daemonset');
  }
  checkPodTemplate(template, 'spec.template', faults);
  checkRunsForever(template, 'DaemonSet', 'spec.template', faults);
  checkNonNegative(spec.minReadySeconds, 'spec.minReadySeconds', faults);
  checkUpdateStrategy(spec.updateStrategy ?? {}, 'spec.updateStrategy', faults);
  checkNonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit', faults);
}

function checkUpdateStrategy(strategy: Loose<DaemonSetUpdateStrategy>, path: string, faults: Faults): void {
  if (strategy.type === 'OnDelete') return;
  if (strategy.type !== 'RollingUpdate') {
    faults.notSupported(path, goStruct(strategy, ['type', 'rollingUpdate']), ['RollingUpdate', 'OnDelete']);
    return;
  }
  const { maxUnavailable, maxSurge } = strategy.rollingUpdate ?? {};
  const at = `${path}.rollingUpdate`;
  checkIntOrPercent(maxUnavailable, `${at}.maxUnavailable`, faults);
  checkIntOrPercent(maxSurge, `${at}.maxSurge`, faults);
  checkNotAbove100Percent(maxUnavailable, `${at}.maxUnavailable`, faults);
  checkNotAbove100Percent(maxSurge, `${at}.maxSurge`, faults);
  const hasUnavailable = intOrPercentValue(maxUnavailable) !== 0;
  const hasSurge = intOrPercentValue(maxSurge) !== 0;
  if (hasUnavailable && hasSurge) {
    faults.invalid(`${at}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero');
  } else if (!hasUnavailable && !hasSurge) {
    faults.required(`${at}.maxUnavailable`, 'cannot be 0 when maxSurge is 0');
  }
}

function validateStatus(set: Loose<DaemonSet>, old: Loose<DaemonSet>, faults: Faults): void {
  const status = set.status ?? {};
  checkCounts(
    status,
    [
      'currentNumberScheduled',
      'numberMisscheduled',
      'desiredNumberScheduled',
      'numberReady',
      'observedGeneration',
      'updatedNumberScheduled',
      'numberAvailable',
      'numberUnavailable',
      'collisionCount',
    ],
    faults,
  );
  checkCollisions(status, old.status, faults);
}
