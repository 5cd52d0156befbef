import type { ResourceType } from '../../../kube/object.ts';
import { ageColumn, type Column, column, field, nameColumn } from './columns.ts';
import {
  configMapColumns,
  eventColumns,
  namespaceColumns,
  nodeColumns,
  persistentVolumeClaimColumns,
  persistentVolumeColumns,
  resourceQuotaColumns,
  secretColumns,
  serviceAccountColumns,
} from './core.ts';
import {
  endpointsColumns,
  endpointSliceColumns,
  ingressClassColumns,
  ingressColumns,
  networkPolicyColumns,
  serviceColumns,
} from './network.ts';
import { podColumns } from './pods.ts';
import {
  apiServiceColumns,
  admissionPolicyBindingColumns,
  admissionPolicyColumns,
  autoscalerColumns,
  controllerRevisionColumns,
  createdAtColumns,
  csiDriverColumns,
  csiNodeColumns,
  disruptionBudgetColumns,
  leaseColumns,
  priorityClassColumns,
  roleBindingColumns,
  signingRequestColumns,
  storageClassColumns,
  volumeAttachmentColumns,
  webhookColumns,
} from './policy.ts';
import {
  cronJobColumns,
  daemonSetColumns,
  deploymentColumns,
  jobColumns,
  podTemplateColumns,
  replicaSetColumns,
  replicationControllerColumns,
  statefulSetColumns,
} from './workloads.ts';

const COLUMNS: ReadonlyMap<string, readonly Column[]> = new Map([
  ['apiservices.apiregistration.k8s.io', apiServiceColumns],
  ['pods', podColumns],
  ['deployments.apps', deploymentColumns],
  ['replicasets.apps', replicaSetColumns],
  ['replicationcontrollers', replicationControllerColumns],
  ['statefulsets.apps', statefulSetColumns],
  ['daemonsets.apps', daemonSetColumns],
  ['jobs.batch', jobColumns],
  ['cronjobs.batch', cronJobColumns],
  ['services', serviceColumns],
  ['ingresses.networking.k8s.io', ingressColumns],
  ['ingressclasses.networking.k8s.io', ingressClassColumns],
  ['networkpolicies.networking.k8s.io', networkPolicyColumns],
  ['endpointslices.discovery.k8s.io', endpointSliceColumns],
  ['endpoints', endpointsColumns],
  ['nodes', nodeColumns],
  ['events', eventColumns],
  ['events.events.k8s.io', eventColumns],
  ['namespaces', namespaceColumns],
  ['secrets', secretColumns],
  ['configmaps', configMapColumns],
  ['serviceaccounts', serviceAccountColumns],
  ['persistentvolumes', persistentVolumeColumns],
  ['persistentvolumeclaims', persistentVolumeClaimColumns],
  ['resourcequotas', resourceQuotaColumns],
  ['limitranges', createdAtColumns],
  ['roles.rbac.authorization.k8s.io', createdAtColumns],
  ['clusterroles.rbac.authorization.k8s.io', createdAtColumns],
  ['customresourcedefinitions.apiextensions.k8s.io', createdAtColumns],
  ['rolebindings.rbac.authorization.k8s.io', roleBindingColumns],
  ['clusterrolebindings.rbac.authorization.k8s.io', roleBindingColumns],
  ['poddisruptionbudgets.policy', disruptionBudgetColumns],
  ['priorityclasses.scheduling.k8s.io', priorityClassColumns],
  ['storageclasses.storage.k8s.io', storageClassColumns],
  ['horizontalpodautoscalers.autoscaling', autoscalerColumns],
  ['leases.coordination.k8s.io', leaseColumns],
  ['controllerrevisions.apps', controllerRevisionColumns],
  ['mutatingwebhookconfigurations.admissionregistration.k8s.io', webhookColumns],
  ['validatingwebhookconfigurations.admissionregistration.k8s.io', webhookColumns],
  ['certificatesigningrequests.certificates.k8s.io', signingRequestColumns],
  ['validatingadmissionpolicies.admissionregistration.k8s.io', admissionPolicyColumns],
  ['validatingadmissionpolicybindings.admissionregistration.k8s.io', admissionPolicyBindingColumns],
  ['volumeattachments.storage.k8s.io', volumeAttachmentColumns],
  ['csinodes.storage.k8s.io', csiNodeColumns],
  ['csidrivers.storage.k8s.io', csiDriverColumns],
  ['podtemplates', podTemplateColumns],
  ['runtimeclasses.node.k8s.io', [nameColumn, column('Handler', field('handler')), ageColumn]],
]);

const PLAIN: readonly Column[] = [nameColumn, ageColumn];

/** The columns of a resource's table. kubernetes: pkg/printers/internalversion/printers.go. */
export function tableColumns(type: Pick<ResourceType, 'group' | 'resource'>): readonly Column[] {
  return COLUMNS.get(type.group === '' ? type.resource : `${type.resource}.${type.group}`) ?? PLAIN;
}
