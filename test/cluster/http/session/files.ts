/** A folder of manifests, as one keeps it beside one's program. */
export const SHOP: Readonly<Record<string, string>> = {
  'shop/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web, tier: front}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers:
      - {name: prepare, image: "busybox:1.36", command: [sh, -c, "echo preparing; sleep 2; echo prepared"]}
      containers:
      - name: web
        image: nginx:1.29
        ports: [{name: http, containerPort: 80}]
        readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 5}
        resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {cpu: 200m, memory: 128Mi}}
        envFrom: [{configMapRef: {name: settings}}]
        env:
        - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
        - {name: PASSWORD, valueFrom: {secretKeyRef: {name: creds, key: password}}}
        volumeMounts: [{name: creds, mountPath: /etc/creds, readOnly: true}]
      - name: log
        image: busybox:1.36
        command: [sh, -c, "while true; do echo tick; sleep 10; done"]
      volumes: [{name: creds, secret: {secretName: creds}}]
---
apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}
`,
  'shop/config.yaml': `apiVersion: v1
kind: Secret
metadata: {name: creds}
stringData: {password: hunter2, user: admin}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {COLOUR: blue}
`,
  'shop/ingress.yml': `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  ingressClassName: nginx
  rules:
  - host: shop.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}]}
`,
  'shop/notes.txt': 'no manifest\n',
  'crash.yaml': `apiVersion: v1
kind: Pod
metadata: {name: crash}
spec:
  containers:
  - {name: main, image: "busybox:1.36", command: [sh, -c, "echo run; sleep 5; echo no more; exit 3"]}
`,
  'pull.yaml': `apiVersion: v1
kind: Pod
metadata: {name: pull}
spec: {containers: [{name: main, image: "nginx:does-not-exist"}]}
`,
  'big.yaml': `apiVersion: v1
kind: Pod
metadata: {name: big}
spec: {containers: [{name: main, image: "nginx:1.29", resources: {requests: {cpu: "100"}}}]}
`,
  'kit/kustomization.yaml': `resources: [job.yaml]
namePrefix: kit-
labels: [{pairs: {part-of: kit}}]
configMapGenerator: [{name: greeting, literals: [text=hello]}]
`,
  'kit/job.yaml': `apiVersion: batch/v1
kind: Job
metadata: {name: greet}
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: greet
        image: busybox:1.36
        command: [sh, -c, echo $text]
        envFrom: [{configMapRef: {name: greeting}}]
`,
};
