import { APPLICATIONS } from './builtin/applications.ts';
import { type CatalogueEntry, entry, MI, SHELL, TOOL } from './builtin/entry.ts';
import { AGNHOST } from './builtin/agnhost.ts';
import { EXPORTERS } from './builtin/exporters.ts';
import { MONITORING } from './builtin/monitoring.ts';
import { PLATFORM } from './builtin/platform.ts';

const SHELLS: readonly CatalogueEntry[] = [
  ...entry('busybox', { ...SHELL, size: 2 * MI, maxMajor: 1 }),
  ...entry('alpine', { ...SHELL, maxMajor: 3 }),
  ...entry('debian ubuntu fedora centos rockylinux almalinux amazonlinux bash archlinux opensuse/leap', {
    ...SHELL,
    size: 50 * MI,
  }),
  ...entry('registry.access.redhat.com/* bitnami/os-shell bitnami/bitnami-shell', {
    ...SHELL,
    size: 80 * MI,
  }),
  ...entry('curlimages/curl appropriate/curl alpine/curl alpine/git alpine/helm alpine/openssl', TOOL),
  ...entry('nicolaka/netshoot wbitt/network-multitool praqma/network-multitool', { ...SHELL, size: 150 * MI }),
  ...entry('bitnami/git bitnami/aws-cli amazon/aws-cli portainer/kubectl-shell', TOOL),
  ...entry('groundnuty/k8s-wait-for ghcr.io/groundnuty/k8s-wait-for willwill/wait-for-it', TOOL),
  ...entry('jwilder/dockerize minio/mc busybox-curl flyway/flyway migrate/migrate liquibase/liquibase', TOOL),
  ...entry('hello-world', { ...TOOL, runMillis: 100, logs: ['', 'Hello from Docker!', ''] }),
];

const WEB: readonly CatalogueEntry[] = [
  ...entry('nginx', {
    memory: 6 * MI,
    cpu: 1,
    size: 70 * MI,
    maxMajor: 1,
    ports: [80],
    paths: { '/': 200, '/index.html': 200, '*': 404 },
    configFolders: ['/etc/nginx', '/usr/share/nginx/html'],
    stopCode: 0,
    logs: ['/docker-entrypoint.sh: Configuration complete; ready for start up'],
  }),
  ...entry('nginxinc/nginx-unprivileged', {
    memory: 6 * MI,
    cpu: 1,
    size: 70 * MI,
    maxMajor: 1,
    ports: [8080],
    paths: { '/': 200, '/index.html': 200, '*': 404 },
    configFolders: ['/etc/nginx', '/usr/share/nginx/html'],
    stopCode: 0,
  }),
  ...entry('httpd', {
    logs: ['Apache configured -- resuming normal operations'],
    memory: 12 * MI,
    cpu: 1,
    size: 60 * MI,
    maxMajor: 2,
    ports: [80],
    paths: { '/': 200, '/index.html': 200, '*': 404 },
    configFolders: ['/usr/local/apache2'],
    stopCode: 0,
  }),
  ...entry('caddy', {
    memory: 14 * MI,
    cpu: 1,
    size: 20 * MI,
    ports: [80, 443, 2019],
    configFolders: ['/etc/caddy'],
    stopCode: 0,
  }),
  ...entry('traefik', {
    logs: ['INF Traefik version', 'INF Starting provider aggregator'],
    memory: 40 * MI,
    cpu: 4,
    size: 50 * MI,
    stopCode: 0,
  }),
  ...entry('haproxy', {
    logs: ['[NOTICE] haproxy: Loading success.'],
    memory: 18 * MI,
    cpu: 3,
    size: 40 * MI,
    needsFiles: ['/usr/local/etc/haproxy/haproxy.cfg'],
    stopCode: 0,
  }),
  ...entry('tomcat jetty', {
    logs: ['INFO [main] org.apache.catalina.startup.Catalina.start Server startup'],
    memory: 160 * MI,
    cpu: 6,
    size: 200 * MI,
    ports: [8080],
    startMillis: 4000,
  }),
  ...entry('wordpress drupal ghost joomla nextcloud', {
    logs: ['Apache configured -- resuming normal operations'],
    memory: 70 * MI,
    cpu: 5,
    size: 220 * MI,
    startMillis: 5000,
    stopCode: 0,
  }),
  ...entry('traefik/whoami containous/whoami', {
    memory: 4 * MI,
    cpu: 1,
    size: 3 * MI,
    ports: [80],
    stopCode: 2,
    configFolders: ['/etc'],
  }),
  ...entry('hashicorp/http-echo', { memory: 4 * MI, cpu: 1, size: 5 * MI, ports: [5678], stopCode: 0 }),
  ...entry('kennethreitz/httpbin mccutchen/go-httpbin', { memory: 30 * MI, cpu: 1, size: 150 * MI, stopCode: 0 }),
  ...entry('ealen/echo-server mendhak/http-https-echo', { memory: 40 * MI, cpu: 2, size: 40 * MI, stopCode: 0 }),
  ...entry('stefanprodan/podinfo ghcr.io/stefanprodan/podinfo', {
    memory: 14 * MI,
    cpu: 2,
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
    memory: 40 * MI,
    cpu: 4,
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
    memory: 60 * MI,
    cpu: 5,
    size: 200 * MI,
    ports: [5432],
    startMillis: 2000,
    needsEnv: ['POSTGRES_PASSWORD|POSTGRES_PASSWORD_FILE|POSTGRES_HOST_AUTH_METHOD=trust'],
    missingLogs: SUPERUSER,
    stopCode: 0,
  }),
  ...entry('mysql', {
    memory: 390 * MI,
    cpu: 12,
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
    memory: 90 * MI,
    cpu: 5,
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
    memory: 8 * MI,
    cpu: 3,
    size: 45 * MI,
    maxMajor: 8,
    ports: [6379],
    logs: ['* Ready to accept connections tcp'],
    stopCode: 0,
  }),
  ...entry('valkey/valkey', {
    memory: 8 * MI,
    cpu: 3,
    size: 45 * MI,
    ports: [6379],
    logs: ['* Ready to accept connections tcp'],
    stopCode: 0,
  }),
  ...entry('memcached', {
    logs: ['server listening on port 11211'],
    memory: 4 * MI,
    cpu: 1,
    size: 30 * MI,
    maxMajor: 1,
    ports: [11_211],
    stopCode: 0,
  }),
  ...entry('mongo', {
    logs: [
      '{"c":"CONTROL","msg":"MongoDB starting"}',
      '{"c":"NETWORK","msg":"Waiting for connections","attr":{"port":27017}}',
    ],
    memory: 110 * MI,
    cpu: 10,
    size: 250 * MI,
    maxMajor: 8,
    ports: [27_017],
    startMillis: 2000,
    stopCode: 0,
  }),
  ...entry('rabbitmq', {
    logs: ['Starting RabbitMQ', 'Server startup complete'],
    memory: 140 * MI,
    cpu: 15,
    size: 100 * MI,
    maxMajor: 4,
    ports: [4369, 5671, 5672, 15_671, 15_672, 15_691, 15_692, 25_672],
    startMillis: 8000,
    stopCode: 0,
  }),
  ...entry('nats', {
    logs: ['[INF] Starting nats-server', '[INF] Server is ready'],
    memory: 16 * MI,
    cpu: 3,
    size: 10 * MI,
    ports: [4222, 6222, 8222],
    stopCode: 0,
  }),
  ...entry(
    'elasticsearch docker.elastic.co/elasticsearch/elasticsearch docker.elastic.co/elasticsearch/elasticsearch-oss',
    {
      logs: ['{"level":"INFO","message":"initializing ..."}', '{"level":"INFO","message":"started"}'],
      memory: 700 * MI,
      cpu: 60,
      size: 600 * MI,
      startMillis: 15_000,
    },
  ),
  ...entry('opensearchproject/opensearch', { memory: 700 * MI, cpu: 60, size: 600 * MI, startMillis: 15_000 }),
  ...entry('kibana docker.elastic.co/* opensearchproject/*', {
    memory: 450 * MI,
    cpu: 20,
    size: 400 * MI,
    startMillis: 8000,
  }),
  ...entry('confluentinc/* apache/kafka strimzi/* quay.io/strimzi/*', {
    logs: ['INFO [KafkaServer id=0] started (kafka.server.KafkaServer)'],
    memory: 420 * MI,
    cpu: 25,
    size: 400 * MI,
    startMillis: 5000,
  }),
  ...entry('strimzi/operator quay.io/strimzi/operator', {
    logs: ['INFO  Main:  - ClusterOperator is starting'],
    memory: 240 * MI,
    cpu: 10,
    size: 400 * MI,
    startMillis: 8000,
  }),
  ...entry('zookeeper cassandra neo4j influxdb solr', {
    logs: ['Server is ready'],
    memory: 250 * MI,
    cpu: 12,
    size: 300 * MI,
    startMillis: 6000,
  }),
  ...entry('minio/minio quay.io/minio/minio', {
    logs: ['MinIO Object Storage Server', 'API: http://0.0.0.0:9000'],
    memory: 90 * MI,
    cpu: 4,
    size: 60 * MI,
    startMillis: 500,
    stopCode: 0,
  }),
];

const OPERATIONS: readonly CatalogueEntry[] = [
  ...entry('prom/* quay.io/prometheus/* quay.io/prometheus-operator/*', {
    size: 60 * MI,
    startMillis: 500,
    stopCode: 0,
  }),
  ...entry('grafana/*', { size: 130 * MI, startMillis: 2000, stopCode: 0 }),
  ...entry('registry.k8s.io/e2e-test-images/agnhost', AGNHOST),
  ...entry('registry.k8s.io/* k8s.gcr.io/* gcr.io/* quay.io/* ghcr.io/* public.ecr.aws/*', { size: 60 * MI }),
  ...entry('otel/* ghcr.io/open-telemetry/* jaegertracing/* quay.io/jaegertracing/*', {
    size: 90 * MI,
    startMillis: 1000,
    stopCode: 0,
  }),
  ...entry('quay.io/jetstack/cert-manager-startupapicheck', TOOL),
  ...entry('hashicorp/vault-k8s', { size: 150 * MI, startMillis: 1000 }),
  ...entry('bitnami/* bitnamilegacy/* registry-1.docker.io/bitnamicharts/*', { size: 140 * MI, startMillis: 3000 }),
  ...entry('bitnami/postgresql bitnamilegacy/postgresql', {
    logs: ['postgresql INFO  ==> ** Starting PostgreSQL **', 'database system is ready to accept connections'],
    memory: 40 * MI,
    cpu: 4,
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

/** Bitnami's builds of well-known servers, which also have numbers of their own for ports and start-up. */
const BITNAMI: readonly CatalogueEntry[] = [
  ...entry('bitnami/mariadb bitnamilegacy/mariadb', {
    size: 120 * MI,
    memory: 110 * MI,
    cpu: 5,
    ports: [3306],
    startMillis: 8000,
    needsEnv: [
      'MARIADB_ROOT_PASSWORD|MARIADB_ROOT_PASSWORD_FILE|MARIADB_MASTER_ROOT_PASSWORD|MARIADB_MASTER_ROOT_PASSWORD_FILE|ALLOW_EMPTY_PASSWORD',
    ],
    missingLogs: ['mariadb ERROR ==> The MARIADB_ROOT_PASSWORD environment variable is empty or not set.'],
    logs: ['mariadb INFO  ==> ** Starting MariaDB **', 'mysqld: ready for connections.'],
    stopCode: 0,
  }),
  ...entry('bitnami/redis bitnamilegacy/redis', {
    size: 60 * MI,
    memory: 10 * MI,
    cpu: 4,
    ports: [6379],
    startMillis: 1000,
    logs: ['redis INFO  ==> ** Starting Redis **', '* Ready to accept connections'],
    stopCode: 0,
  }),
  ...entry('bitnami/rabbitmq bitnamilegacy/rabbitmq', {
    size: 130 * MI,
    memory: 150 * MI,
    cpu: 15,
    ports: [4369, 5671, 5672, 9419, 15_671, 15_672, 25_672],
    startMillis: 10_000,
    logs: ['rabbitmq INFO  ==> ** Starting RabbitMQ **', 'Server startup complete'],
    stopCode: 0,
  }),
  ...entry('bitnami/minideb', { ...SHELL, size: 25 * MI }),
];

const LANGUAGES: readonly CatalogueEntry[] = [
  ...entry('python node golang ruby php perl rust openjdk eclipse-temurin maven gradle', { ...SHELL, size: 300 * MI }),
  ...entry('mcr.microsoft.com/* amazoncorretto', { size: 200 * MI, startMillis: 1000 }),
];

/** Databases, monitoring and operators say nothing of the requests that they answer. */
const QUIET = [...DATA, ...OPERATIONS, ...BITNAMI, ...EXPORTERS, ...MONITORING, ...PLATFORM].map(
  ({ image, behaviour }) => ({
    image,
    behaviour: { ...behaviour, accessLog: false },
  }),
);

/** What images that charts use much do. More exact names win over patterns, whatever their order. */
export const BUILTIN_IMAGES: readonly CatalogueEntry[] = [...SHELLS, ...WEB, ...QUIET, ...LANGUAGES, ...APPLICATIONS];
