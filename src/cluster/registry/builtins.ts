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
import { firstAutoscalerStrategy } from './autoscaling/first-autoscaler.ts';
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
import { flowSchemaStrategy } from './flowcontrol/flow-schema.ts';
import { priorityLevelConfigurationStrategy } from './flowcontrol/priority-level-configuration.ts';
import { ingressClassStrategy } from './networking/ingress-class.ts';
import { ingressStrategy } from './networking/ingress.ts';
import { networkPolicyStrategy } from './networking/network-policy.ts';
import { serviceCidrStrategy } from './networking/service-cidr.ts';
import { runtimeClassStrategy } from './node/runtime-class.ts';
import { podDisruptionBudgetStrategy } from './policy/pod-disruption-budget.ts';
import { clusterRoleBindingStrategy, roleBindingStrategy } from './rbac/role-binding.ts';
import { clusterRoleStrategy, roleStrategy } from './rbac/role.ts';
import { deviceClassStrategy } from './resource/device-class.ts';
import { resourceClaimStrategy, resourceClaimTemplateStrategy } from './resource/resource-claim.ts';
import { resourceSliceStrategy } from './resource/resource-slice.ts';
import { priorityClassStrategy } from './scheduling/priority-class.ts';
import { csiDriverStrategy, csiNodeStrategy } from './storage/csi.ts';
import { csiStorageCapacityStrategy } from './storage/csi-storage-capacity.ts';
import { storageClassStrategy } from './storage/storage-class.ts';
import { volumeAttachmentStrategy } from './storage/volume-attachment.ts';
import { volumeAttributesClassStrategy } from './storage/volume-attributes-class.ts';
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
  firstAutoscalerStrategy,
  cronJobStrategy,
  jobStrategy,
  certificateSigningRequestStrategy,
  ingressClassStrategy,
  ingressStrategy,
  networkPolicyStrategy,
  serviceCidrStrategy,
  podDisruptionBudgetStrategy,
  clusterRoleBindingStrategy,
  clusterRoleStrategy,
  roleBindingStrategy,
  roleStrategy,
  csiDriverStrategy,
  csiNodeStrategy,
  csiStorageCapacityStrategy,
  storageClassStrategy,
  volumeAttachmentStrategy,
  volumeAttributesClassStrategy,
  mutatingWebhookConfigurationStrategy,
  validatingAdmissionPolicyStrategy,
  validatingAdmissionPolicyBindingStrategy,
  validatingWebhookConfigurationStrategy,
  customResourceDefinitionStrategy,
  priorityClassStrategy,
  flowSchemaStrategy,
  priorityLevelConfigurationStrategy,
  deviceClassStrategy,
  resourceClaimStrategy,
  resourceClaimTemplateStrategy,
  resourceSliceStrategy,
  leaseStrategy,
  runtimeClassStrategy,
  endpointSliceStrategy,
];

let strategies: ReadonlyMap<string, Strategy> | undefined;

/**
 * The rules of every built-in kind by `group/resource` (`apps/deployments`, and `/pods` for the core group), other versions
 * of a resource by `group/resource/version`.
 * Made on the first call and shared after it: strategies hold no state.
 */
export function builtinStrategies(): ReadonlyMap<string, Strategy> {
  strategies ??= new Map(
    FACTORIES.map((factory) => {
      const strategy = factory();
      const { group, version, resource } = strategy.type;
      const isOther = strategy.storedAs?.bucket === `${group}/${resource}`;
      return [`${group}/${resource}${isOther ? `/${version}` : ''}`, strategy];
    }),
  );
  return strategies;
}
