import { parseGoBoolean } from './go-boolean.ts';
import type { Io } from './io.ts';
import { helmFolders, repositoryPaths, type RepositoryPathFlags } from './repository-context.ts';
import { type GlobalOptions, homeFolder, namespaceOf } from './settings.ts';
import { namespaceOfTarget } from './target.ts';

/** What `pintle env` prints, by names in their order: Helm's settings, and where Pintle keeps its clusters. helm: pkg/cli/environment.go, EnvVars. */
export async function environmentValues(
  io: Io,
  options: GlobalOptions & RepositoryPathFlags,
): Promise<ReadonlyMap<string, string>> {
  const { env } = io;
  const folders = helmFolders(io);
  const paths = repositoryPaths(io, options);
  const text = (flag: string | undefined, name: string): string => flag ?? env[name] ?? '';
  const values: Readonly<Record<string, string>> = {
    HELM_BIN: io.self.at(-1) ?? 'pintle',
    HELM_BURST_LIMIT: options.burstLimit ?? integerOr(env['HELM_BURST_LIMIT'], '100'),
    HELM_CACHE_HOME: folders.cache,
    HELM_CONFIG_HOME: folders.config,
    HELM_CONTENT_CACHE: paths.content,
    HELM_DATA_HOME: folders.data,
    HELM_DEBUG: String(options.debug ?? parseGoBoolean(env['HELM_DEBUG'] ?? '') ?? false),
    HELM_KUBEAPISERVER: text(options.kubeApiserver, 'HELM_KUBEAPISERVER'),
    HELM_KUBEASGROUPS:
      options.kubeAsGroup?.join(',') ?? (env['HELM_KUBEASGROUPS'] ?? '').replaceAll(/^[, ]+|[, ]+$/g, ''),
    HELM_KUBEASUSER: text(options.kubeAsUser, 'HELM_KUBEASUSER'),
    HELM_KUBECAFILE: text(options.kubeCaFile, 'HELM_KUBECAFILE'),
    HELM_KUBECONTEXT: text(options.kubeContext, 'HELM_KUBECONTEXT'),
    HELM_KUBEINSECURE_SKIP_TLS_VERIFY: String(
      options.kubeInsecureSkipTlsVerify ?? parseGoBoolean(env['HELM_KUBEINSECURE_SKIP_TLS_VERIFY'] ?? '') ?? false,
    ),
    HELM_KUBETLS_SERVER_NAME: text(options.kubeTlsServerName, 'HELM_KUBETLS_SERVER_NAME'),
    HELM_KUBETOKEN: text(options.kubeToken, 'HELM_KUBETOKEN'),
    HELM_MAX_HISTORY: integerOr(env['HELM_MAX_HISTORY'], '10'),
    HELM_NAMESPACE: namespaceOf(io, options, await namespaceOfTarget(io, options)),
    HELM_PLUGINS: env['HELM_PLUGINS'] ?? `${folders.data}/plugins`,
    HELM_QPS: (Number(options.qps ?? env['HELM_QPS'] ?? 0) || 0).toFixed(2),
    HELM_REGISTRY_CONFIG: paths.registry,
    HELM_REPOSITORY_CACHE: paths.cache,
    HELM_REPOSITORY_CONFIG: paths.config,
    ...(options.kubeconfig === undefined ? {} : { KUBECONFIG: options.kubeconfig }),
    PINTLE_HOME: homeFolder(io),
  };
  return new Map(Object.entries(values));
}

function integerOr(text: string | undefined, otherwise: string): string {
  return text !== undefined && /^[-+]?\d+$/.test(text) ? String(Number(text)) : otherwise;
}
