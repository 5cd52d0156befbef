import type { CertificateSigningRequest } from '../../../kube/api/certificates-v1.generated.ts';
import { requestDer } from '../../registry/certificates/request-der.ts';
import { forbidden } from '../../registry/status.ts';
import type { AdmissionPlugin } from './plugin.ts';

const SIGNER = 'kubernetes.io/kube-apiserver-client';
const MASTERS = 'system:masters';
/** The object identifier of an organization in a name: tag, length, 2.5.4.10. */
const ORGANIZATION = Buffer.from([0x06, 0x03, 0x55, 0x04, 0x0a]);

/**
 * Refuses requests for certificates of clients that would make administrators, as far as that shows without reading all of ASN.1;
 * the signer refuses those that hide it.
 * kubernetes: plugin/pkg/admission/certificates/subjectrestriction
 */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  resources: ['certificates.k8s.io/certificatesigningrequests'],
  validate({ operation, subresource, draft, type, name }) {
    if (operation !== 'CREATE' || subresource !== '' || draft === undefined) return;
    const { spec } = draft as unknown as CertificateSigningRequest;
    if (spec.signerName !== SIGNER || !organizationsOf(spec.request).includes(MASTERS)) return;
    throw forbidden(type, name, `use of ${SIGNER} signer with ${MASTERS} group is not allowed`);
  },
};

/** The organizations in the subject of a request, base64 of PEM. */
function organizationsOf(request: string): string[] {
  const der = requestDer(request) ?? Buffer.alloc(0);
  const out: string[] = [];
  for (let at = der.indexOf(ORGANIZATION); at !== -1; at = der.indexOf(ORGANIZATION, at + 1)) {
    // A string follows: its tag, its length, which is less than 128 for all names of interest, and the text.
    const length = der[at + ORGANIZATION.length + 1] ?? 0;
    const start = at + ORGANIZATION.length + 2;
    out.push(der.toString('utf8', start, start + length));
  }
  return out;
}
