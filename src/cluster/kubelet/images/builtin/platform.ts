import { type CatalogueEntry, entry, server, TOOL } from './entry.ts';

/** What runs clusters and deploys to them. */
export const PLATFORM: readonly CatalogueEntry[] = [
  ...entry(
    'k8s.gcr.io/etcd-amd64 k8s.gcr.io/etcd quay.io/coreos/etcd registry.k8s.io/etcd etcd bitnami/etcd',
    server(
      [60, 40, 10],
      [2379, 2380, 2381],
      ['{"level":"info","msg":"starting etcd"}', '{"level":"info","msg":"ready to serve client requests"}'],
      {
        startMillis: 1000,
      },
    ),
  ),
  ...entry(
    'k8s.gcr.io/defaultbackend k8s.gcr.io/defaultbackend-amd64 gcr.io/google_containers/defaultbackend registry.k8s.io/defaultbackend-amd64',
    server([2, 3, 1], [8080], ['Default 404 server is running on port 8080'], {
      paths: { '/healthz': 200, '*': 404 },
      stopCode: 2,
    }),
  ),
  ...entry(
    'jettech/kube-webhook-certgen ghcr.io/jkroepke/kube-webhook-certgen registry.k8s.io/ingress-nginx/kube-webhook-certgen',
    { ...TOOL, logs: ['{"level":"info","msg":"getting secret"}', '{"level":"info","msg":"saved secret"}'] },
  ),
  ...entry(
    'registry.k8s.io/kubectl bitnami/kubectl rancher/kubectl buoyantio/kubectl kelseyhightower/kubectl lachlanevenson/k8s-kubectl alpine/k8s dtzar/helm-kubectl',
    { ...TOOL, size: 25 * 1024 * 1024 },
  ),
  ...entry('dduportal/bats bats/bats', { ...TOOL, logs: ['1..1', 'ok 1 it works'] }),
  ...entry(
    'gcr.io/cloudsql-docker/gce-proxy b.gcr.io/cloudsql-docker/gce-proxy',
    server([15, 14, 2], [1433, 3306, 5432], ['Ready for new connections'], { stopCode: 2 }),
  ),
  ...entry(
    'k8s.gcr.io/cluster-autoscaler registry.k8s.io/autoscaling/cluster-autoscaler',
    server([45, 60, 8], [8085], ['Cluster Autoscaler', 'Successfully acquired lease kube-system/cluster-autoscaler'], {
      startMillis: 1500,
    }),
  ),
  ...entry(
    'registry.k8s.io/ingress-nginx/controller us.gcr.io/k8s-artifacts-prod/ingress-nginx/controller quay.io/kubernetes-ingress-controller/nginx-ingress-controller',
    server(
      [110, 95, 6],
      [80, 443, 8443, 8181, 10_254, 18_080],
      ['NGINX Ingress controller', 'Starting NGINX process', 'Configuration changes detected, backend reload required'],
      {
        startMillis: 2000,
        paths: { '/healthz': 200, '/metrics': 200, '*': 404 },
      },
    ),
  ),
  ...entry(
    'metallb/controller quay.io/metallb/controller',
    server([20, 28, 2], [7472, 9443, 17_472], ['{"level":"info","msg":"MetalLB controller starting"}']),
  ),
  ...entry(
    'jetstack/kube-lego',
    server([20, 20, 2], [8080], ['kube-lego starting', 'server listening on http://:8080/']),
  ),
  ...entry(
    'quay.io/jetstack/cert-manager-controller',
    server([30, 40, 3], [9402, 9403], ['starting cert-manager', 'Starting workers'], { startMillis: 1500 }),
  ),
  ...entry(
    'quay.io/jetstack/cert-manager-webhook',
    server([25, 22, 2], [6080, 9402, 10_250], ['listening for secure connections address=":10250"'], {
      startMillis: 2000,
    }),
  ),
  ...entry(
    'quay.io/jetstack/cert-manager-cainjector',
    server([25, 45, 3], [9402], ['starting cainjector', 'Starting workers'], { startMillis: 1500 }),
  ),
  ...entry(
    'coredns/coredns registry.k8s.io/coredns/coredns',
    server([20, 20, 3], [53, 8080, 8181, 9153], ['.:53', 'CoreDNS-1'], { startMillis: 500 }),
  ),
  ...entry(
    'quay.io/argoproj/argocd',
    server(
      [180, 90, 10],
      [8080, 8081, 8082, 8083, 8084, 8085, 8086, 8087, 9001, 7000],
      ['level=info msg="ArgoCD is starting"', 'level=info msg="serving on port 8080"'],
      {
        startMillis: 3000,
      },
    ),
  ),
  ...entry(
    'quay.io/argoproj/workflow-controller quay.io/argoproj/argocli',
    server([40, 45, 4], [2746, 6060, 9090], ['level=info msg="Alloc=..." ', 'level=info msg="started leading"'], {
      startMillis: 1000,
    }),
  ),
  ...entry(
    'quay.io/argoproj/argo-events quay.io/argoproj/argo-rollouts quay.io/argoprojlabs/argocd-image-updater',
    server(
      [40, 35, 3],
      [8080, 8081, 8090, 7777, 9443],
      ['level=info msg="Argo is starting"', 'level=info msg="Starting workers"'],
      { startMillis: 1000 },
    ),
  ),
  ...entry(
    'quay.io/dexidp/dex ghcr.io/dexidp/dex',
    server(
      [30, 20, 2],
      [5554, 5556, 5557, 5558],
      ['level=INFO msg="config issuer"', 'level=INFO msg="listening on" server=http address=0.0.0.0:5556'],
    ),
  ),
  ...entry('k8s.gcr.io/pause registry.k8s.io/pause gcr.io/google_containers/pause', {
    size: 700_000,
    memory: 300_000,
    cpu: 1,
    stopCode: 0,
    logs: [],
  }),
  ...entry(
    'hashicorp/vault vault',
    server(
      [150, 110, 6],
      [8200, 8201],
      ['==> Vault server configuration:', '==> Vault server started! Log data will stream in below:'],
      { startMillis: 1000, configFolders: ['/vault', '/etc'] },
    ),
  ),
  ...entry(
    'hashicorp/consul consul',
    server(
      [60, 60, 8],
      [8300, 8301, 8302, 8500, 8501, 8502, 8600],
      ['==> Starting Consul agent...', 'agent: Consul agent running!'],
      { startMillis: 2000, configFolders: ['/consul', '/etc'] },
    ),
  ),
  ...entry(
    'chartmuseum/chartmuseum ghcr.io/helm/chartmuseum',
    server([25, 16, 1], [8080], ['{"L":"INFO","M":"Starting ChartMuseum","port":8080}']),
  ),
  ...entry(
    'registry',
    server([10, 12, 1], [5000, 5001], ['level=info msg="listening on [::]:5000"'], { configFolders: ['/etc/docker'] }),
  ),
];
