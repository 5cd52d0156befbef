/** Files that commands of the tests name. */
export const MANIFESTS: Readonly<Record<string, string>> = {
  'app.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: app, namespace: two, labels: {app: app, tier: x}}
spec:
  replicas: 2
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec:
      containers:
      - name: app
        image: nginx:1.28
        ports: [{containerPort: 80}]
        env: [{name: COLOR, value: blue}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: app, namespace: two, labels: {tier: x}}
data: {a: "1"}
`,
  'map.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: app, namespace: two, labels: {tier: x}}
data: {a: "5"}
`,
  'unknown.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: strange, namespace: two}
dataa: {a: "5"}
`,
  'crd.yaml': `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.example.com}
spec:
  group: example.com
  names: {kind: Boat, plural: boats, singular: boat, shortNames: [bt]}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}, scale: {specReplicasPath: .spec.oars, statusReplicasPath: .status.oars}}
    additionalPrinterColumns:
    - {name: Oars, type: integer, jsonPath: .spec.oars}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [oars]
            properties:
              oars: {type: integer, minimum: 1, description: How many oars it has.}
              colour: {type: string, default: white}
          status:
            type: object
            properties: {oars: {type: integer}}
`,
  'boat.yaml': `apiVersion: example.com/v1
kind: Boat
metadata: {name: dinghy, namespace: two}
spec: {oars: 2}
`,
  'set.yaml': `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: three}
spec:
  serviceName: db
  replicas: 2
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: "redis:7"}]}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: three}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {containers: [{name: agent, image: "fluent/fluentd:v1.16"}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: none, namespace: three}
spec: {podSelector: {matchLabels: {app: db}}}
---
apiVersion: v1
kind: LimitRange
metadata: {name: limits, namespace: three}
spec: {limits: [{type: Container, default: {cpu: 100m}, defaultRequest: {cpu: 50m}}]}
`,
};
