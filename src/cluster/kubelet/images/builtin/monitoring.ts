import { type CatalogueEntry, entry, server } from './entry.ts';

const HEALTH = { '/-/healthy': 200, '/-/ready': 200, '/metrics': 200 };

/** What watches clusters, collects logs and draws graphs. */
export const MONITORING: readonly CatalogueEntry[] = [
  ...entry(
    'ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-k8s otel/opentelemetry-collector-k8s otel/opentelemetry-collector otel/opentelemetry-collector-contrib ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-contrib',
    server(
      [90, 55, 6],
      [4317, 4318, 8888, 13_133, 14_250, 14_268, 9411, 6831],
      [
        'info service/service.go Starting otelcol...',
        'info service/service.go Everything is ready. Begin running and processing data.',
      ],
      { startMillis: 1000, configFolders: ['/conf', '/etc'] },
    ),
  ),
  ...entry(
    'quay.io/prometheus/prometheus quay.io/coreos/prometheus prom/prometheus',
    server(
      [110, 180, 15],
      [9090],
      ['level=INFO msg="Starting Prometheus Server"', 'level=INFO msg="Server is ready to receive web requests."'],
      { startMillis: 2000, paths: HEALTH },
    ),
  ),
  ...entry(
    'quay.io/prometheus/alertmanager prom/alertmanager',
    server(
      [35, 24, 2],
      [9093, 9094],
      ['level=INFO msg="Starting Alertmanager"', 'level=INFO msg="Listening on" address=[::]:9093'],
      {
        paths: HEALTH,
      },
    ),
  ),
  ...entry(
    'prom/pushgateway quay.io/prometheus/pushgateway',
    server(
      [12, 14, 1],
      [9091],
      ['level=INFO msg="starting pushgateway"', 'level=INFO msg="Listening on" address=[::]:9091'],
      { paths: HEALTH },
    ),
  ),
  ...entry(
    'quay.io/prometheus-operator/prometheus-operator quay.io/coreos/prometheus-operator',
    server(
      [20, 34, 3],
      [8080, 10_250],
      ['level=info msg="Starting Prometheus Operator"', 'level=info msg="connection established"'],
    ),
  ),
  ...entry(
    'quay.io/prometheus-operator/prometheus-config-reloader quay.io/coreos/prometheus-config-reloader',
    server(
      [14, 10, 1],
      [8080, 8081],
      ['level=info msg="Starting prometheus-config-reloader"', 'level=info msg="Reload triggered"'],
    ),
  ),
  ...entry(
    'quay.io/prometheus-operator/admission-webhook',
    server([14, 12, 1], [8080, 8443, 10_250], ['level=info msg="Listening on" address=[::]:10250']),
  ),
  ...entry(
    'ghcr.io/open-telemetry/opentelemetry-operator/target-allocator',
    server(
      [25, 30, 2],
      [8080, 8443],
      ['{"level":"info","msg":"Starting the Target Allocator"}', '{"level":"info","msg":"Starting server..."}'],
      {
        configFolders: ['/conf', '/etc'],
      },
    ),
  ),
  ...entry(
    'ghcr.io/open-telemetry/opentelemetry-operator/opentelemetry-operator',
    server(
      [40, 45, 4],
      [8080, 8081, 9443],
      [
        '{"level":"INFO","message":"Starting the OpenTelemetry Operator"}',
        '{"level":"INFO","message":"Starting workers"}',
      ],
      {
        startMillis: 1500,
      },
    ),
  ),
  ...entry(
    'registry.k8s.io/kube-state-metrics/kube-state-metrics quay.io/coreos/kube-state-metrics',
    server([15, 22, 3], [8080, 8081], ['Starting kube-state-metrics', 'Started metrics server at [::]:8080'], {
      stopCode: 2,
    }),
  ),
  ...entry(
    'registry.k8s.io/metrics-server/metrics-server k8s.gcr.io/metrics-server/metrics-server',
    server(
      [25, 26, 4],
      [4443, 10_250, 443],
      ['Starting RequestHeaderAuthRequestController', 'Serving securely on [::]:10250'],
      { startMillis: 1500 },
    ),
  ),
  ...entry(
    'registry.k8s.io/prometheus-adapter/prometheus-adapter',
    server(
      [25, 40, 4],
      [6443],
      ['Starting the requestheader authentication controller', 'Serving securely on [::]:6443'],
      { startMillis: 1500 },
    ),
  ),
  ...entry(
    'grafana/grafana istio/grafana',
    server(
      [120, 85, 5],
      [3000],
      [
        'logger=settings level=info msg="Starting Grafana"',
        'logger=http.server level=info msg="HTTP Server Listen" address=[::]:3000',
      ],
      {
        startMillis: 3000,
        configFolders: ['/etc/grafana'],
      },
    ),
  ),
  ...entry(
    'kiwigrid/k8s-sidecar quay.io/kiwigrid/k8s-sidecar',
    server([25, 65, 2], [], ['{"level":"INFO","msg":"Starting collector"}'], { stopCode: 143 }),
  ),
  ...entry(
    'jimmidyson/configmap-reload',
    server([5, 5, 1], [9533], ['Watching directory: "/etc/config"'], { stopCode: 2 }),
  ),
  ...entry(
    'quay.io/brancz/kube-rbac-proxy gcr.io/kubebuilder/kube-rbac-proxy registry.k8s.io/kubebuilder/kube-rbac-proxy',
    server([18, 14, 1], [8443], ['Valid token audiences:', 'Listening securely on 0.0.0.0:8443'], { stopCode: 2 }),
  ),
  ...entry(
    'gcr.io/google-containers/fluentd-elasticsearch fluent/fluentd-kubernetes-daemonset fluent/fluentd',
    server(
      [60, 110, 10],
      [24_224, 24_231],
      ['[info]: starting fluentd', '[info]: fluentd worker is now running worker=0'],
      { startMillis: 3000 },
    ),
  ),
  ...entry(
    'fluent/fluent-bit cr.fluentbit.io/fluent/fluent-bit',
    server(
      [30, 18, 3],
      [2020],
      ['[ info] [fluent bit] started', '[ info] [http_server] listen iface=0.0.0.0 tcp_port=2020'],
      { configFolders: ['/fluent-bit'] },
    ),
  ),
  ...entry(
    'docker.elastic.co/logstash/logstash-oss docker.elastic.co/logstash/logstash',
    server(
      [350, 700, 20],
      [5044, 9600],
      [
        '[INFO ][logstash.runner] Starting Logstash',
        '[INFO ][logstash.agent] Successfully started Logstash API endpoint {:port=>9600}',
      ],
      {
        startMillis: 20_000,
        configFolders: ['/usr/share/logstash'],
      },
    ),
  ),
  ...entry(
    'datadog/agent',
    server([300, 180, 20], [5555, 8125, 8126], ['| CORE | INFO | Starting Datadog Agent'], { startMillis: 4000 }),
  ),
  ...entry(
    'bitnami/kubewatch tuna/kubewatch',
    server([20, 18, 2], [], ['Starting kubewatch controller', 'Processing add to pod'], { stopCode: 2 }),
  ),
  ...entry(
    'openzipkin/zipkin',
    server([60, 220, 5], [9411, 9410], ['INFO z.s.ZipkinServer : Started ZipkinServer'], {
      startMillis: 5000,
      stopCode: 143,
    }),
  ),
  ...entry(
    'jaegertracing/jaeger-collector jaegertracing/jaeger-query jaegertracing/jaeger-agent jaegertracing/all-in-one',
    server(
      [30, 30, 3],
      [5775, 5778, 6831, 6832, 14_250, 14_267, 14_268, 14_269, 14_271, 16_685, 16_686, 16_687, 4317, 4318, 9411],
      [
        '{"level":"info","msg":"Starting HTTP server"}',
        '{"level":"info","msg":"Health Check state change","status":"ready"}',
      ],
    ),
  ),
];
