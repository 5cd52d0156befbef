import { POD_DESCRIPTIONS } from './pod-descriptions.ts';

/** What `kubectl explain` says of kinds and fields, by definition as the type table names it. */
export interface Description {
  readonly text: string;
  readonly fields: ReadonlyMap<string, string>;
}

/** Fields that every kind has. */
const COMMON: ReadonlyMap<string, string> = new Map([
  ['apiVersion', 'The group and version in which this object is written, such as apps/v1.'],
  ['kind', 'What this object is. It cannot be changed.'],
  ['metadata', 'Name, namespace, labels, annotations and what the server keeps about the object.'],
  ['spec', 'What is wanted.'],
  ['status', 'What is, as the parts of the cluster that look after the object have written it last.'],
  ['items', 'The objects of the list.'],
]);

/**
 * A header in brackets names a package; below it a line names a definition and what it is, and indented lines its fields.
 */
const TABLE = `
[api.apps.v1]
Deployment: Keeps a number of equal pods running, and replaces them step by step when their template changes.
DeploymentSpec: How many pods a Deployment keeps, which, and how it replaces them.
  replicas: How many pods there are to be; 1 unless said.
  selector: Which pods belong to it. It must match the labels of the template, and cannot be changed.
  template: The pods that it makes. A change of it begins a rollout.
  strategy: How old pods make room for new ones.
  minReadySeconds: For how long a new pod must be ready without a crash before it counts as available.
  revisionHistoryLimit: How many old ReplicaSets are kept to go back to; 10 unless said.
  progressDeadlineSeconds: After how long without progress the rollout is told to have failed; 600 unless said. Nothing is rolled back by it.
  paused: While true, changes of the template begin no rollout.
DeploymentStatus: How far a Deployment has come.
  observedGeneration: The generation of the spec that this status is about.
  replicas: Pods that belong to it, of all revisions.
  updatedReplicas: Pods of the newest template.
  readyReplicas: Pods that are ready.
  availableReplicas: Pods that have been ready for minReadySeconds.
  unavailableReplicas: Pods that are missing until all that are wanted are available.
  terminatingReplicas: Pods that are being deleted.
  collisionCount: How often the name of a new ReplicaSet was taken already.
  conditions: Available, Progressing and ReplicaFailure.
DeploymentStrategy: One of two ways to replace pods.
  type: RollingUpdate, little by little, or Recreate, all old ones before the first new one.
  rollingUpdate: How little by little.
RollingUpdateDeployment: How many pods there may be too many or too few during a rollout.
  maxSurge: How many pods there may be above the wanted number, as a number or a percentage; 25% unless said.
  maxUnavailable: How many pods may be missing, as a number or a percentage; 25% unless said.
StatefulSet: Keeps pods that have a name and volumes of their own, and makes and replaces them in order.
StatefulSetSpec: How many pods a StatefulSet keeps, which, and with which volumes.
  serviceName: The headless Service under which the pods have names in the DNS.
  replicas: How many pods there are to be; 1 unless said.
  selector: Which pods belong to it. It must match the labels of the template, and cannot be changed.
  template: The pods that it makes, each with a number at the end of its name.
  volumeClaimTemplates: Claims that each pod gets one of its own of; they stay when the pod goes.
  podManagementPolicy: OrderedReady, one after the other, or Parallel.
  updateStrategy: RollingUpdate, from the highest number down, or OnDelete, when somebody deletes them.
  persistentVolumeClaimRetentionPolicy: Whether claims stay when the set is deleted or made smaller.
  minReadySeconds: For how long a pod must be ready before it counts as available.
  revisionHistoryLimit: How many old revisions are kept; 10 unless said.
  ordinals: From which number on pods are named.
StatefulSetUpdateStrategy: How pods are replaced when the template changes.
  type: RollingUpdate or OnDelete.
  rollingUpdate: From which number on, and how many at a time.
DaemonSet: Keeps one pod on every node that fits.
DaemonSetSpec: Which pod, and how it is replaced.
  selector: Which pods belong to it. It must match the labels of the template, and cannot be changed.
  template: The pod that every node gets which its node selector, affinity and tolerations allow.
  updateStrategy: RollingUpdate, node by node, or OnDelete.
  minReadySeconds: For how long a new pod must be ready before it counts as available.
  revisionHistoryLimit: How many old revisions are kept; 10 unless said.
ReplicaSet: Keeps a number of equal pods running. Deployments make them; one seldom makes one oneself.
ReplicaSetSpec: How many pods, and which.
  replicas: How many pods there are to be; 1 unless said.
  selector: Which pods belong to it; it cannot be changed.
  template: The pods that it makes.
  minReadySeconds: For how long a new pod must be ready before it counts as available.
ControllerRevision: A state of a StatefulSet or DaemonSet that can be gone back to.
[api.batch.v1]
Job: Runs pods until a number of them has succeeded.
JobSpec: What is run, how often, and when it is given up.
  template: The pod that is run; its restartPolicy is OnFailure or Never.
  parallelism: How many pods run at a time; 1 unless said.
  completions: How many pods must succeed; 1 unless said.
  backoffLimit: How often pods may fail before the Job has failed; 6 unless said.
  activeDeadlineSeconds: After how long the Job has failed, whatever its pods do.
  ttlSecondsAfterFinished: How long the Job stays after its end; without it, until somebody deletes it.
  completionMode: NonIndexed, or Indexed, where each pod has a number of its own.
  suspend: While true no pods run; those that do are deleted.
  selector: Which pods belong to it; the server fills it in.
  manualSelector: True for a selector of one's own.
  backoffLimitPerIndex: How often the pod of one index may fail.
  maxFailedIndexes: How many indexes may fail before the Job has failed.
  podFailurePolicy: What failures of certain exit codes or conditions lead to.
  successPolicy: When an indexed Job has succeeded before all its indexes have.
  podReplacementPolicy: Whether a pod is replaced once it is being deleted, or once it has ended.
  managedBy: Which controller looks after it, if not the cluster's own.
CronJob: Makes Jobs at the times of a schedule.
CronJobSpec: When Jobs are made, and which.
  schedule: Minute, hour, day of the month, month and day of the week, as cron has them; or @hourly, @daily, ….
  timeZone: In which time zone the schedule is meant, by its name in the IANA list.
  jobTemplate: The Job that is made.
  concurrencyPolicy: Whether Jobs may run side by side. Allow, Forbid (the new one is left out) or Replace (the old one is deleted).
  suspend: While true no Jobs are made.
  startingDeadlineSeconds: How late a Job may be made that was missed.
  successfulJobsHistoryLimit: How many Jobs that succeeded are kept; 3 unless said.
  failedJobsHistoryLimit: How many Jobs that failed are kept; 1 unless said.
[api.autoscaling.v2]
HorizontalPodAutoscaler: Changes the number of pods of a workload with the load that they have.
HorizontalPodAutoscalerSpec: What is scaled, between which numbers, and by which metrics.
  scaleTargetRef: The workload whose replicas are changed.
  minReplicas: The lowest number of pods; 1 unless said.
  maxReplicas: The highest number of pods.
  metrics: What is measured, and what is aimed at; the one that wants most pods wins. 80% of the requested CPU unless said.
  behavior: How fast it may grow and shrink.
MetricSpec: One thing that is measured.
  type: Resource, ContainerResource, Pods, Object or External; the field of that name says more.
  resource: CPU or memory of the pods, against what they request.
  containerResource: CPU or memory of one container of the pods.
  pods: A metric that the pods have, on average.
  object: A metric of another object.
  external: A metric of something outside of the cluster.
[api.autoscaling.v1]
HorizontalPodAutoscaler: Changes the number of pods of a workload with the CPU that they use.
HorizontalPodAutoscalerSpec: What is scaled, between which numbers.
  scaleTargetRef: The workload whose replicas are changed.
  minReplicas: The lowest number of pods; 1 unless said.
  maxReplicas: The highest number of pods.
  targetCPUUtilizationPercentage: Which share of the CPU that they request the pods are to use on average.
Scale: The number of replicas of an object, as the subresource scale shows it.
[api.policy.v1]
PodDisruptionBudget: How many pods of a set evictions must leave in place.
PodDisruptionBudgetSpec: Which pods, and how many.
  minAvailable: How many must stay, as a number or a percentage. Not together with maxUnavailable.
  maxUnavailable: How many may be missing, as a number or a percentage. Not together with minAvailable.
  selector: Which pods are meant.
  unhealthyPodEvictionPolicy: Whether pods that are not ready may always be evicted.
Eviction: A wish that a pod may go, which budgets can refuse.
[api.networking.v1]
Ingress: Brings HTTP requests from outside to Services, by host and path.
IngressSpec: Which requests go where.
  ingressClassName: The IngressClass whose controller serves it.
  rules: Where requests go, by host and path.
  defaultBackend: Where requests go that no rule fits.
  tls: Certificates, by host.
IngressRule: The paths of one host.
  host: The name that clients ask for; *.example.com stands for one label, no host for all.
  http: The paths.
HTTPIngressPath: One path and where it leads.
  path: How the path of a request begins, or what it is.
  pathType: Exact, Prefix (by elements between slashes) or ImplementationSpecific.
  backend: Where such requests go.
IngressBackend: Where requests go.
  service: A Service and one of its ports.
  resource: Another object that the controller knows; not together with service.
IngressTLS: A certificate and the hosts that it is for.
  hosts: The hosts.
  secretName: A Secret of type kubernetes.io/tls.
IngressClass: A controller that serves Ingresses, under a name.
NetworkPolicy: Which traffic pods may have. Pods that no policy selects may have all.
NetworkPolicySpec: Which pods, and what they may.
  podSelector: The pods of the namespace that are meant; an empty one means all.
  policyTypes: Ingress, Egress or both; what is named and has no rule is refused.
  ingress: From where to which ports traffic may come.
  egress: To where and which ports traffic may go.
IPAddress: An address that a Service holds.
ServiceCIDR: A range out of which Services get their addresses.
[api.rbac.v1]
Role: What may be done in a namespace.
  rules: What may be done.
ClusterRole: What may be done in the whole cluster, or in any namespace where a RoleBinding gives it.
  rules: What may be done.
  aggregationRule: Other ClusterRoles, by label, whose rules make up this one's.
RoleBinding: Gives a Role or ClusterRole to users, groups and service accounts, in one namespace.
  roleRef: What is given; it cannot be changed.
  subjects: To whom.
ClusterRoleBinding: Gives a ClusterRole to users, groups and service accounts, in the whole cluster.
  roleRef: What is given; it cannot be changed.
  subjects: To whom.
PolicyRule: Verbs that are allowed on resources or paths.
  verbs: get, list, watch, create, update, patch, delete, deletecollection, …; * is all.
  apiGroups: The groups of the resources; "" is the core group, * all.
  resources: Resources in the plural, with subresources as pods/log; * is all.
  resourceNames: Only objects of these names. Nothing means all.
  nonResourceURLs: Paths that are no resources, such as /healthz.
Subject: Who gets a role.
  kind: User, Group or ServiceAccount.
  name: The name of that user, group or service account.
  namespace: Of a service account.
  apiGroup: rbac.authorization.k8s.io for users and groups, nothing for service accounts.
[api.storage.v1]
StorageClass: A kind of storage that claims can ask for.
  provisioner: Who makes volumes of it.
  parameters: What the provisioner is told.
  reclaimPolicy: What becomes of a volume when its claim goes. Delete unless said, or Retain.
  volumeBindingMode: Immediate, or WaitForFirstConsumer, when a pod needs the claim and its node is known.
  allowVolumeExpansion: True if claims may grow.
  mountOptions: Options for mounting the volumes.
  allowedTopologies: On which nodes volumes may be.
CSIDriver: A driver of volumes that is there in the cluster.
CSINode: The drivers of volumes on a node.
CSIStorageCapacity: How much storage a class still has somewhere.
VolumeAttachment: That a volume is to be attached to a node, and whether it is.
VolumeAttributesClass: Attributes of volumes that can be changed while they are in use.
[api.admissionregistration.v1]
MutatingWebhookConfiguration: Webhooks that may change objects before they are stored.
ValidatingWebhookConfiguration: Webhooks that may refuse objects before they are stored.
ValidatingAdmissionPolicy: Expressions in CEL that may refuse objects before they are stored.
ValidatingAdmissionPolicyBinding: Where a ValidatingAdmissionPolicy holds, with which parameters, and what it does.
[api.certificates.v1]
CertificateSigningRequest: A wish for a certificate, which somebody approves and a signer then makes.
[api.coordination.v1]
Lease: Who holds something, and until when; nodes and leaders of controllers renew theirs.
[api.discovery.v1]
EndpointSlice: Some of the addresses behind a Service.
[api.events.v1]
Event: Something that has happened to an object.
[api.flowcontrol.v1]
FlowSchema: Which requests to the API server belong together, and which level they get.
PriorityLevelConfiguration: How many requests of a level are served at a time, and what becomes of the others.
[api.node.v1]
RuntimeClass: A way to run the containers of pods.
[api.resource.v1]
DeviceClass: A kind of device that claims can ask for.
ResourceClaim: Devices that pods use.
ResourceClaimTemplate: A ResourceClaim that each pod gets one of its own of.
ResourceSlice: Devices that a driver has on a node or elsewhere.
[api.scheduling.v1]
PriorityClass: A priority under a name: pods with a higher one are scheduled first, and may push others out.
  value: The priority; more is higher.
  globalDefault: True for the class of pods that name none.
  preemptionPolicy: PreemptLowerPriority unless said, or Never.
  description: For whom the class is.
[api.authentication.v1]
SelfSubjectReview: Asks who one is.
TokenRequest: Asks for a token of a service account.
TokenReview: Asks whose token this is.
[api.authorization.v1]
LocalSubjectAccessReview: Asks whether somebody may do something in a namespace.
SelfSubjectAccessReview: Asks whether one may do something oneself.
SelfSubjectRulesReview: Asks what one may do in a namespace.
SubjectAccessReview: Asks whether somebody may do something.
[apiextensions-apiserver.pkg.apis.apiextensions.v1]
CustomResourceDefinition: A kind of one's own, with its names, versions and schemas.
CustomResourceDefinitionSpec: How the kind is called and what its objects look like.
  group: The group of the API in which it is served.
  names: What it is called, in the plural and singular, its kind and short names.
  scope: Namespaced or Cluster.
  versions: Its versions, each with a schema; one of them is stored.
  conversion: How objects are brought from one version to another.
[kube-aggregator.pkg.apis.apiregistration.v1]
APIService: A group and version of the API, and which server answers for it.
[metrics.pkg.apis.metrics.v1beta1]
NodeMetrics: What a node uses.
PodMetrics: What the containers of a pod use.
  containers: What each of them uses.
[apimachinery.pkg.apis.meta.v1]
ObjectMeta: What all objects have.
  name: The name, unique among the objects of its kind in the namespace. It cannot be changed.
  generateName: The beginning of a name to which the server adds five characters; only where name is left out.
  namespace: The namespace that the object is in. It cannot be changed.
  labels: Texts by key by which objects are selected.
  annotations: Texts by key for people and programs, which nothing is selected by.
  uid: Identifies the object for good, also after another one has got its name. Set by the server.
  resourceVersion: Changes with every write; to be compared for equality alone. An update that bears an old one is refused.
  generation: Counts changes of what is wanted. Set by the server.
  creationTimestamp: When it was created. Set by the server.
  deletionTimestamp: When it will be gone, once somebody has deleted it. Set by the server.
  deletionGracePeriodSeconds: How long it may take to end. Set by the server.
  finalizers: Who must have done something before the object goes; it stays until the list is empty.
  ownerReferences: The objects that it belongs to; when all of them are gone, it goes too.
  managedFields: Who has set which fields. Kept by the server.
  selfLink: Not used any more.
ListMeta: What all lists have.
  continue: Where the next part of the list begins; empty at the end.
  remainingItemCount: How many objects follow, if that is known.
  resourceVersion: The version of all of the list.
OwnerReference: An object that another one belongs to.
  controller: True for the one that looks after it.
  blockOwnerDeletion: True if the owner is to wait, when it is deleted in the foreground, until this object is gone.
LabelSelector: Selects objects by their labels; all of it must hold. An empty one selects all.
  matchLabels: Labels that objects must have with these values.
  matchExpressions: Requirements of labels with In, NotIn, Exists or DoesNotExist.
Condition: One aspect of the state of an object.
  type: Which aspect.
  status: True, False or Unknown.
  reason: Why, as one word for programs.
  message: Why, for people.
  lastTransitionTime: When the status changed last.
  observedGeneration: The generation that it is about.
`;

let known: ReadonlyMap<string, Description> | undefined;

/** The descriptions by definition, such as `api.core.v1.Pod`; read when they are first asked for. */
export function descriptions(): ReadonlyMap<string, Description> {
  known ??= parse(`${TABLE}${POD_DESCRIPTIONS}`);
  return known;
}

/** The description of a field; undefined where there is none. */
export function fieldDescription(definition: string, field: string, isKind: boolean): string | undefined {
  return descriptions().get(definition)?.fields.get(field) ?? (isKind ? COMMON.get(field) : undefined);
}

function parse(table: string): ReadonlyMap<string, Description> {
  const out = new Map<string, Description>();
  let prefix = '';
  let fields = new Map<string, string>();
  for (const line of table.split('\n')) {
    const header = /^\[(.+)\]$/.exec(line)?.[1];
    if (header !== undefined) prefix = header;
    const colon = line.indexOf(': ');
    if (header !== undefined || colon === -1) continue;
    const [name, text] = [line.slice(0, colon).trim(), line.slice(colon + 2)];
    if (line.startsWith(' ')) fields.set(name, text);
    else {
      fields = new Map();
      out.set(`${prefix}.${name}`, { text, fields });
    }
  }
  return out;
}
