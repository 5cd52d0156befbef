import type { TokenRequest } from '../../../kube/api/authentication-v1.generated.ts';
import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import type { KubeObject, ResourceType } from '../../../kube/object.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { Faults } from '../../registry/faults.ts';
import { badRequest, conflict, invalid, notFound } from '../../registry/status.ts';
import { type BoundObject, boundKind, ISSUER, type ServiceAccountTokens } from '../auth/service-account-tokens.ts';
import { formatTime } from '../../machinery/time.ts';
import { decodeReview } from './reviews.ts';
import { type VirtualResource, virtualType } from './virtual-resource.ts';

const TYPE = virtualType(['authentication.k8s.io', 'tokenrequests', 'TokenRequest']);
const DEFAULT_SECONDS = 3600;
const LEAST_SECONDS = 600;
const MOST_SECONDS = 2 ** 32;

/** Committed state. */
export type Lookup = (type: ResourceType, namespace: string, name: string) => KubeObject | undefined;

/** `serviceaccounts/NAME/token`. kubernetes: pkg/registry/core/serviceaccount/storage/token.go */
export function tokenRequests(tokens: ServiceAccountTokens, get: Lookup): VirtualResource {
  return {
    type: RESOURCES.serviceAccounts,
    subresource: 'token',
    answer: async ({ namespace, name, body }) => {
      const request = decodeReview(TYPE, body) as KubeObject & TokenRequest;
      const account = get(RESOURCES.serviceAccounts, namespace, name);
      if (account === undefined) throw notFound(RESOURCES.serviceAccounts, name);
      check(request, name, namespace);
      const { audiences } = request.spec;
      const expirationSeconds = request.spec.expirationSeconds ?? DEFAULT_SECONDS;
      const bound = boundObject(request, namespace, { account: name, get });
      const all = (audiences ?? []).length === 0 ? [ISSUER] : audiences;
      const { token, expires } = await tokens.issue(account, { audiences: all, expirationSeconds, bound });
      const metadata = { ...request.metadata, name, namespace };
      const spec = { ...request.spec, audiences: all, expirationSeconds };
      return {
        code: 201,
        body: { ...request, metadata, spec, status: { token, expirationTimestamp: formatTime(expires) } },
      };
    },
  };
}

function check({ metadata, spec }: KubeObject & TokenRequest, name: string, namespace: string): void {
  if ((metadata.name ?? name) !== name || (metadata.namespace ?? namespace) !== namespace) {
    throw badRequest(`the name of the TokenRequest must be that of its service account, ${name}`);
  }
  // What Go writes as null was not given.
  const seconds = spec.expirationSeconds ?? undefined;
  const faults = new Faults();
  const field = 'spec.expirationSeconds';
  if (seconds !== undefined && seconds < LEAST_SECONDS) {
    faults.invalid(field, seconds, 'may not specify a duration less than 10 minutes');
  }
  if (seconds !== undefined && seconds > MOST_SECONDS) {
    faults.invalid(field, seconds, 'may not specify a duration larger than 2^32 seconds');
  }
  if (faults.count > 0) throw invalid({ group: TYPE.group, kind: TYPE.kind }, '', faults.list);
}

function boundObject(
  { spec }: KubeObject & TokenRequest,
  namespace: string,
  { account, get }: { readonly account: string; readonly get: Lookup },
): BoundObject | undefined {
  const reference = spec.boundObjectRef ?? undefined;
  if (reference === undefined) return undefined;
  const kind = boundKind(reference);
  if (kind === undefined) {
    throw badRequest(`cannot bind token for serviceaccount "${account}" to object of kind "${reference.kind ?? ''}"`);
  }
  const type = kind === 'Pod' ? RESOURCES.pods : kind === 'Secret' ? RESOURCES.secrets : RESOURCES.nodes;
  const { name = '', uid = '' } = reference;
  const object = get(type, kind === 'Node' ? '' : namespace, name);
  if (object === undefined) throw notFound(type, name);
  const found = object.metadata.uid ?? '';
  if (uid !== '' && uid !== found) {
    throw conflict(
      type,
      name,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  const bound = { kind, name, uid: found };
  if (kind !== 'Pod') return bound;
  const { serviceAccountName, nodeName = '' } = (object as Pod).spec ?? { containers: [] };
  if (serviceAccountName !== account) {
    throw badRequest(
      `cannot bind token for serviceaccount "${account}" to pod running with different serviceaccount name.`,
    );
  }
  const node = nodeName === '' ? undefined : get(RESOURCES.nodes, '', nodeName);
  return { ...bound, node: node === undefined ? undefined : { name: nodeName, uid: node.metadata.uid ?? '' } };
}
