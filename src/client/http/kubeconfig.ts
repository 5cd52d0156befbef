import { PintleError } from '../../base/errors.ts';
import { fromYaml } from '../../yaml/index.ts';

/** One file of a kubeconfig. */
export interface KubeconfigSource {
  /** Absolute; relative paths inside are relative to its folder. */
  readonly path: string;
  readonly text: string;
}

/** An external program that gives credentials. client-go: pkg/apis/clientauthentication. */
export interface ExecConfig {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly installHint: string;
  readonly provideClusterInfo: boolean;
}

/** Where a cluster is and how one talks to it; certificates and keys are PEM, paths are not resolved yet. */
export interface ClusterAccess {
  readonly context: string;
  readonly server: string;
  readonly namespace: string | undefined;
  readonly tlsServerName: string | undefined;
  readonly insecureSkipTlsVerify: boolean;
  readonly proxyUrl: string | undefined;
  readonly certificateAuthority: PemSource | undefined;
  readonly clientCertificate: PemSource | undefined;
  readonly clientKey: PemSource | undefined;
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly exec: ExecConfig | undefined;
  readonly impersonate: Impersonation | undefined;
}

/** Whom a user acts as. */
export interface Impersonation {
  readonly user: string;
  readonly uid: string | undefined;
  readonly groups: readonly string[];
}

/** PEM text, or the file that holds it. */
export type PemSource = { readonly pem: string } | { readonly file: string };

type Fields = Readonly<Record<string, unknown>>;

interface Entry {
  readonly value: Fields;
  readonly folder: string;
}

interface Merged {
  readonly clusters: Map<string, Entry>;
  readonly users: Map<string, Entry>;
  readonly contexts: Map<string, Entry>;
  current: string;
}

/**
 * The access that a kubeconfig's context describes. Of several files the first that has a name wins, as for kubectl.
 * client-go: tools/clientcmd.
 *
 * @param context default: the current one
 * @throws PintleError `target`
 */
export function readKubeconfig(sources: readonly KubeconfigSource[], context?: string): ClusterAccess {
  const merged = merge(sources);
  const files = sources.map(({ path }) => path).join(', ');
  const name = context ?? merged.current;
  if (name === '') {
    throw new PintleError('target', `no context is current in ${files === '' ? 'the kubeconfig' : files}`, {
      hint: 'name one with --kube-context, or run "kubectl config use-context NAME"',
    });
  }
  const found = merged.contexts.get(name);
  if (found === undefined) {
    const known = [...merged.contexts.keys()].join(', ');
    throw new PintleError('target', `context "${name}" does not exist`, {
      hint: known === '' ? `there are no contexts in ${files}` : `there are: ${known}`,
    });
  }
  const clusterName = text(found.value, 'cluster') ?? '';
  const cluster = merged.clusters.get(clusterName);
  if (cluster === undefined)
    throw new PintleError('target', `cluster "${clusterName}" of context "${name}" does not exist`);
  const server = text(cluster.value, 'server');
  if (server === undefined) throw new PintleError('target', `cluster "${clusterName}" has no server`);
  const userName = text(found.value, 'user') ?? '';
  const user = merged.users.get(userName);
  if (user === undefined && userName !== '') {
    throw new PintleError('target', `user "${userName}" of context "${name}" does not exist`);
  }
  return {
    context: name,
    server,
    namespace: text(found.value, 'namespace'),
    tlsServerName: text(cluster.value, 'tls-server-name'),
    insecureSkipTlsVerify: cluster.value['insecure-skip-tls-verify'] === true,
    proxyUrl: text(cluster.value, 'proxy-url'),
    certificateAuthority: pem(cluster, 'certificate-authority'),
    ...credentials(user),
  };
}

/** The names of all contexts. @throws PintleError for what is no YAML */
export function contextNames(sources: readonly KubeconfigSource[]): string[] {
  return [...merge(sources).contexts.keys()];
}

function credentials(
  user: Entry | undefined,
): Pick<
  ClusterAccess,
  'clientCertificate' | 'clientKey' | 'token' | 'tokenFile' | 'username' | 'password' | 'exec' | 'impersonate'
> {
  const value = user?.value ?? {};
  const tokenFile = text(value, 'tokenFile');
  const impersonated = text(value, 'as');
  if (value['auth-provider'] !== undefined) {
    throw new PintleError('target', 'the kubeconfig uses an auth-provider, which Kubernetes no longer supports', {
      hint: 'use an exec plugin of your provider',
    });
  }
  return {
    clientCertificate: user === undefined ? undefined : pem(user, 'client-certificate'),
    clientKey: user === undefined ? undefined : pem(user, 'client-key'),
    token: text(value, 'token'),
    tokenFile: tokenFile === undefined ? undefined : absolute(user?.folder ?? '', tokenFile),
    username: text(value, 'username'),
    password: text(value, 'password'),
    exec: value['exec'] === undefined ? undefined : execConfig(value['exec'] as Fields),
    impersonate:
      impersonated === undefined
        ? undefined
        : { user: impersonated, uid: text(value, 'as-uid'), groups: texts(value['as-groups']) },
  };
}

function execConfig(value: Fields): ExecConfig {
  const env = Array.isArray(value['env']) ? (value['env'] as Fields[]) : [];
  return {
    apiVersion: text(value, 'apiVersion') ?? '',
    command: text(value, 'command') ?? '',
    args: texts(value['args']),
    env: env.map((each) => ({ name: text(each, 'name') ?? '', value: text(each, 'value') ?? '' })),
    installHint: text(value, 'installHint') ?? '',
    provideClusterInfo: value['provideClusterInfo'] === true,
  };
}

function text(value: Fields, key: string): string | undefined {
  const found = value[key];
  return typeof found === 'string' && found !== '' ? found : undefined;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function pem({ value, folder }: Entry, key: string): PemSource | undefined {
  const data = text(value, `${key}-data`);
  if (data !== undefined) return { pem: Buffer.from(data, 'base64').toString('utf8') };
  const file = text(value, key);
  return file === undefined ? undefined : { file: absolute(folder, file) };
}

function absolute(folder: string, path: string): string {
  return /^(?:[/\\]|[A-Za-z]:[/\\])/.test(path) ? path : `${folder}/${path}`;
}

function merge(sources: readonly KubeconfigSource[]): Merged {
  const merged: Merged = { clusters: new Map(), users: new Map(), contexts: new Map(), current: '' };
  for (const { path, text: content } of sources) {
    const value = fromYaml(content, { file: path, target: 'map' }) as Fields;
    const folder = path.replace(/[/\\][^/\\]*$/, '');
    take(merged.clusters, value['clusters'], 'cluster', folder);
    take(merged.users, value['users'], 'user', folder);
    take(merged.contexts, value['contexts'], 'context', folder);
    if (merged.current === '') merged.current = text(value, 'current-context') ?? '';
  }
  return merged;
}

function take(into: Map<string, Entry>, list: unknown, key: string, folder: string): void {
  for (const each of Array.isArray(list) ? (list as Fields[]) : []) {
    const name = text(each, 'name');
    const value = each[key];
    if (name === undefined || into.has(name) || typeof value !== 'object' || value === null) continue;
    into.set(name, { value: value as Fields, folder });
  }
}
