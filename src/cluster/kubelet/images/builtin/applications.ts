import { type CatalogueEntry, entry, server } from './entry.ts';

/** Applications that charts bring whole. */
export const APPLICATIONS: readonly CatalogueEntry[] = [
  ...entry(
    'jboss/keycloak quay.io/keycloak/keycloak',
    server(
      [300, 480, 15],
      [8080, 8443, 9000, 9990],
      ['INFO  [org.keycloak] Keycloak is starting', 'INFO  [io.quarkus] Listening on: http://0.0.0.0:8080'],
      {
        startMillis: 20_000,
        configFolders: ['/opt', '/etc'],
      },
    ),
  ),
  ...entry(
    'couchdb',
    server([70, 60, 8], [5984, 5986, 4369, 9100], ['[info] Apache CouchDB has started. Time to relax.'], {
      startMillis: 3000,
      configFolders: ['/opt/couchdb', '/etc'],
    }),
  ),
  ...entry(
    'kocolosk/couchdb-search kocolosk/couchdb-statefulset-assembler',
    server([90, 70, 4], [], ['Clouseau running as clouseau@127.0.0.1'], { stopCode: 143 }),
  ),
  ...entry(
    'phpmyadmin bitnami/phpmyadmin phpmyadmin/phpmyadmin',
    server([150, 45, 3], [80, 8080], ['Apache configured -- resuming normal operations'], {
      startMillis: 2000,
      configFolders: ['/etc/phpmyadmin'],
    }),
  ),
  ...entry(
    'jenkins/jenkins jenkins/jenkins-lts',
    server(
      [260, 620, 20],
      [8080, 50_000],
      ['INFO hudson.lifecycle.Lifecycle#onReady: Jenkins is fully up and running'],
      { startMillis: 20_000, configFolders: ['/usr/share/jenkins', '/var/jenkins_home', '/etc'] },
    ),
  ),
  ...entry(
    'gogs/gogs gitea/gitea',
    server([60, 60, 4], [22, 2222, 3000], ['Listen: http://0.0.0.0:3000'], {
      startMillis: 2000,
      configFolders: ['/data', '/etc'],
    }),
  ),
  ...entry(
    'sonarqube',
    server([350, 1500, 40], [9000, 9092], ['INFO  app[][o.s.a.SchedulerImpl] SonarQube is operational'], {
      startMillis: 45_000,
      configFolders: ['/opt/sonarqube'],
      stopCode: 143,
    }),
  ),
  ...entry(
    'apache/airflow',
    server(
      [350, 220, 20],
      [8080, 8793, 5555],
      ['[INFO] Starting gunicorn', '[INFO] Listening at: http://0.0.0.0:8080'],
      { startMillis: 10_000, configFolders: ['/opt/airflow'] },
    ),
  ),
  ...entry(
    'daskdev/dask ghcr.io/dask/dask',
    server([300, 160, 4], [8786, 8787], ['distributed.scheduler - INFO - Scheduler at: tcp://0.0.0.0:8786'], {
      startMillis: 3000,
      stopCode: 143,
    }),
  ),
  ...entry(
    'daskdev/dask-notebook jupyter/base-notebook',
    server([500, 140, 4], [8888], ['[I] Jupyter Server is running at http://0.0.0.0:8888'], {
      startMillis: 4000,
      configFolders: ['/home/jovyan'],
    }),
  ),
  ...entry(
    'springcloud/spring-cloud-skipper-server springcloud/spring-cloud-dataflow-server springcloud/spring-cloud-dataflow-server-kubernetes',
    server(
      [250, 420, 15],
      [7577, 80, 8080, 9393],
      ['INFO o.s.b.w.embedded.tomcat.TomcatWebServer : Tomcat started on port(s): 7577 (http)'],
      { startMillis: 15_000, stopCode: 143 },
    ),
  ),
  ...entry(
    'docker.bintray.io/jfrog/artifactory-pro docker.bintray.io/jfrog/artifactory-oss docker.bintray.io/jfrog/artifactory-cpp-ce releases-docker.jfrog.io/jfrog/artifactory-pro',
    server([500, 1100, 30], [8040, 8046, 8049, 8081, 8082], ['Artifactory successfully started'], {
      startMillis: 40_000,
      configFolders: ['/artifactory_extra_conf', '/var/opt/jfrog', '/opt/jfrog', '/etc'],
      stopCode: 143,
    }),
  ),
  ...entry(
    'docker.bintray.io/jfrog/nginx-artifactory-pro',
    server([60, 12, 1], [80, 443, 8080, 8443, 8079], ['Starting nginx daemon...'], {
      startMillis: 2000,
      configFolders: ['/var/opt/jfrog', '/etc/nginx'],
    }),
  ),
  ...entry(
    'docker.bintray.io/jfrog/xray-indexer docker.bintray.io/jfrog/xray-server docker.bintray.io/jfrog/xray-persist docker.bintray.io/jfrog/xray-analysis docker.bintray.io/jfrog/distribution-distribution docker.bintray.io/jfrog/distribution-distributor',
    server([150, 180, 8], [], ['Service started'], { startMillis: 8000, stopCode: 143 }),
  ),
  ...entry(
    'unguiculus/docker-python3-phantomjs-selenium',
    server([250, 40, 1], [], [], { entrypoint: 'exit', runMillis: 2000, exitCode: 0 }),
  ),
  ...entry(
    'buildkite/agent drone/agent',
    server([60, 25, 2], [3000], ['INFO Starting agent', 'INFO Waiting for work...'], { stopCode: 0 }),
  ),
];
