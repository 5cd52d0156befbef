import { rbacEscalation } from '../auth/escalation.ts';
import { certificateSubjectRestriction } from './certificate-subject.ts';
import { defaultIngressClass, defaultStorageClass } from './default-class.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { validatingAdmissionPolicy } from './policies/validating-admission-policy.ts';
import { podSecurity } from './pod-security/pod-security.ts';
import { mutatingAdmissionWebhook, validatingAdmissionWebhook } from './webhooks/admission-webhooks.ts';
import { expressionCheck } from './expression-check.ts';
import { limitRanger } from './limit-ranger.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { priority } from './priority.ts';
import { ruleCheck } from './rule-check.ts';
import { persistentVolumeClaimResize } from './claim-resize.ts';
import { runtimeClass } from './runtime-class.ts';
import { resourceQuota } from './resource-quota.ts';
import { serviceAccount } from './service-account.ts';
import { storageObjectInUseProtection } from './storage-object-in-use-protection.ts';

/** The plugins of a cluster as kubeadm sets it up, in Kubernetes' order. kubernetes: pkg/kubeapiserver/options/plugins.go */
export function defaultPlugins(): readonly AdmissionPlugin[] {
  return [
    namespaceLifecycle,
    limitRanger,
    serviceAccount,
    podSecurity,
    priority,
    defaultTolerationSeconds,
    defaultStorageClass,
    storageObjectInUseProtection,
    persistentVolumeClaimResize,
    runtimeClass,
    certificateSubjectRestriction,
    defaultIngressClass,
    rbacEscalation,
    mutatingAdmissionWebhook,
    expressionCheck,
    ruleCheck,
    validatingAdmissionPolicy,
    validatingAdmissionWebhook,
    resourceQuota,
  ];
}
