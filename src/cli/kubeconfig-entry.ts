import { readKubeconfig } from '../client/http/kubeconfig.ts';
import type { KubeconfigEntry } from '../client/http/kubeconfig-text.ts';

/** The entry of a kubeconfig that a cluster wrote of itself. @throws PintleError `target` */
export function readKubeconfigEntry(path: string, text: string, name: string): KubeconfigEntry {
  const { server, certificateAuthority, token = '' } = readKubeconfig([{ path, text }], name);
  const authority = certificateAuthority !== undefined && 'pem' in certificateAuthority ? certificateAuthority.pem : '';
  return { name, server, authority, token };
}
