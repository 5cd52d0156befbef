import { isObject } from '../../../base/json.ts';
import type { KubeClient } from '../../../client/kube-client.ts';
import type { Container, Pod } from '../../../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';

/** A Secret that a job is run to make. */
export interface MadeSecret {
  readonly namespace: string;
  readonly name: string;
  /** base64 */
  readonly data: Readonly<Record<string, string>>;
  /** Default: `Opaque`. */
  readonly type?: string;
  /** Who makes it. */
  readonly manager: string;
}

type Command = Pick<Container, 'command' | 'args'>;

/**
 * The Secrets that a server makes as soon as it runs, for itself and its neighbours that mount them. `read` gives the text of a
 * mounted file.
 */
export function servedSecrets(
  image: string,
  container: Command,
  { namespace, read }: { readonly namespace: string; readonly read: (path: string) => string | undefined },
): MadeSecret[] {
  return [...rotatedByKeda(image, container, namespace), ...webhooksOfConsul(container, read)];
}

/** KEDA's operator makes the certificates of its other servers. kedacore/keda: pkg/certificates/certificate_manager.go */
function rotatedByKeda(image: string, { command = [], args = [] }: Command, namespace: string): MadeSecret[] {
  const words = [...command, ...args];
  if (!/(?:^|\/)keda(?:[:@]|$)/.test(image) || option(words, 'enable-cert-rotation') !== 'true') return [];
  const name = option(words, 'cert-secret-name') ?? 'kedaorg-certs';
  const data = { ...pair('tls.crt', 'tls.key', 'keda-operator'), ...pair('ca.crt', 'ca.key', 'KEDA') };
  return [{ namespace, name, data, manager: 'keda' }];
}

/** Consul's manager of certificates. hashicorp/consul-k8s: control-plane/subcommand/webhook-cert-manager */
function webhooksOfConsul(
  { command = [], args = [] }: Command,
  read: (path: string) => string | undefined,
): MadeSecret[] {
  const line = [...command, ...args].join(' ');
  const file = /\bconsul-k8s(?:-control-plane)? webhook-cert-manager\b[\s\S]*?-config-file[= ](\S+)/.exec(line)?.[1];
  const text = file === undefined ? undefined : read(file);
  let bundles: unknown;
  try {
    bundles = JSON.parse(text ?? '[]');
  } catch {
    // What it cannot read, it serves nobody with.
  }
  const made: MadeSecret[] = [];
  for (const bundle of Array.isArray(bundles) ? bundles.filter(isObject) : []) {
    const { name: subject, secretName: name, secretNamespace: namespace } = bundle;
    if (typeof name !== 'string' || typeof namespace !== 'string') continue;
    const data = pair('tls.crt', 'tls.key', String(subject));
    made.push({ namespace, name, data, type: 'kubernetes.io/tls', manager: 'consul-k8s-control-plane' });
  }
  return made;
}

function pair(certificate: string, key: string, subject: string): Record<string, string> {
  return { [certificate]: pem('CERTIFICATE', subject), [key]: pem('EC PRIVATE KEY', subject) };
}

/**
 * The Secret that a container makes when it ends well; undefined for all others. Charts run such jobs before anything else, and
 * mount what they write.
 */
export function madeSecret(image: string, container: Command, namespace: string): MadeSecret | undefined {
  return certificateOf(image, container, namespace) ?? redisPasswordOf(image, container, namespace);
}

/** What kube-webhook-certgen is asked to make. ingress-nginx: images/kube-webhook-certgen */
function certificateOf(image: string, { command = [], args = [] }: Command, namespace: string): MadeSecret | undefined {
  if (!/(?:^|\/)kube-webhook-certgen(?:[:@]|$)/.test(image)) return undefined;
  const words = [...command, ...args];
  const name = option(words, 'secret-name');
  if (!words.includes('create') || name === undefined) return undefined;
  const host = option(words, 'host')?.split(',')[0] ?? name;
  return {
    namespace: option(words, 'namespace') ?? namespace,
    name,
    data: {
      [option(words, 'ca-name') ?? 'ca']: pem('CERTIFICATE', `authority of ${host}`),
      [option(words, 'cert-name') ?? 'cert']: pem('CERTIFICATE', host),
      [option(words, 'key-name') ?? 'key']: pem('EC PRIVATE KEY', host),
    },
    manager: 'kube-webhook-certgen',
  };
}

/** The password of its Redis that Argo CD makes for itself. argo-cd: cmd/argocd/commands/admin/redis_initial_password.go */
function redisPasswordOf(
  image: string,
  { command = [], args = [] }: Command,
  namespace: string,
): MadeSecret | undefined {
  const words = [...command, ...args];
  if (!/(?:^|\/)argocd(?:[:@]|$)/.test(image) || !words.includes('redis-initial-password')) return undefined;
  const data = { auth: Buffer.from(`simulated-${namespace}`).toString('base64') };
  return { namespace: option(words, 'namespace') ?? namespace, name: 'argocd-redis', data, manager: 'argocd' };
}

function option(words: readonly string[], name: string): string | undefined {
  const at = words.findIndex((word) => word === `--${name}`);
  if (at !== -1) return words[at + 1];
  return words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
}

/** The ServiceAccount that a container's programs act for. */
export interface PodAccount {
  readonly namespace: string;
  readonly name: string;
}

/** Whose rights the programs of a pod have. */
export function accountOf({ metadata, spec }: Pod): PodAccount {
  return { namespace: metadata.namespace ?? '', name: spec?.serviceAccountName ?? 'default' };
}

/** What a job writes whose account may not make its Secret, before it ends with {@link REFUSED_CODE}. */
export function refusedLine({ namespace }: MadeSecret, account: PodAccount): string {
  const user = JSON.stringify(`system:serviceaccount:${account.namespace}:${account.name}`);
  const err = `secrets is forbidden: User ${user} cannot create resource "secrets" in API group "" in the namespace ${JSON.stringify(namespace)}`;
  return JSON.stringify({ level: 'fatal', msg: 'error creating secret', err });
}

/** The exit code of a job whose account may not make its Secret. */
export const REFUSED_CODE = 1;

/** Writes the Secret; one that is there is left as it is. */
export async function makeSecret(
  client: KubeClient,
  { namespace, name, data, type = 'Opaque', manager }: MadeSecret,
): Promise<void> {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, type, data };
  try {
    await client.create(RESOURCES.secrets, secret, { fieldManager: manager });
  } catch (error) {
    if (!isStatus(error, 'AlreadyExists')) throw error;
  }
}

/** Nobody shakes hands with it: text in the place of a certificate, base64. */
function pem(title: string, subject: string): string {
  const body = Buffer.from(subject).toString('base64');
  return Buffer.from(`-----BEGIN ${title}-----\n${body}\n-----END ${title}-----\n`).toString('base64');
}
