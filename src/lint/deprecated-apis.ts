/**
 * Kinds that Kubernetes 1.35 marks as deprecated, by group and version: the kind, the minor versions of Kubernetes 1 in
 * which it is deprecated and no longer served (`-`: not said), and what to use instead (`-`: nothing), with the kind's name
 * where that differs. kubernetes: the `prerelease-lifecycle-gen` tags of k8s.io/api.
 */
export const DEPRECATED_APIS: Readonly<Record<string, readonly string[]>> = {
  'admissionregistration.k8s.io/v1alpha1': [
    'MutatingAdmissionPolicy 35 38 -',
    'MutatingAdmissionPolicyBinding 35 38 -',
    'ValidatingAdmissionPolicy 29 32 -',
    'ValidatingAdmissionPolicyBinding 29 32 -',
  ],
  'admissionregistration.k8s.io/v1beta1': [
    'MutatingAdmissionPolicy 37 40 -',
    'MutatingAdmissionPolicyBinding 37 40 -',
    'MutatingWebhookConfiguration 16 22 admissionregistration.k8s.io/v1',
    'ValidatingAdmissionPolicy 31 34 -',
    'ValidatingAdmissionPolicyBinding 31 34 -',
    'ValidatingWebhookConfiguration 16 22 admissionregistration.k8s.io/v1',
  ],
  'apps/v1beta1': [
    'ControllerRevision 8 16 apps/v1',
    'Deployment 8 16 apps/v1',
    'DeploymentRollback 8 16 apps/v1',
    'Scale 8 16 autoscaling/v1',
    'StatefulSet 8 16 apps/v1',
  ],
  'apps/v1beta2': [
    'ControllerRevision 9 16 apps/v1',
    'DaemonSet 9 16 apps/v1',
    'Deployment 9 16 apps/v1',
    'ReplicaSet 9 16 apps/v1',
    'Scale 9 16 autoscaling/v1',
    'StatefulSet 9 16 apps/v1',
  ],
  'authentication.k8s.io/v1alpha1': ['SelfSubjectReview 29 32 -'],
  'authentication.k8s.io/v1beta1': ['SelfSubjectReview 30 33 -', 'TokenReview 19 22 authentication.k8s.io/v1'],
  'authorization.k8s.io/v1beta1': [
    'LocalSubjectAccessReview 19 22 authorization.k8s.io/v1',
    'SelfSubjectAccessReview 19 22 authorization.k8s.io/v1',
    'SelfSubjectRulesReview 19 22 authorization.k8s.io/v1',
    'SubjectAccessReview 19 22 authorization.k8s.io/v1',
  ],
  'autoscaling/v2beta1': [
    'HorizontalPodAutoscaler 22 25 autoscaling/v2',
    'HorizontalPodAutoscalerList 22 25 autoscaling/v2beta2',
  ],
  'autoscaling/v2beta2': ['HorizontalPodAutoscaler 23 26 autoscaling/v2', 'HorizontalPodAutoscalerList 22 25 -'],
  'batch/v1beta1': ['CronJob 21 25 batch/v1'],
  'certificates.k8s.io/v1alpha1': ['ClusterTrustBundle 34 37 -'],
  'certificates.k8s.io/v1beta1': [
    'CertificateSigningRequest 19 22 certificates.k8s.io/v1',
    'ClusterTrustBundle 36 39 -',
    'PodCertificateRequest 38 41 -',
  ],
  'coordination.k8s.io/v1alpha2': ['LeaseCandidate 35 38 -'],
  'coordination.k8s.io/v1beta1': ['Lease 19 22 coordination.k8s.io/v1', 'LeaseCandidate 36 39 -'],
  'discovery.k8s.io/v1beta1': [
    'EndpointSlice 21 25 discovery.k8s.io/v1',
    'EndpointSliceList 21 25 discovery.k8s.io/v1 EndpointSlice',
  ],
  'events.k8s.io/v1beta1': ['Event 22 25 -'],
  'extensions/v1beta1': [
    'DaemonSet 8 16 apps/v1',
    'Deployment 8 16 apps/v1',
    'DeploymentRollback 8 16 -',
    'Ingress 14 22 networking.k8s.io/v1',
    'NetworkPolicy 9 16 networking.k8s.io/v1',
    'ReplicaSet 8 16 apps/v1',
    'Scale 2 16 -',
  ],
  'flowcontrol.apiserver.k8s.io/v1beta1': [
    'FlowSchema 23 26 flowcontrol.apiserver.k8s.io/v1beta3',
    'PriorityLevelConfiguration 23 26 flowcontrol.apiserver.k8s.io/v1beta3',
  ],
  'flowcontrol.apiserver.k8s.io/v1beta2': [
    'FlowSchema 26 29 flowcontrol.apiserver.k8s.io/v1beta3',
    'PriorityLevelConfiguration 26 29 flowcontrol.apiserver.k8s.io/v1beta3',
  ],
  'flowcontrol.apiserver.k8s.io/v1beta3': [
    'FlowSchema 29 32 flowcontrol.apiserver.k8s.io/v1',
    'PriorityLevelConfiguration 29 32 flowcontrol.apiserver.k8s.io/v1',
  ],
  'networking.k8s.io/v1beta1': [
    'IPAddress 34 37 -',
    'Ingress 19 22 networking.k8s.io/v1',
    'IngressClass 19 22 networking.k8s.io/v1 IngressClassList',
    'IngressClassList 19 22 networking.k8s.io/v1 IngressClassList',
    'ServiceCIDR 34 37 -',
  ],
  'node.k8s.io/v1beta1': ['RuntimeClass 22 25 -'],
  'policy/v1beta1': ['Eviction 22 25 -', 'PodDisruptionBudget 21 25 policy/v1'],
  'rbac.authorization.k8s.io/v1beta1': [
    'ClusterRole 17 22 rbac.authorization.k8s.io/v1',
    'ClusterRoleBinding 17 22 rbac.authorization.k8s.io/v1',
    'Role 17 22 rbac.authorization.k8s.io/v1',
    'RoleBinding 17 22 rbac.authorization.k8s.io/v1',
  ],
  'resource.k8s.io/v1alpha3': ['DeviceTaintRule 36 39 -'],
  'resource.k8s.io/v1beta1': [
    'DeviceClass 35 38 -',
    'ResourceClaim 35 38 -',
    'ResourceClaimTemplate 35 38 -',
    'ResourceSlice 35 38 -',
  ],
  'resource.k8s.io/v1beta2': [
    'DeviceClass 36 39 -',
    'ResourceClaim 36 39 -',
    'ResourceClaimTemplate 36 39 -',
    'ResourceSlice 36 39 -',
  ],
  'scheduling.k8s.io/v1beta1': ['PriorityClass 14 22 scheduling.k8s.io/v1'],
  'storage.k8s.io/v1alpha1': [
    'CSIStorageCapacity 21 24 storage.k8s.io/v1beta1',
    'VolumeAttachment 21 24 storage.k8s.io/v1',
    'VolumeAttributesClass 32 35 storage.k8s.io/v1',
  ],
  'storage.k8s.io/v1beta1': [
    'CSIDriver 19 22 storage.k8s.io/v1',
    'CSINode 17 22 storage.k8s.io/v1',
    'CSINodeList 17 22 storage.k8s.io/v1 CSINode',
    'CSIStorageCapacity 24 27 storage.k8s.io/v1',
    'StorageClass 19 22 storage.k8s.io/v1',
    'VolumeAttachment 19 22 storage.k8s.io/v1',
    'VolumeAttributesClass 34 37 storage.k8s.io/v1',
  ],
  'storagemigration.k8s.io/v1beta1': ['StorageVersionMigration 38 41 -'],
  v1: ['ComponentStatus 19 - -', 'Endpoints 33 - discovery.k8s.io/v1 EndpointSlice'],
};
