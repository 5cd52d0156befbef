/** What a request for a certificate says of its subject. */
export interface RequestFacts {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
  readonly emails: readonly string[];
  readonly uris: readonly string[];
}

/** What a kubelet's certificates as a client are signed by. */
export const KUBELET_CLIENT = 'kubernetes.io/kube-apiserver-client-kubelet';
const CLIENT = 'kubernetes.io/kube-apiserver-client';
const KUBELET_SERVING = 'kubernetes.io/kubelet-serving';
const SIGNERS: ReadonlySet<string> = new Set([CLIENT, KUBELET_CLIENT, KUBELET_SERVING]);

const MASTERS = 'system:masters';
const NODES = 'system:nodes';
const NODE_PREFIX = 'system:node:';

/** True for the signers whose certificates the control plane makes. */
export function isOwnSigner(name: string): boolean {
  return SIGNERS.has(name);
}

/**
 * Why one of the own signers does not sign a request, in Kubernetes' words; undefined when it does.
 * kubernetes: pkg/controller/certificates/signer/signer.go, pkg/apis/certificates/helpers.go
 */
export function signerFault(signer: string, facts: RequestFacts, usages: readonly string[]): string | undefined {
  const { organizations, commonName } = facts;
  if (signer === CLIENT) {
    if (organizations.includes(MASTERS)) return `use of ${CLIENT} signer with ${MASTERS} group is not allowed`;
    return clientUsageFault(usages);
  }
  if (organizations.length !== 1 || organizations[0] !== NODES) return `subject organization is not ${NODES}`;
  const nameFault = commonName.startsWith(NODE_PREFIX)
    ? undefined
    : `subject common name does not begin with ${NODE_PREFIX}`;
  return signer === KUBELET_SERVING
    ? (servingNamesFault(facts) ?? usageFault(usages, 'server auth') ?? nameFault)
    : (clientNamesFault(facts) ?? nameFault ?? usageFault(usages, 'client auth'));
}

/** True when a request is one that a kubelet makes for itself. */
export function isKubeletClientRequest(signer: string, facts: RequestFacts, usages: readonly string[]): boolean {
  return signer === KUBELET_CLIENT && signerFault(signer, facts, usages) === undefined;
}

function clientUsageFault(usages: readonly string[]): string | undefined {
  const allowed = ['digital signature', 'key encipherment', 'client auth'];
  const other = usages.find((usage) => !allowed.includes(usage));
  if (other !== undefined) return `invalid usage for client certificate: ${other}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

function clientNamesFault({ dnsNames, emails, addresses, uris }: RequestFacts): string | undefined {
  if (dnsNames.length > 0) return 'DNS subjectAltNames are not allowed';
  if (emails.length > 0) return 'Email subjectAltNames are not allowed';
  if (addresses.length > 0) return 'IP subjectAltNames are not allowed';
  return uris.length > 0 ? 'URI subjectAltNames are not allowed' : undefined;
}

function servingNamesFault({ dnsNames, emails, addresses, uris }: RequestFacts): string | undefined {
  if (dnsNames.length === 0 && addresses.length === 0) return 'DNS or IP subjectAltName is required';
  if (emails.length > 0) return 'Email subjectAltNames are not allowed';
  return uris.length > 0 ? 'URI subjectAltNames are not allowed' : undefined;
}

/** Kubelets ask for just these; the encipherment of keys is for RSA alone. */
function usageFault(usages: readonly string[], purpose: string): string | undefined {
  const needed = ['digital signature', purpose];
  const rest = usages.filter((usage) => usage !== 'key encipherment');
  if (rest.length === needed.length && needed.every((usage) => rest.includes(usage))) return undefined;
  return `usages did not match [${[...needed, 'key encipherment'].sort().join(' ')}]`;
}
