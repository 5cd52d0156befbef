/** A host with its pods, all kinds of Services before them, and clients that a policy tells apart. */
export const SHOP = String.raw`
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata:
      labels: { app: web }
      annotations: { pintle.dev/behaviour.web: "{ paths: { /missing: 404 }, changes: [{ after: 1h, paths: { /healthz: 500 } }] }" }
    spec:
      containers:
        - name: web
          image: shop/web:1.0
          ports: [{ name: http, containerPort: 8080 }]
          readinessProbe: { httpGet: { path: /healthz, port: http }, periodSeconds: 5 }
---
{ apiVersion: v1, kind: Service, metadata: { name: web }, spec: { type: NodePort, selector: { app: web }, ports: [{ port: 80, targetPort: http, nodePort: 30080 }] } }
---
{ apiVersion: v1, kind: Service, metadata: { name: public }, spec: { type: LoadBalancer, selector: { app: web }, ports: [{ port: 80, targetPort: http }] } }
---
{ apiVersion: v1, kind: Service, metadata: { name: heads }, spec: { clusterIP: None, selector: { app: web }, ports: [{ port: 8080 }] } }
---
{ apiVersion: v1, kind: Service, metadata: { name: vendor }, spec: { type: ExternalName, externalName: api.vendor.io } }
---
{ apiVersion: v1, kind: Service, metadata: { name: guarded }, spec: { selector: { app: guarded }, ports: [{ port: 80, targetPort: 8080 }] } }
---
{ apiVersion: v1, kind: Service, metadata: { name: orphan }, spec: { selector: { app: nobody }, ports: [{ port: 80 }] } }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  ingressClassName: nginx
  tls: [{ hosts: [secure.example.com], secretName: secure-tls }]
  rules:
    - host: shop.example.com
      http:
        paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }]
    - host: secure.example.com
      http:
        paths:
          - { path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }
          - { path: /lost, pathType: Prefix, backend: { service: { name: lost, port: { number: 80 } } } }
---
{ apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: { name: secure-tls }, data: { tls.crt: "", tls.key: "" } }
---
{ apiVersion: v1, kind: Pod, metadata: { name: guarded, labels: { app: guarded } }, spec: { containers: [{ name: c, image: shop/web:1.0, ports: [{ containerPort: 8080 }] }] } }
---
{ apiVersion: v1, kind: Pod, metadata: { name: friend, labels: { role: friend } }, spec: { containers: [{ name: c, image: busybox, command: [sleep, infinity] }] } }
---
{ apiVersion: v1, kind: Pod, metadata: { name: stranger }, spec: { containers: [{ name: c, image: busybox, command: [sleep, infinity] }] } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: friends-only }
spec:
  podSelector: { matchLabels: { app: guarded } }
  ingress: [{ from: [{ podSelector: { matchLabels: { role: friend } } }], ports: [{ port: 8000, endPort: 8100 }] }]
`;

/** A step with the parts that chance decides on made the same. */
export function sameStep(step: string): string {
  return step
    .replace(/web-[a-z0-9]+-[a-z0-9]{5}/g, 'web-X')
    .replace(/10\.244\.\d+\.\d+/g, 'POD')
    .replace(/10\.(?:9[6-9]|10\d|11[01])\.\d+\.\d+/g, 'CLUSTER-IP')
    .replace(/pintle-\d/g, 'NODE')
    .replace(/ +/, ' ');
}

const OUTSIDE = 'client a client outside of the cluster (203.0.113.77)';
const INSIDE = 'client a client in namespace default';
const REACHED = ['pod pod default/web-X (POD:8080) on node NODE', 'container container web answers 200 to /'];
const ANSWERED = [...REACHED, 'result HTTP 200 from pod default/web-X'];
const toIngress = (host: string): string => `dns ${host} → 172.18.199.1 (taken to lead to the ingress controller)`;
const viaService = (name: string, by: string): string =>
  `service Service default/${name} port 80/TCP (${by}): POD:8080, one of 2 endpoints`;
const named = (host: string, rest: string): string => `dns ${host} is ${host}.default.svc.cluster.local → ${rest}`;

/** Requests with the steps of their way, as {@link sameStep} writes them. */
export const CURL_ROWS: readonly {
  readonly title: string;
  readonly url: string;
  /** `NAME` or `NAMESPACE/NAME` */
  readonly from?: string;
  /** Another host than the URL's. */
  readonly host?: string;
  /** `--fail` */
  readonly fail?: boolean;
  readonly code?: number;
  readonly steps: readonly string[];
}[] = [
  {
    title: 'an Ingress',
    url: 'http://shop.example.com/',
    steps: [
      OUTSIDE,
      toIngress('shop.example.com'),
      'ingress Ingress default/web: shop.example.com/ (Prefix)',
      'service Service default/web port 80: POD:8080, one of 2 endpoints',
      ...ANSWERED,
    ],
  },
  {
    title: 'an Ingress with the wrong host',
    url: 'http://172.18.199.1/cart',
    host: 'wrong.example.com',
    steps: [
      OUTSIDE,
      'ingress no rule for wrong.example.com/cart: the default backend answers',
      'result HTTP 404 from the ingress controller',
    ],
  },
  {
    title: 'a host that no Ingress has',
    url: 'http://wrong.example.com/',
    steps: [
      INSIDE,
      'dns wrong.example.com is wrong.example.com → 203.0.113.10, TTL 30 s; no Ingress has that host',
      'outside 203.0.113.10 is outside of the cluster, and taken to answer',
      'result HTTP 200 from 203.0.113.10',
    ],
  },
  {
    title: 'https with a certificate',
    url: 'https://secure.example.com/',
    steps: [
      OUTSIDE,
      toIngress('secure.example.com'),
      'ingress Ingress default/web: secure.example.com/ (Prefix), certificate of Secret default/secure-tls',
      'service Service default/web port 80: POD:8080, one of 2 endpoints',
      ...ANSWERED,
    ],
  },
  {
    title: 'http where https is asked for',
    url: 'http://secure.example.com/',
    fail: true,
    steps: [
      OUTSIDE,
      toIngress('secure.example.com'),
      'ingress Ingress default/web: secure.example.com/ (Prefix)',
      'ingress redirected to https',
      'result HTTP 308 from the ingress controller',
    ],
  },
  {
    title: 'an Ingress to a Service that is not there',
    url: 'https://secure.example.com/lost',
    fail: true,
    code: 1,
    steps: [
      OUTSIDE,
      toIngress('secure.example.com'),
      'ingress Ingress default/web: secure.example.com/lost (Prefix), certificate of Secret default/secure-tls',
      'service Service default/lost does not exist',
      'result HTTP 503 from the ingress controller',
    ],
  },
  {
    title: 'a node port',
    url: 'http://172.18.0.3:30080/',
    steps: [OUTSIDE, viaService('web', 'NodePort'), ...ANSWERED],
  },
  {
    title: 'a load balancer',
    url: 'http://172.18.200.1/',
    steps: [OUTSIDE, viaService('public', 'LoadBalancer'), ...ANSWERED],
  },
  {
    title: 'a cluster address',
    url: 'http://web/',
    steps: [INSIDE, named('web', 'CLUSTER-IP, TTL 30 s'), viaService('web', 'ClusterIP'), ...ANSWERED],
  },
  {
    title: 'a Service without an address',
    url: 'tcp://heads:8080',
    steps: [
      INSIDE,
      named('heads', 'POD (one of 2), TTL 30 s'),
      'pod pod default/web-X (POD:8080) on node NODE',
      'container container web accepts the connection',
      'result connected to pod default/web-X',
    ],
  },
  {
    title: 'an external name',
    url: 'http://vendor/',
    steps: [
      INSIDE,
      named('vendor', 'api.vendor.io → 203.0.113.10, TTL 30 s'),
      'outside 203.0.113.10 is outside of the cluster, and taken to answer',
      'result HTTP 200 from 203.0.113.10',
    ],
  },
  {
    title: 'a name that does not exist',
    url: 'http://nowhere/',
    code: 1,
    steps: [
      INSIDE,
      'dns nowhere has no address: nowhere.default.svc.cluster.local. NXDOMAIN, nowhere.svc.cluster.local. NXDOMAIN, nowhere.cluster.local. NXDOMAIN, nowhere. NXDOMAIN',
      'result Could not resolve host: nowhere',
    ],
  },
  {
    title: 'a Service whose selector finds nobody',
    url: 'http://orphan/',
    code: 1,
    steps: [
      INSIDE,
      named('orphan', 'CLUSTER-IP, TTL 30 s'),
      'service Service default/orphan port 80/TCP (ClusterIP): default/orphan has no endpoints',
      'pod no pod in namespace default has the labels app=nobody',
      'result Failed to connect to CLUSTER-IP port 80: Connection refused',
    ],
  },
  {
    title: 'a port that a Service does not have',
    url: 'http://web:81/',
    code: 1,
    steps: [
      INSIDE,
      named('web', 'CLUSTER-IP, TTL 30 s'),
      'service no Service with the address CLUSTER-IP has a port 81',
      'result Failed to connect to CLUSTER-IP port 81: Connection timed out',
    ],
  },
  {
    title: 'from a pod that a policy lets through',
    url: 'http://guarded/',
    from: 'friend',
    steps: [
      'client pod default/friend (POD) on node NODE',
      named('guarded', 'CLUSTER-IP, TTL 30 s'),
      'service Service default/guarded port 80/TCP (ClusterIP): POD:8080, one of 1 endpoints',
      'pod pod default/guarded (POD:8080) on node NODE',
      'container container c answers 200 to /',
      'result HTTP 200 from pod default/guarded',
    ],
  },
  {
    title: 'from a pod that a policy stops',
    url: 'http://guarded/',
    from: 'default/stranger',
    code: 1,
    steps: [
      'client pod default/stranger (POD) on node NODE',
      named('guarded', 'CLUSTER-IP, TTL 30 s'),
      'service Service default/guarded port 80/TCP (ClusterIP): POD:8080, one of 1 endpoints',
      'policy ingress denied by default/friends-only',
      'result Failed to connect to POD port 8080: Connection timed out',
    ],
  },
  {
    title: 'from a pod that is not there',
    url: 'http://web/',
    from: 'nobody',
    code: 1,
    steps: ['result pod default/nobody does not exist'],
  },
];
