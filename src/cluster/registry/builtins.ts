import {
  mutatingWebhookConfigurationStrategy,
  validatingWebhookConfigurationStrategy,
} from './admissionregistration/webhook-configurations.ts';
import { validatingAdmissionPolicyBindingStrategy } from './admissionregistration/policy-binding.ts';
import { validatingAdmissionPolicyStrategy } from './admissionregistration/policy.ts';
import { customResourceDefinitionStrategy } from './apiextensions/definition.ts';
import { apiServiceStrategy } from './apiregistration/api-service.ts';
import { controllerRevisionStrategy } from './apps/controller-revision.ts';
import { daemonSetStrategy } from './apps/daemon-set.ts';
import { deploymentStrategy } from './apps/deployment.ts';
import { replicaSetStrategy } from './apps/replica-set.ts';
import { statefulSetStrategy } from './apps/stateful-set.ts';
import { horizontalPodAutoscalerStrategy } from './autoscaling/horizontal-pod-autoscaler.ts';
import { cronJobStrategy } from './batch/cron-job.ts';
import { jobStrategy } from './batch/job.ts';
import { certificateSigningRequestStrategy } from './certificates/certificate-signing-request.ts';
import { leaseStrategy } from './coordination/lease.ts';
import { configMapStrategy } from './core/config-map.ts';
import { endpointsStrategy } from './core/endpoints.ts';
import { eventStrategy } from './core/event.ts';
import { limitRangeStrategy } from './core/limit-range.ts';
import { namespaceStrategy } from './core/namespace.ts';
import { nodeStrategy } from './core/node.ts';
import { persistentVolumeClaimStrategy } from './core/persistent-volume-claim.ts';
import { persistentVolumeStrategy } from './core/persistent-volume.ts';
import { podStrategy } from './core/pod.ts';
import { replicationControllerStrategy } from './core/replication-controller.ts';
import { resourceQuotaStrategy } from './core/resource-quota.ts';
import { secretStrategy } from './core/secret.ts';
import { podTemplateStrategy, serviceAccountStrategy } from './core/service-account.ts';
import { serviceStrategy } from './core/service/service.ts';
import { endpointSliceStrategy } from './discovery/endpoint-slice.ts';
import { newEventStrategy } from './events/event.ts';
import { ingressClassStrategy } from './networking/ingress-class.ts';
import { ingressStrategy } from './networking/ingress.ts';
import { networkPolicyStrategy } from './networking/network-policy.ts';
import { runtimeClassStrategy } from './node/runtime-class.ts';
import { podDisruptionBudgetStrategy } from './policy/pod-disruption-budget.ts';
import { clusterRoleBindingStrategy, roleBindingStrategy } from './rbac/role-binding.ts';
import { clusterRoleStrategy, roleStrategy } from './rbac/role.ts';
import { priorityClassStrategy } from './scheduling/priority-class.ts';
import { csiDriverStrategy, csiNodeStrategy } from './storage/csi.ts';
import { storageClassStrategy } from './storage/storage-class.ts';
import { volumeAttachmentStrategy } from './storage/volume-attachment.ts';
import type { Strategy } from './strategy.ts';

/** In the order in which discovery lists groups, and in each group by resource. */
const FACTORIES: readonly (() => Strategy)[] = [
  configMapStrategy,
  endpointsStrategy,
  eventStrategy,
  limitRangeStrategy,
  namespaceStrategy,
  nodeStrategy,
  persistentVolumeClaimStrategy,
  persistentVolumeStrategy,
  podStrategy,
  podTemplateStrategy,
  replicationControllerStrategy,
  resourceQuotaStrategy,
  secretStrategy,
  serviceAccountStrategy,
  serviceStrategy,
  apiServiceStrategy,
  controllerRevisionStrategy,
  daemonSetStrategy,
  deploymentStrategy,
  replicaSetStrategy,
  statefulSetStrategy,
  newEventStrategy,
  horizontalPodAutoscalerStrategy,
  cronJobStrategy,
  jobStrategy,
  certificateSigningRequestStrategy,
  ingressClassStrategy,
  ingressStrategy,
  networkPolicyStrategy,
  podDisruptionBudgetStrategy,
  clusterRoleBindingStrategy,
  clusterRoleStrategy,
  roleBindingStrategy,
  roleStrategy,
  csiDriverStrategy,
  csiNodeStrategy,
  storageClassStrategy,
  volumeAttachmentStrategy,
  mutatingWebhookConfigurationStrategy,
  validatingAdmissionPolicyStrategy,
  validatingAdmissionPolicyBindingStrategy,
  validatingWebhookConfigurationStrategy,
  customResourceDefinitionStrategy,
  priorityClassStrategy,
  leaseStrategy,
  runtimeClassStrategy,
  endpointSliceStrategy,
];

let strategies: ReadonlyMap<string, Strategy> | undefined;

/**
 * The rules of every built-in kind by `group/resource` (`apps/deployments`, and `/pods` for the core group).
 * Made on the first call and shared after it: strategies hold no state.
 */
export function builtinStrategies(): ReadonlyMap<string, Strategy> {
  strategies ??= new Map(
    FACTORIES.map((factory) => {
      const strategy = factory();
      return [`${strategy.type.group}/${strategy.type.resource}`, strategy];
    }),
  );
  return strategies;
}
