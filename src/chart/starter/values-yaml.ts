/** values.yaml of a new chart. */
export function starterValuesYaml(name: string): string {
  return `# The default values of ${name}. Users override them with -f and --set.

# How many pods run. Not used while autoscaling is enabled.
replicaCount: 1

image:
  repository: nginx
  # When a node pulls the image: Always, IfNotPresent or Never.
  pullPolicy: IfNotPresent
  # Empty: the chart's appVersion.
  tag: ""

# Secrets with credentials for private registries: [{name: my-secret}]
imagePullSecrets: []
# Replaces the chart's name in names and labels.
nameOverride: ""
# Replaces the whole name of the objects.
fullnameOverride: ""

# The identity of the pods.
serviceAccount:
  create: true
  # Mount the account's token into the pods.
  automount: true
  annotations: {}
  # Empty: the name of the other objects if one is created, "default" if not.
  name: ""

# Put on the pods beside what the chart puts there.
podAnnotations: {}
podLabels: {}

# Security settings of the pod, e.g. {fsGroup: 2000}
podSecurityContext: {}

# Security settings of the container, e.g. {runAsNonRoot: true, readOnlyRootFilesystem: true}
securityContext: {}

service:
  # ClusterIP, NodePort or LoadBalancer
  type: ClusterIP
  # The port of the service, and the one that the container listens on.
  port: 80

# Makes the service reachable from outside through an ingress controller.
ingress:
  enabled: false
  className: ""
  annotations: {}
  hosts:
    - host: chart-example.local
      paths:
        - path: /
          pathType: ImplementationSpecific
  # Certificates by host: [{secretName: my-tls, hosts: [chart-example.local]}]
  tls: []

# Makes the service reachable from outside through a Gateway; the Gateway API must be installed.
httpRoute:
  enabled: false
  annotations: {}
  # The gateways that the route is attached to.
  parentRefs:
  - name: gateway
    sectionName: http
  hostnames:
  - chart-example.local
  # Matches and filters; the service is added to each rule.
  rules:
  - matches:
    - path:
        type: PathPrefix
        value: /headers

# What the container needs and may use at most, e.g. {requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 128Mi}}.
# Left to whoever installs the chart, so that it runs on small clusters too.
resources: {}

# Restart the container when this fails.
livenessProbe:
  httpGet:
    path: /
    port: http
# Send the pod no traffic while this fails.
readinessProbe:
  httpGet:
    path: /
    port: http

# Fit the number of pods to the load.
autoscaling:
  enabled: false
  minReplicas: 1
  maxReplicas: 100
  targetCPUUtilizationPercentage: 80
  # targetMemoryUtilizationPercentage: 80

# More volumes of the pod, e.g. [{name: settings, secret: {secretName: my-settings}}]
volumes: []

# Where the container finds them, e.g. [{name: settings, mountPath: /etc/settings, readOnly: true}]
volumeMounts: []

# Where the pods may run.
nodeSelector: {}

tolerations: []

affinity: {}
`;
}
