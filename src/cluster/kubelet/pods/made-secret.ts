import type { KubeClient } from '../../../client/kube-client.ts';
import type { Container } from '../../../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';

/** A Secret that a job is run to make. */
interface MadeSecret {
  readonly namespace: string;
  readonly name: string;
  /** base64 */
  readonly data: Readonly<Record<string, string>>;
  /** Who makes it. */
  readonly manager: string;
}

type Command = Pick<Container, 'command' | 'args'>;

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

/** Writes the Secret; one that is there is left as it is. */
export async function makeSecret(client: KubeClient, { namespace, name, data, manager }: MadeSecret): Promise<void> {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, type: 'Opaque', data };
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
