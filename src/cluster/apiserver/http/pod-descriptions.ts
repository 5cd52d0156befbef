/** The part about the core group of what {@link descriptions} reads. */
export const POD_DESCRIPTIONS = `
[api.core.v1]
Pod: Containers that run together on one node, with one address.
PodSpec: What runs in a pod, where and how.
  containers: The containers; there is at least one. The list cannot be changed, only images and resources can.
  initContainers: Containers that run one after the other before the others; those that restart always go on beside them.
  ephemeralContainers: Containers that a debugger has put in while the pod runs.
  volumes: Volumes that containers can mount.
  restartPolicy: Whether containers that end are started again. Always unless said, OnFailure or Never.
  nodeName: The node that it runs on; set by the scheduler, or by oneself to go past it.
  nodeSelector: Labels that the node must have.
  affinity: Which nodes, and which other pods beside it, are wanted or unwanted.
  tolerations: Taints of nodes that it puts up with.
  topologySpreadConstraints: How evenly pods are to be spread over zones, nodes or other domains.
  serviceAccountName: The service account as which it calls the API; default unless said.
  serviceAccount: The old name of serviceAccountName.
  automountServiceAccountToken: False if its containers are to have no token.
  imagePullSecrets: Secrets with credentials for the registries of its images.
  securityContext: Users, groups and kernel settings for all containers.
  terminationGracePeriodSeconds: How long containers have from the signal to end until they are killed; 30 unless said.
  activeDeadlineSeconds: After how long it is ended and has failed.
  priorityClassName: The PriorityClass of which it has its priority.
  priority: The priority; filled in from the class.
  preemptionPolicy: Whether it may push out pods of lower priority.
  schedulerName: Which scheduler places it; default-scheduler unless said.
  schedulingGates: While there are any, it is not scheduled.
  hostNetwork: True to use the network of the node.
  hostPID: True to see the processes of the node.
  hostIPC: True to share memory with processes of the node.
  hostUsers: False to have users of its own that are nobody on the node.
  hostname: Its name as it sees itself; its own unless said.
  subdomain: Makes its full name hostname.subdomain.namespace.svc, under the headless Service of that name.
  setHostnameAsFQDN: True if the full name is the hostname.
  hostnameOverride: The hostname, whatever else says.
  hostAliases: Lines for /etc/hosts.
  dnsPolicy: Which DNS it uses. ClusterFirst unless said, ClusterFirstWithHostNet, Default or None.
  dnsConfig: Servers, search path and options that are added.
  enableServiceLinks: False if containers get no variables for Services.
  shareProcessNamespace: True if containers see one another's processes.
  readinessGates: Conditions that must be true, besides its containers', before it is ready.
  runtimeClassName: The RuntimeClass by which its containers run.
  overhead: What running it costs besides its containers; filled in from the class.
  os: The operating system that its node must have.
  resources: What all of its containers together request and may use.
  resourceClaims: Devices that its containers use.
PodStatus: How a pod is.
  phase: Pending, Running, Succeeded, Failed or Unknown.
  conditions: PodScheduled, Initialized, ContainersReady, Ready and others.
  containerStatuses: How its containers are.
  initContainerStatuses: How its init containers are.
  message: Why it is so, for people.
  reason: Why it is so, as one word, such as Evicted.
  podIP: Its address.
  podIPs: Its addresses, one of a family.
  hostIP: The address of its node.
  startTime: When the kubelet took it up.
  qosClass: Guaranteed, Burstable or BestEffort, by what its containers request; the last go first when memory is short.
  nominatedNodeName: The node where room is being made for it.
Container: One program with its image, and how it is run.
  name: Its name, unique in the pod. It cannot be changed.
  image: The image, such as nginx:1.29; a digest may follow.
  imagePullPolicy: When the image is pulled. Always (for :latest or no tag unless said), IfNotPresent or Never.
  command: The program and its first arguments, instead of the image's entrypoint. $(NAME) stands for a variable.
  args: The arguments, instead of the image's.
  workingDir: The folder that it starts in; the image's unless said.
  env: Variables.
  envFrom: ConfigMaps and Secrets whose keys all become variables.
  ports: Ports that it listens on, for information and names; others can be reached as well.
  resources: What it requests, and the most that it may use.
  resizePolicy: Whether a change of resources restarts it.
  volumeMounts: Where volumes of the pod appear in its files.
  volumeDevices: Where volumes appear as block devices.
  livenessProbe: How the kubelet finds out that it has to be restarted.
  readinessProbe: How the kubelet finds out that it can be sent requests.
  startupProbe: How the kubelet finds out that it has started; until then the other probes wait.
  lifecycle: What is done after it has started and before it is stopped.
  securityContext: User, capabilities and other privileges; more than the pod's.
  stdin: True if somebody may type into it.
  stdinOnce: True if its input ends with the first who has attached.
  tty: True if it has a terminal.
  terminationMessagePath: The file whose text is told when it ends; /dev/termination-log unless said.
  terminationMessagePolicy: File, or FallbackToLogsOnError, the end of its log when it fails and the file is empty.
  restartPolicy: Always, for an init container that runs on beside the others.
  restartPolicyRules: Exit codes that are treated in another way than restartPolicy says.
ContainerPort: A port that a container listens on.
  containerPort: Its number.
  name: A name that probes and Services can use.
  protocol: TCP unless said, UDP or SCTP.
  hostPort: The port of the node that leads to it.
  hostIP: The address of the node that leads to it.
EnvVar: A variable.
  name: Its name.
  value: Its value; $(NAME) stands for variables before it.
  valueFrom: Where its value comes from instead.
EnvVarSource: Where the value of a variable comes from.
  configMapKeyRef: A key of a ConfigMap.
  secretKeyRef: A key of a Secret.
  fieldRef: A field of the pod, such as metadata.name or status.podIP.
  resourceFieldRef: What a container requests or may use.
  fileKeyRef: A variable out of a file in a volume.
EnvFromSource: A ConfigMap or Secret whose keys become variables.
  prefix: What is put before the name of each.
  configMapRef: The ConfigMap.
  secretRef: The Secret.
Probe: How and when a container is looked at.
  httpGet: A request that succeeds with a status of 200 to 399.
  tcpSocket: A port that must accept connections.
  exec: A command that must end with 0.
  grpc: A port that must answer gRPC health checks.
  initialDelaySeconds: How long after the start the first one comes; 0 unless said.
  periodSeconds: How often; 10 unless said.
  timeoutSeconds: After how long it has failed; 1 unless said.
  successThreshold: How many must succeed in a row to count; 1 unless said.
  failureThreshold: How many must fail in a row to count; 3 unless said.
  terminationGracePeriodSeconds: How long the container has to end when this probe fails, instead of the pod's time.
HTTPGetAction: A request to a container.
  path: Its path.
  port: The number or name of the port.
  host: The host; the pod's address unless said.
  scheme: HTTP unless said, or HTTPS, whose certificate is not checked.
  httpHeaders: Headers.
TCPSocketAction: A connection to a container.
  port: The number or name of the port.
  host: The host; the pod's address unless said.
ExecAction: A command in a container.
  command: The program and its arguments; no shell reads it.
Lifecycle: What is done around the life of a container.
  postStart: Right after the start; if it fails, the container is ended.
  preStop: Before it is told to end; counts against the grace period.
  stopSignal: The signal that tells it to end.
ResourceRequirements: How much of the node a container may count on and use.
  requests: What it can count on, and what the scheduler looks at; the limits unless said.
  limits: The most that it may use: beyond it CPU is held back, and memory ends it.
  claims: Devices of the pod that it uses.
SecurityContext: The privileges of a container; what it says goes before what the pod says.
  runAsUser: The number of its user; the image's unless said.
  runAsGroup: The number of its group.
  runAsNonRoot: True if it must not run as root; then it is not started.
  privileged: True to have all that the node's root may.
  allowPrivilegeEscalation: False if its processes can never get more than they have.
  readOnlyRootFilesystem: True if it can only write to volumes.
  capabilities: Capabilities of Linux that are added or dropped.
  seccompProfile: Which calls of the system it may make.
  appArmorProfile: Its profile of AppArmor.
  seLinuxOptions: Its labels of SELinux.
PodSecurityContext: Users, groups and kernel settings of a pod.
  runAsUser: The number of the user of all containers.
  runAsGroup: The number of the group of all containers.
  runAsNonRoot: True if no container may run as root.
  fsGroup: The group that owns files in volumes.
  fsGroupChangePolicy: Whether owners of files are set at each mount, or only where the folder's differs.
  supplementalGroups: More groups of the containers' first process.
  sysctls: Settings of the kernel.
  seccompProfile: Which calls of the system containers may make.
Capabilities: Capabilities of Linux, without CAP_.
  add: Those that are added.
  drop: Those that are dropped; ALL stands for all.
Volume: Files that containers of a pod can mount.
  name: Its name, unique in the pod.
  emptyDir: An empty folder that lives as long as the pod.
  configMap: The keys of a ConfigMap as files.
  secret: The keys of a Secret as files.
  persistentVolumeClaim: The volume of a claim.
  projected: Several sources in one folder, tokens among them.
  downwardAPI: Fields of the pod as files.
  hostPath: A file or folder of the node.
  ephemeral: A volume of its own, by a claim that goes with the pod.
  nfs: A folder of an NFS server.
  csi: A volume of a driver that lives as long as the pod.
  image: The files of an image.
VolumeMount: Where a volume appears in a container.
  name: The volume.
  mountPath: The folder or file in the container.
  subPath: A part of the volume, instead of all; it then does not follow changes.
  subPathExpr: As subPath, with $(NAME) for variables.
  readOnly: True if nothing can be written.
  mountPropagation: Whether mounts inside are seen outside, and the reverse.
ConfigMapVolumeSource: The keys of a ConfigMap as files.
  name: The ConfigMap.
  items: Which keys, and under which paths; all unless said.
  defaultMode: The rights of the files; 0644 unless said.
  optional: True if it need not be there.
SecretVolumeSource: The keys of a Secret as files.
  secretName: The Secret.
  items: Which keys, and under which paths; all unless said.
  defaultMode: The rights of the files; 0644 unless said.
  optional: True if it need not be there.
EmptyDirVolumeSource: An empty folder.
  medium: Memory to keep it in memory, which then counts for the container; the node's disk unless said.
  sizeLimit: The most that may be in it.
Toleration: A taint of nodes that a pod puts up with.
  key: The key of the taint; none, with Exists, means all.
  operator: Equal unless said, or Exists, whatever the value.
  value: The value of the taint.
  effect: NoSchedule, PreferNoSchedule or NoExecute; none means all.
  tolerationSeconds: For how long it stays when the taint comes, for NoExecute.
Affinity: Where a pod is wanted or unwanted.
  nodeAffinity: On which nodes.
  podAffinity: Beside which pods.
  podAntiAffinity: Not beside which pods.
PodTemplateSpec: The pods that something makes.
  metadata: Their labels and annotations.
  spec: What runs in them.
Service: One name and address for pods that come and go.
ServiceSpec: Which pods, at which ports, for whom.
  type: ClusterIP unless said, NodePort, LoadBalancer or ExternalName.
  selector: Labels of the pods that requests go to; without it somebody else writes its endpoints.
  ports: Its ports.
  clusterIP: Its address inside of the cluster; given by the server unless said. None makes it headless: its name leads to the pods themselves.
  clusterIPs: Its addresses, one of a family.
  ipFamilies: IPv4, IPv6 or both.
  ipFamilyPolicy: Whether it has addresses of one family or of two.
  externalName: The name that its name stands for, for ExternalName.
  externalIPs: Addresses outside that lead to it as well.
  externalTrafficPolicy: Cluster, or Local, where requests from outside stay on the node and keep their address.
  internalTrafficPolicy: Cluster, or Local, where requests from pods stay on their node.
  loadBalancerClass: Who makes the load balancer.
  loadBalancerIP: The address that is wished for; few providers follow it.
  loadBalancerSourceRanges: Networks that the load balancer lets in.
  allocateLoadBalancerNodePorts: False if a load balancer needs no ports on nodes.
  healthCheckNodePort: The port by which load balancers see which nodes have pods.
  publishNotReadyAddresses: True if pods that are not ready get requests and names too.
  sessionAffinity: ClientIP if requests of one client are to go to one pod; None unless said.
  trafficDistribution: Whether requests stay near, for example PreferSameZone.
ServicePort: A port of a Service.
  port: Its number.
  targetPort: The number or name of the port of the pods; the same number unless said.
  nodePort: The port of the nodes, for NodePort and LoadBalancer.
  name: Its name; needed where there are several.
  protocol: TCP unless said, UDP or SCTP.
  appProtocol: What is spoken there, such as http or kubernetes.io/h2c.
ConfigMap: Texts and bytes by key, for programs to read.
  data: Texts by key.
  binaryData: Bytes by key, in base64.
  immutable: True if it cannot be changed any more.
Secret: Texts and bytes by key that not everybody is to see.
  data: Bytes by key, in base64.
  stringData: Texts by key, for writing alone; they come into data.
  type: What it is for, such as Opaque, kubernetes.io/tls or kubernetes.io/dockerconfigjson.
  immutable: True if it cannot be changed any more.
Namespace: A part of the cluster with names of its own.
Node: A machine that pods run on.
NodeSpec: What is wanted of a node.
  unschedulable: True if no new pods come; cordon sets it.
  taints: What keeps pods away that do not tolerate it.
  podCIDR: The network of its pods.
  providerID: What the provider of the machine calls it.
PersistentVolume: Storage that somebody has made ready.
PersistentVolumeSpec: What a volume is, and who has it.
  capacity: Its size.
  accessModes: Who may mount it. ReadWriteOnce, ReadOnlyMany, ReadWriteMany or ReadWriteOncePod.
  persistentVolumeReclaimPolicy: What becomes of it when its claim goes. Retain, Delete or Recycle.
  storageClassName: The class that it belongs to.
  volumeMode: Filesystem unless said, or Block.
  claimRef: The claim that has it.
  nodeAffinity: On which nodes it can be used.
  mountOptions: Options for mounting it.
  hostPath: A folder of a node, for tests.
  local: A disk or folder of one node.
  nfs: A folder of an NFS server.
  csi: A volume of a driver.
PersistentVolumeClaim: A wish for storage, which a volume fulfils.
PersistentVolumeClaimSpec: What storage is wished for.
  accessModes: Who is to mount it. ReadWriteOnce, ReadOnlyMany, ReadWriteMany or ReadWriteOncePod.
  resources: How much; it may grow if the class allows it.
  storageClassName: Of which class; the default one unless said, "" for volumes without a class.
  volumeName: The volume that fulfils it.
  volumeMode: Filesystem unless said, or Block.
  selector: Labels that the volume must have.
  dataSource: A snapshot or claim that it begins as a copy of.
  dataSourceRef: As dataSource, of any kind.
  volumeAttributesClassName: The class of its attributes, which can be changed.
ServiceAccount: A name under which pods call the API.
  secrets: Secrets that its pods may use.
  imagePullSecrets: Secrets with credentials that its pods get.
  automountServiceAccountToken: False if its pods are to have no token.
ResourceQuota: The most that a namespace may have.
  spec: How much of what, and for which pods.
LimitRange: What single pods, containers and claims of a namespace may ask for, and what they get if they say nothing.
ReplicationController: Keeps a number of equal pods running; Deployments have taken its place.
PodTemplate: A template of pods that stands alone.
Endpoints: The addresses behind a Service; EndpointSlices have taken its place.
Event: Something that has happened to an object.
Binding: Puts a pod on a node.
ComponentStatus: How a part of the control plane is; kept for old clients.
`;
