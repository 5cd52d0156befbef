import type { KubeClient } from '../../../client/kube-client.ts';
import type { Container } from '../../../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';

/** The Secret that a job which makes certificates for webhooks is to write. */
export interface CertificateJob {
  readonly namespace: string;
  readonly name: string;
  readonly host: string;
  /** Under which keys certificate, key and authority stand. */
  readonly keys: { readonly certificate: string; readonly key: string; readonly authority: string };
}

/**
 * What a container of kube-webhook-certgen is asked to make; undefined for all others. Charts of admission webhooks run it
 * before anything else, and mount what it writes. ingress-nginx: images/kube-webhook-certgen
 */
export function certificateJob(
  image: string,
  { command = [], args = [] }: Pick<Container, 'command' | 'args'>,
  namespace: string,
): CertificateJob | undefined {
  if (!/(?:^|\/)kube-webhook-certgen(?:[:@]|$)/.test(image)) return undefined;
  const words = [...command, ...args];
  if (!words.includes('create')) return undefined;
  const name = option(words, 'secret-name');
  if (name === undefined) return undefined;
  return {
    namespace: option(words, 'namespace') ?? namespace,
    name,
    host: option(words, 'host')?.split(',')[0] ?? name,
    keys: {
      certificate: option(words, 'cert-name') ?? 'cert',
      key: option(words, 'key-name') ?? 'key',
      authority: option(words, 'ca-name') ?? 'ca',
    },
  };
}

function option(words: readonly string[], name: string): string | undefined {
  const at = words.findIndex((word) => word === `--${name}`);
  if (at !== -1) return words[at + 1];
  return words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
}

/** Writes the Secret; one that is there is left as it is. */
export async function createCertificate(
  client: KubeClient,
  { namespace, name, host, keys }: CertificateJob,
): Promise<void> {
  const data = {
    [keys.authority]: pem('CERTIFICATE', `authority of ${host}`),
    [keys.certificate]: pem('CERTIFICATE', host),
    [keys.key]: pem('EC PRIVATE KEY', host),
  };
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, type: 'Opaque', data };
  try {
    await client.create(RESOURCES.secrets, secret, { fieldManager: 'kube-webhook-certgen' });
  } catch (error) {
    if (!isStatus(error, 'AlreadyExists')) throw error;
  }
}

/** Nobody shakes hands with it: text in the place of a certificate, base64. */
function pem(title: string, subject: string): string {
  const body = Buffer.from(subject).toString('base64');
  return Buffer.from(`-----BEGIN ${title}-----\n${body}\n-----END ${title}-----\n`).toString('base64');
}
