import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from '../../../kube/api/admissionregistration-v1.generated.ts';
import { isFullyQualifiedName } from '../../../kube/names.ts';
import { checkLabelSelector } from '../checks/labels.ts';
import { checkOneOf } from '../checks/values.ts';
import { checkReviewVersions, checkWebhookClient } from '../checks/webhook-client.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Edit, Loose } from '../wire.ts';
import { checkMatchConditions, checkRule, defaultRules, FAILURE_POLICIES, MATCH_POLICIES } from './rules.ts';

const GROUP_VERSION = 'admissionregistration.k8s.io/v1';
const SIDE_EFFECTS = ['None', 'NoneOnDryRun'];
const REINVOCATION_POLICIES = ['IfNeeded', 'Never'];

type Webhook = ValidatingWebhook & Pick<MutatingWebhook, 'reinvocationPolicy'>;

/** kubernetes: pkg/registry/admissionregistration/mutatingwebhookconfiguration/strategy.go */
export function mutatingWebhookConfigurationStrategy(): Strategy {
  return defineStrategy<MutatingWebhookConfiguration>({
    type: resourceType(GROUP_VERSION, 'MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', {
      clusterScoped: true,
    }),
    generation: ['webhooks'],
    allowUnconditionalUpdate: false,
    defaults: ({ webhooks = [] }) => {
      for (const webhook of webhooks) {
        defaultWebhook(webhook);
        webhook.reinvocationPolicy ??= 'Never';
      }
    },
    validate: ({ webhooks }, faults) => checkWebhooks(webhooks, faults),
  });
}

/** kubernetes: pkg/registry/admissionregistration/validatingwebhookconfiguration/strategy.go */
export function validatingWebhookConfigurationStrategy(): Strategy {
  return defineStrategy<ValidatingWebhookConfiguration>({
    type: resourceType(GROUP_VERSION, 'ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', {
      clusterScoped: true,
    }),
    generation: ['webhooks'],
    allowUnconditionalUpdate: false,
    defaults: ({ webhooks = [] }) => webhooks.forEach(defaultWebhook),
    validate: ({ webhooks }, faults) => checkWebhooks(webhooks, faults),
  });
}

function defaultWebhook(webhook: Edit<ValidatingWebhook>): void {
  webhook.failurePolicy ??= 'Fail';
  webhook.matchPolicy ??= 'Equivalent';
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= 10;
  defaultRules(webhook.rules);
  if (webhook.clientConfig?.service !== undefined) webhook.clientConfig.service.port ??= 443;
}

function checkWebhooks(webhooks: readonly Loose<Webhook>[] | undefined, faults: Faults): void {
  const names = new Set<string>();
  webhooks?.forEach((webhook, i) => {
    const at = `webhooks[${i}]`;
    checkWebhook(webhook, at, faults);
    const versions = `${at}.admissionReviewVersions`;
    checkReviewVersions(webhook.admissionReviewVersions, 'must specify one of v1, v1beta1', versions, faults);
    const { name = '' } = webhook;
    if (name !== '' && names.has(name)) faults.duplicate(`${at}.name`, name);
    names.add(name);
  });
}

function checkWebhook(webhook: Loose<Webhook>, at: string, faults: Faults): void {
  const { name = '', sideEffects, timeoutSeconds: timeout } = webhook;
  if (name === '') faults.required(`${at}.name`);
  else faults.invalidEach(`${at}.name`, name, isFullyQualifiedName(name));
  webhook.rules?.forEach((rule, i) => checkRule(rule, `${at}.rules[${i}]`, faults));
  checkOneOf(webhook.failurePolicy, FAILURE_POLICIES, `${at}.failurePolicy`, faults);
  checkOneOf(webhook.matchPolicy, MATCH_POLICIES, `${at}.matchPolicy`, faults);
  if (sideEffects === undefined) faults.required(`${at}.sideEffects`, `must specify one of ${SIDE_EFFECTS.join(', ')}`);
  else if (!SIDE_EFFECTS.includes(sideEffects)) faults.notSupported(`${at}.sideEffects`, sideEffects, SIDE_EFFECTS);
  if (timeout !== undefined && (timeout > 30 || timeout < 1)) {
    faults.invalid(`${at}.timeoutSeconds`, timeout, 'the timeout value must be between 1 and 30 seconds');
  }
  checkLabelSelector(webhook.namespaceSelector, `${at}.namespaceSelector`, faults);
  checkLabelSelector(webhook.objectSelector, `${at}.objectSelector`, faults);
  checkOneOf(webhook.reinvocationPolicy, REINVOCATION_POLICIES, `${at}.reinvocationPolicy`, faults);
  checkWebhookClient(webhook.clientConfig ?? {}, `${at}.clientConfig`, faults);
  checkMatchConditions(webhook.matchConditions, `${at}.matchConditions`, faults);
}
