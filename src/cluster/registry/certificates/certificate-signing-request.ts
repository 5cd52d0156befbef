import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../../kube/api/certificates-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import { isDomainPrefixedPath } from '../../../kube/names.ts';
import { formatTime } from '../../machinery/time.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Edit, Loose } from '../wire.ts';
import { requestDer } from './request-der.ts';

const USAGES: ReadonlySet<string> = new Set([
  'signing',
  'digital signature',
  'content commitment',
  'key encipherment',
  'key agreement',
  'data encipherment',
  'cert sign',
  'crl sign',
  'encipher only',
  'decipher only',
  'any',
  'server auth',
  'client auth',
  'code signing',
  'email protection',
  's/mime',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'timestamping',
  'ocsp signing',
  'microsoft sgc',
  'netscape sgc',
]);

type Request = CertificateSigningRequest;

/** kubernetes: pkg/registry/certificates/certificates/strategy.go */
export function certificateSigningRequestStrategy(): Strategy {
  return defineStrategy<Request>({
    type: resourceType('certificates.k8s.io/v1', 'CertificateSigningRequest', 'certificatesigningrequests', {
      clusterScoped: true,
      shortNames: ['csr'],
      subresources: ['approval', 'status'],
    }),
    defaults: ({ status }) => {
      for (const condition of status?.conditions ?? []) condition.status ||= 'True';
    },
    prepareForCreate: ({ spec = {} }, { user }) => {
      const { name, groups, uid, extra } = user;
      spec.username = name;
      spec.groups = [...groups];
      delete spec.uid;
      delete spec.extra;
      if (uid !== undefined && uid !== '') spec.uid = uid;
      if (extra !== undefined) {
        spec.extra = Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]]));
      }
    },
    // What is signed never changes.
    prepareForUpdate: keepSpec,
    validate: checkRequest,
    validateStatus: (request, old, faults) => {
      checkConditions(request, faults);
      const certificate = old.status?.certificate ?? '';
      if (certificate !== '' && request.status?.certificate !== certificate) {
        faults.forbidden('status.certificate', 'updates may not change certificate');
      }
    },
    subresources: {
      approval: {
        prepare: (request, old, { now }) => {
          keepSpec(request, old);
          dateConditions(request, old, now);
          const certificate = old.status?.certificate;
          const status = (request.status ??= {});
          if (certificate === undefined) delete status.certificate;
          else status.certificate = certificate;
        },
        validate: (request, _old, faults) => checkConditions(request, faults),
      },
    },
    selectableFields: ({ spec = {} }) => ({ 'spec.signerName': spec.signerName ?? '' }),
  });
}

function keepSpec(request: Edit<Request>, old: Loose<Request>): void {
  if (!deepEqual(request.spec, old.spec)) request.spec = old.spec as NonNullable<Edit<Request>['spec']>;
}

/** kubernetes: pkg/registry/certificates/certificates/strategy.go populateConditionTimestamps */
function dateConditions(request: Edit<Request>, old: Loose<Request>, now: number): void {
  const time = formatTime(now);
  for (const condition of request.status?.conditions ?? []) {
    const before = old.status?.conditions?.find(({ type }) => type === condition.type);
    const isSame = before?.status === condition.status;
    condition.lastTransitionTime ??= (isSame ? before?.lastTransitionTime : undefined) ?? time;
    condition.lastUpdateTime ??= time;
  }
}

function checkRequest({ spec = {} }: Loose<Request>, faults: Faults): void {
  const { usages = [], signerName = '', expirationSeconds: seconds } = spec;
  const request = spec.request ?? '';
  if (requestDer(request) === undefined) {
    faults.invalid('spec.request', request, 'PEM block type must be CERTIFICATE REQUEST');
  }
  if (usages.length === 0) faults.required('spec.usages', 'usages must be provided');
  usages.forEach((usage, i) => {
    if (!USAGES.has(usage)) faults.notSupported(`spec.usages[${i}]`, usage, [...USAGES].sort());
    if (usages.indexOf(usage) < i) faults.duplicate(`spec.usages[${i}]`, usage);
  });
  if (signerName === '') faults.required('spec.signerName');
  else faults.invalidEach('spec.signerName', signerName, isDomainPrefixedPath(signerName));
  if (signerName === 'kubernetes.io/legacy-unknown') {
    faults.invalid('spec.signerName', signerName, 'this signerName is not allowed via this API version');
  }
  if (seconds !== undefined && seconds < 600) {
    faults.invalid('spec.expirationSeconds', seconds, 'may not specify a duration less than 600 seconds (10 minutes)');
  }
}

function checkConditions({ status = {} }: Loose<Request>, faults: Faults): void {
  const seen = new Set<string>();
  const conditions: readonly Loose<CertificateSigningRequestCondition>[] = status.conditions ?? [];
  conditions.forEach(({ type = '', status: state = '' }, i) => {
    const at = `status.conditions[${i}]`;
    if (type === '') faults.required(`${at}.type`);
    else if (seen.has(type)) faults.duplicate(`${at}.type`, type);
    seen.add(type);
    const isDecision = type === 'Approved' || type === 'Denied' || type === 'Failed';
    if (state === '') faults.required(`${at}.status`);
    else if (isDecision) {
      if (state !== 'True') faults.notSupported(`${at}.status`, state, ['True']);
    } else if (!['True', 'False', 'Unknown'].includes(state)) {
      faults.notSupported(`${at}.status`, state, ['False', 'True', 'Unknown']);
    }
  });
  if (seen.has('Approved') && seen.has('Denied')) {
    faults.invalid('status.conditions', 'Denied', 'Approved and Denied conditions are mutually exclusive');
  }
}
