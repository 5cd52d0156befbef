import type { Logger } from '../../base/logger.ts';
import type { KubeClient, Watch } from '../../client/kube-client.ts';
import type { CertificateSigningRequest } from '../../kube/api/certificates-v1.generated.ts';
import type { KubeObject } from '../../kube/object.ts';
import { RESOURCES } from '../../kube/resources.ts';
import type { Attributes } from '../apiserver/auth/attributes.ts';
import type { UserInfo } from '../apiserver/request.ts';
import { completeObjects } from './complete-objects.ts';
import { isKubeletClientRequest, KUBELET_CLIENT } from './certificate-rules.ts';

type Request = KubeObject & CertificateSigningRequest;

/** What an approver works with. */
export interface ApproverOptions {
  readonly client: KubeClient;
  /** Whether a user may do something. */
  readonly mayDo: (user: UserInfo, attributes: Attributes) => boolean;
  readonly logger: Logger;
}

/**
 * Approves what kubelets ask for themselves, when who asks may create `certificatesigningrequests/selfnodeclient` (for the name that
 * it has) or `certificatesigningrequests/nodeclient` (for any node), until it is stopped.
 * kubernetes: pkg/controller/certificates/approver/sarapprove.go
 */
export function startCertificateApprover({ client, mayDo, logger }: ApproverOptions): Watch {
  return completeObjects<Request>({
    client,
    logger,
    resource: RESOURCES.certificateSigningRequests,
    subresource: 'approval',
    isDue: isOpen,
    complete: async (request) => {
      const message = await reasonToApprove(request, mayDo);
      if (message === undefined) return undefined;
      const approved = { type: 'Approved', status: 'True', reason: 'AutoApproved', message };
      return {
        ...request,
        status: { ...request.status, conditions: [...(request.status?.conditions ?? []), approved] },
      };
    },
  });
}

function isOpen({ spec, status }: Request): boolean {
  if (spec.signerName !== KUBELET_CLIENT) return false;
  const isAnswered = (status?.conditions ?? []).some(({ type }) => type === 'Approved' || type === 'Denied');
  return !isAnswered && (status?.certificate ?? '') === '';
}

async function reasonToApprove({ spec }: Request, mayDo: ApproverOptions['mayDo']): Promise<string | undefined> {
  const { readRequest } = await import('./certificates.ts');
  const { signerName, usages = [], username = '', groups = [], uid } = spec;
  let commonName: string;
  try {
    const facts = readRequest(spec.request);
    if (!isKubeletClientRequest(signerName, facts, usages)) return undefined;
    ({ commonName } = facts);
  } catch {
    // What cannot be read is nothing that a kubelet asked for.
    return undefined;
  }
  const user: UserInfo = { name: username, groups, uid };
  const may = (subresource: string): boolean => {
    const resource = {
      group: 'certificates.k8s.io',
      resource: 'certificatesigningrequests',
      subresource,
      namespace: '',
      name: '',
    };
    return mayDo(user, { verb: 'create', path: '', resource });
  };
  if (username === commonName && may('selfnodeclient')) {
    return 'Auto approving self kubelet client certificate after SubjectAccessReview.';
  }
  return may('nodeclient') ? 'Auto approving kubelet client certificate after SubjectAccessReview.' : undefined;
}
