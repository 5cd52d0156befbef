import type { ImageBehaviour } from './behaviour.ts';

const MI = 1024 * 1024;

/** An image or, with `*`, a family of images, and what it does. */
export interface CatalogueEntry {
  /** As in a pod, without a tag: `nginx`, `bitnami/*`, `quay.io/prometheus/prometheus`. `*` stands for any text. */
  readonly image: string;
  readonly behaviour: ImageBehaviour;
}

function entry(images: string, behaviour: ImageBehaviour): CatalogueEntry[] {
  return images.split(' ').map((image) => ({ image, behaviour }));
}

const SHELL: ImageBehaviour = { entrypoint: 'shell', size: 4 * MI };
const TOOL: ImageBehaviour = { entrypoint: 'exit', runMillis: 1000, exitCode: 0, size: 20 * MI, stopCode: 143 };

const SHELLS: readonly CatalogueEntry[] = [
  ...entry('busybox', { ...SHELL, size: 2 * MI, maxMajor: 1 }),
  ...entry('alpine', { ...SHELL, maxMajor: 3 }),
  ...entry('debian ubuntu fedora centos rockylinux almalinux amazonlinux bash archlinux opensuse/leap', {
    ...SHELL,
    size: 50 * MI,
  }),
  ...entry('registry.access.redhat.com/* bitnami/os-shell bitnami/minideb bitnami/bitnami-shell', {
    ...SHELL,
    size: 80 * MI,
  }),
  ...entry('curlimages/curl appropriate/curl alpine/curl alpine/git alpine/k8s alpine/helm alpine/openssl', TOOL),
  ...entry('nicolaka/netshoot wbitt/network-multitool praqma/network-multitool', { ...SHELL, size: 150 * MI }),
  ...entry('bitnami/kubectl bitnami/git bitnami/aws-cli amazon/aws-cli rancher/kubectl portainer/kubectl-shell', TOOL),
  ...entry(
    'registry.k8s.io/kubectl groundnuty/k8s-wait-for ghcr.io/groundnuty/k8s-wait-for willwill/wait-for-it',
    TOOL,
  ),
  ...entry('jwilder/dockerize minio/mc busybox-curl flyway/flyway migrate/migrate liquibase/liquibase', TOOL),
  ...entry('hello-world', { ...TOOL, runMillis: 100, logs: ['', 'Hello from Docker!', ''] }),
];

const WEB: readonly CatalogueEntry[] = [
  ...entry('nginx', {
    size: 70 * MI,
    maxMajor: 1,
    ports: [80],
    paths: { '/': 200, '/index.html': 200, '*': 404 },
    configFolders: ['/etc/nginx', '/usr/share/nginx/html'],
    stopCode: 0,
    logs: ['/docker-entrypoint.sh: Configuration complete; ready for start up'],
  }),
  ...entry('nginxinc/nginx-unprivileged', {
    size: 70 * MI,
    maxMajor: 1,
    ports: [8080],
    paths: { '/': 200, '/index.html': 200, '*': 404 },
    configFolders: ['/etc/nginx', '/usr/share/nginx/html'],
    stopCode: 0,
  }),
  ...entry('httpd', {
    size: 60 * MI,
    maxMajor: 2,
    ports: [80],
    paths: { '/': 200, '/index.html': 200, '*': 404 },
    configFolders: ['/usr/local/apache2'],
    stopCode: 0,
  }),
  ...entry('caddy', { size: 20 * MI, ports: [80, 443, 2019], configFolders: ['/etc/caddy'], stopCode: 0 }),
  ...entry('traefik', { size: 50 * MI, stopCode: 0 }),
  ...entry('haproxy', { size: 40 * MI, needsFiles: ['/usr/local/etc/haproxy/haproxy.cfg'], stopCode: 0 }),
  ...entry('tomcat jetty', { size: 200 * MI, ports: [8080], startMillis: 4000 }),
  ...entry('wordpress drupal ghost joomla nextcloud', { size: 220 * MI, startMillis: 5000, stopCode: 0 }),
  ...entry('traefik/whoami containous/whoami', { size: 3 * MI, ports: [80], stopCode: 2, configFolders: ['/etc'] }),
  ...entry('hashicorp/http-echo', { size: 5 * MI, ports: [5678], stopCode: 0 }),
  ...entry('kennethreitz/httpbin mccutchen/go-httpbin', { size: 150 * MI, stopCode: 0 }),
  ...entry('ealen/echo-server mendhak/http-https-echo', { size: 40 * MI, stopCode: 0 }),
  ...entry('stefanprodan/podinfo ghcr.io/stefanprodan/podinfo', {
    size: 20 * MI,
    ports: [9898, 9797, 9999],
    stopCode: 0,
  }),
  ...entry('paulbouwer/hello-kubernetes gcr.io/google-samples/* us-docker.pkg.dev/google-samples/*', { size: 60 * MI }),
];

const SUPERUSER = [
  'Error: Database is uninitialized and superuser password is not specified.',
  '       You must specify POSTGRES_PASSWORD to a non-empty value for the',
  '       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".',
];

const DATA: readonly CatalogueEntry[] = [
  ...entry('postgres', {
    size: 150 * MI,
    maxMajor: 18,
    ports: [5432],
    startMillis: 2000,
    needsEnv: ['POSTGRES_PASSWORD|POSTGRES_PASSWORD_FILE|POSTGRES_HOST_AUTH_METHOD=trust'],
    missingLogs: SUPERUSER,
    logs: ['PostgreSQL init process complete; ready for start up.', 'database system is ready to accept connections'],
    stopCode: 0,
  }),
  ...entry('postgis/postgis timescale/timescaledb pgvector/pgvector', {
    size: 200 * MI,
    ports: [5432],
    startMillis: 2000,
    needsEnv: ['POSTGRES_PASSWORD|POSTGRES_PASSWORD_FILE|POSTGRES_HOST_AUTH_METHOD=trust'],
    missingLogs: SUPERUSER,
    stopCode: 0,
  }),
  ...entry('mysql', {
    size: 180 * MI,
    maxMajor: 9,
    ports: [3306, 33_060],
    startMillis: 8000,
    needsEnv: ['MYSQL_ROOT_PASSWORD|MYSQL_ROOT_PASSWORD_FILE|MYSQL_ALLOW_EMPTY_PASSWORD|MYSQL_RANDOM_ROOT_PASSWORD'],
    missingLogs: [
      '[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified',
      '    You need to specify one of the following as an environment variable:',
      '    - MYSQL_ROOT_PASSWORD',
      '    - MYSQL_ALLOW_EMPTY_PASSWORD',
      '    - MYSQL_RANDOM_ROOT_PASSWORD',
    ],
    logs: [
      "/usr/sbin/mysqld: ready for connections. Bind-address: '::' port: 33060, socket: /var/run/mysqld/mysqlx.sock",
    ],
    stopCode: 0,
  }),
  ...entry('mariadb', {
    size: 120 * MI,
    maxMajor: 12,
    ports: [3306],
    startMillis: 5000,
    needsEnv: [
      'MARIADB_ROOT_PASSWORD|MARIADB_ROOT_PASSWORD_FILE|MARIADB_ROOT_PASSWORD_HASH|MARIADB_ALLOW_EMPTY_ROOT_PASSWORD|MARIADB_RANDOM_ROOT_PASSWORD|MYSQL_ROOT_PASSWORD|MYSQL_ALLOW_EMPTY_PASSWORD|MYSQL_RANDOM_ROOT_PASSWORD',
    ],
    missingLogs: ['[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified'],
    logs: ['mariadbd: ready for connections.'],
    stopCode: 0,
  }),
  ...entry('redis', {
    size: 45 * MI,
    maxMajor: 8,
    ports: [6379],
    logs: ['* Ready to accept connections tcp'],
    stopCode: 0,
  }),
  ...entry('valkey/valkey', { size: 45 * MI, ports: [6379], logs: ['* Ready to accept connections tcp'], stopCode: 0 }),
  ...entry('memcached', { size: 30 * MI, maxMajor: 1, ports: [11_211], stopCode: 0 }),
  ...entry('mongo', { size: 250 * MI, maxMajor: 8, ports: [27_017], startMillis: 2000, stopCode: 0 }),
  ...entry('rabbitmq', {
    size: 100 * MI,
    maxMajor: 4,
    ports: [4369, 5671, 5672, 15_671, 15_672, 15_691, 15_692, 25_672],
    startMillis: 8000,
    stopCode: 0,
  }),
  ...entry('nats', { size: 10 * MI, ports: [4222, 6222, 8222], stopCode: 0 }),
  ...entry('etcd quay.io/coreos/etcd registry.k8s.io/etcd', { size: 60 * MI, startMillis: 1000, stopCode: 0 }),
  ...entry('elasticsearch docker.elastic.co/elasticsearch/elasticsearch', { size: 600 * MI, startMillis: 15_000 }),
  ...entry('opensearchproject/opensearch', { size: 600 * MI, startMillis: 15_000 }),
  ...entry('kibana docker.elastic.co/* opensearchproject/*', { size: 400 * MI, startMillis: 8000 }),
  ...entry('confluentinc/* apache/kafka strimzi/* quay.io/strimzi/*', { size: 400 * MI, startMillis: 5000 }),
  ...entry('zookeeper cassandra couchdb neo4j influxdb solr', { size: 300 * MI, startMillis: 6000 }),
  ...entry('minio/minio quay.io/minio/minio', { size: 60 * MI, startMillis: 500, stopCode: 0 }),
];

const OPERATIONS: readonly CatalogueEntry[] = [
  ...entry('prom/* quay.io/prometheus/* quay.io/prometheus-operator/*', {
    size: 60 * MI,
    startMillis: 500,
    stopCode: 0,
  }),
  ...entry('grafana/*', { size: 130 * MI, startMillis: 2000, stopCode: 0 }),
  ...entry('registry.k8s.io/pause', { size: MI, stopCode: 0 }),
  ...entry('registry.k8s.io/e2e-test-images/agnhost', { size: 50 * MI, stopCode: 2 }),
  ...entry('registry.k8s.io/ingress-nginx/controller', { size: 110 * MI, startMillis: 2000, stopCode: 0 }),
  ...entry('registry.k8s.io/ingress-nginx/kube-webhook-certgen', TOOL),
  ...entry('registry.k8s.io/* k8s.gcr.io/* gcr.io/* quay.io/* ghcr.io/* public.ecr.aws/*', { size: 60 * MI }),
  ...entry('otel/* ghcr.io/open-telemetry/* jaegertracing/* quay.io/jaegertracing/*', {
    size: 90 * MI,
    startMillis: 1000,
    stopCode: 0,
  }),
  ...entry('quay.io/jetstack/cert-manager-startupapicheck', TOOL),
  ...entry('hashicorp/vault hashicorp/consul hashicorp/vault-k8s', { size: 150 * MI, startMillis: 1000 }),
  ...entry('bitnami/* bitnamilegacy/* registry-1.docker.io/bitnamicharts/*', { size: 140 * MI, startMillis: 3000 }),
  ...entry('bitnami/postgresql bitnamilegacy/postgresql', {
    size: 140 * MI,
    startMillis: 3000,
    needsEnv: [
      'POSTGRESQL_PASSWORD|POSTGRES_PASSWORD|POSTGRESQL_PASSWORD_FILE|POSTGRES_PASSWORD_FILE|ALLOW_EMPTY_PASSWORD',
    ],
    missingLogs: [
      'postgresql ERROR ==> The POSTGRESQL_PASSWORD environment variable is empty or not set. Set the environment variable ALLOW_EMPTY_PASSWORD=yes to allow the container to be started with blank passwords. This is recommended only for development.',
    ],
    stopCode: 0,
  }),
];

const LANGUAGES: readonly CatalogueEntry[] = [
  ...entry('python node golang ruby php perl rust openjdk eclipse-temurin maven gradle', { ...SHELL, size: 300 * MI }),
  ...entry('mcr.microsoft.com/* amazoncorretto', { size: 200 * MI, startMillis: 1000 }),
];

/** Databases, monitoring and operators say nothing of the requests that they answer. */
const QUIET = [...DATA, ...OPERATIONS].map(({ image, behaviour }) => ({
  image,
  behaviour: { ...behaviour, accessLog: false },
}));

/** What images that charts use much do. More exact names win over patterns, whatever their order. */
export const BUILTIN_IMAGES: readonly CatalogueEntry[] = [...SHELLS, ...WEB, ...QUIET, ...LANGUAGES];
