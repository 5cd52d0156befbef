import type { BehaviourCase } from '../behaviour.ts';
import { type CatalogueEntry, entry, server } from './entry.ts';

/** What an exporter answers: its numbers, a page at the root, and nothing else. */
const PAGES = {
  '/': 200,
  '/metrics': 200,
  '/health': 200,
  '/healthz': 200,
  '/-/healthy': 200,
  '/-/ready': 200,
  '*': 404,
};

function exporter(name: string, port: number, memory = 12): ReturnType<typeof server> {
  const logs = [
    `level=INFO msg="Starting ${name}"`,
    `level=INFO msg="Listening on" address=[::]:${port}`,
    'level=INFO msg="TLS is disabled." http2=false',
  ];
  return server([15, memory, 2], [port], logs, { paths: PAGES, stopCode: 2 });
}

/** What asks Google for who it is ends where it does not run at Google, unless credentials are given. */
function withoutGoogle(told: string): BehaviourCase {
  const nowhere = { env: { GOOGLE_APPLICATION_CREDENTIALS: '' } };
  return { if: nowhere, entrypoint: 'exit', runMillis: 1000, exitCode: 1, logs: [told] };
}

/** Programs that tell Prometheus of others. */
export const EXPORTERS: readonly CatalogueEntry[] = [
  ...entry('bitnami/apache-exporter lusotycoon/apache-exporter', exporter('apache_exporter', 9117)),
  ...entry(
    'prom/mysqld-exporter quay.io/prometheus/mysqld-exporter bitnami/mysqld-exporter',
    exporter('mysqld_exporter', 9104),
  ),
  ...entry('kbudde/rabbitmq-exporter bitnami/rabbitmq-exporter', exporter('rabbitmq_exporter', 9419)),
  ...entry(
    'oliver006/redis_exporter ghcr.io/oliver006/redis_exporter bitnami/redis-exporter',
    exporter('redis_exporter', 9121),
  ),
  ...entry('prom/statsd-exporter quay.io/prometheus/statsd-exporter', exporter('statsd_exporter', 9102)),
  ...entry(
    'bitnami/mongodb-exporter ssheehy/mongodb-exporter percona/mongodb_exporter',
    exporter('mongodb_exporter', 9216),
  ),
  ...entry('quay.io/prometheus/node-exporter prom/node-exporter', exporter('node_exporter', 9100, 14)),
  ...entry('danielqsj/kafka-exporter', {
    ...exporter('kafka_exporter', 9308, 20),
    cases: [
      {
        if: { unreachable: ['$(--kafka.server)'] },
        entrypoint: 'exit',
        runMillis: 3000,
        exitCode: 2,
        logs: ['Error Init Kafka Client: kafka: client has run out of available brokers to talk to'],
      },
    ],
  }),
  ...entry('bonniernews/logstash_exporter', exporter('logstash_exporter', 9198)),
  ...entry(
    'wrouesnel/postgres_exporter bitnami/postgres-exporter quay.io/prometheuscommunity/postgres-exporter',
    exporter('postgres_exporter', 9187),
  ),
  ...entry('prom/consul-exporter quay.io/prometheus/consul-exporter', exporter('consul_exporter', 9107)),
  ...entry('gesellix/couchdb-prometheus-exporter', exporter('couchdb_exporter', 9984)),
  ...entry(
    'prom/memcached-exporter quay.io/prometheus/memcached-exporter bitnami/memcached-exporter',
    exporter('memcached_exporter', 9150),
  ),
  ...entry('prom/blackbox-exporter quay.io/prometheus/blackbox-exporter', exporter('blackbox_exporter', 9115, 16)),
  ...entry(
    'synadia/prometheus-nats-exporter natsio/prometheus-nats-exporter',
    exporter('prometheus-nats-exporter', 7777),
  ),
  ...entry('prom/snmp-exporter quay.io/prometheus/snmp-exporter', exporter('snmp_exporter', 9116, 20)),
  ...entry('frodenas/stackdriver-exporter prometheuscommunity/stackdriver-exporter', {
    ...exporter('stackdriver_exporter', 9255, 24),
    cases: [withoutGoogle('Error creating Google client: could not find default credentials')],
  }),
  ...entry('quay.io/prometheus/haproxy-exporter', exporter('haproxy_exporter', 9101)),
  ...entry('criteord/cassandra_exporter', exporter('cassandra_exporter', 8080, 90)),
  ...entry(
    'quay.io/prometheuscommunity/elasticsearch-exporter justwatch/elasticsearch_exporter',
    exporter('elasticsearch_exporter', 9114),
  ),
  ...entry('nginx/nginx-prometheus-exporter', exporter('nginx-prometheus-exporter', 9113)),
  ...entry(
    'prom/cloudwatch-exporter quay.io/prometheus/cloudwatch-exporter',
    server([90, 90, 4], [9106], ['INFO: started on port 9106'], { startMillis: 3000, stopCode: 143 }),
  ),
  ...entry(
    'solsson/kafka-prometheus-jmx-exporter sscaling/jmx-prometheus-exporter',
    server([80, 60, 4], [5556], ['INFO: HTTP server on port 5556'], { startMillis: 2000, stopCode: 143 }),
  ),
  ...entry(
    'gcr.io/google-containers/prometheus-to-sd',
    server([20, 18, 2], [6061], ['Running prometheus-to-sd, monitored target is localhost'], {
      stopCode: 2,
      cases: [withoutGoogle('Failed to get GCE config: the metadata server does not answer')],
    }),
  ),
];
