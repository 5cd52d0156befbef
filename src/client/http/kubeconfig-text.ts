import { toYaml } from '../../yaml/index.ts';

/** One way into a cluster. */
export interface KubeconfigEntry {
  /** Of context, cluster and user. */
  readonly name: string;
  readonly server: string;
  /** PEM */
  readonly authority: string;
  readonly token: string;
}

/** The entries of a context in the lists of a kubeconfig. */
export function kubeconfigEntries({ name, server, authority, token }: KubeconfigEntry): {
  readonly clusters: object;
  readonly users: object;
  readonly contexts: object;
} {
  const data = Buffer.from(authority).toString('base64');
  return {
    clusters: { name, cluster: { server, 'certificate-authority-data': data } },
    users: { name, user: { token } },
    contexts: { name, context: { cluster: name, user: name } },
  };
}

/** A kubeconfig of one context, which is the current one. */
export function kubeconfigText(entry: KubeconfigEntry): string {
  const { clusters, users, contexts } = kubeconfigEntries(entry);
  return toYaml({
    apiVersion: 'v1',
    kind: 'Config',
    preferences: {},
    clusters: [clusters],
    contexts: [contexts],
    'current-context': entry.name,
    users: [users],
  });
}
