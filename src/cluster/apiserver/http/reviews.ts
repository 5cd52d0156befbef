import type {
  LocalSubjectAccessReview,
  NonResourceAttributes,
  ResourceAttributes,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
} from '../../../kube/api/authorization-v1.generated.ts';
import type { TokenReview } from '../../../kube/api/authentication-v1.generated.ts';
import type { PolicyRule } from '../../../kube/api/rbac-v1.generated.ts';
import { DecodeError, decodeObject } from '../../../kube/decode.ts';
import { apiVersionOf, type KubeObject, type ResourceType } from '../../../kube/object.ts';
import { Faults } from '../../registry/faults.ts';
import { badRequest, invalid } from '../../registry/status.ts';
import type { Attributes, Decision } from '../auth/attributes.ts';
import type { RbacAuthorizer } from '../auth/rbac-authorizer.ts';
import { ISSUER } from '../auth/service-account-tokens.ts';
import type { UserInfo } from '../request.ts';
import type { RequestAuthenticator } from './authenticate.ts';
import { type VirtualCall, type VirtualResource, virtualType } from './virtual-resource.ts';

const AUTHENTICATION = 'authentication.k8s.io';
const AUTHORIZATION = 'authorization.k8s.io';

/** Who may do what, and who somebody is, as resources that are only created. */
export function reviewResources(authenticator: RequestAuthenticator, authorizer: RbacAuthorizer): VirtualResource[] {
  const review = (
    type: ResourceType,
    status: (body: KubeObject, call: VirtualCall) => Promise<object> | object,
  ): VirtualResource => ({
    type,
    subresource: '',
    answer: async (call) => {
      const body = decodeReview(type, call.body);
      return { code: 201, body: { ...body, status: await status(body, call) } };
    },
  });
  return [
    review(virtualType([AUTHENTICATION, 'selfsubjectreviews', 'SelfSubjectReview']), (_, { user }) => ({
      userInfo: userInfo(user),
    })),
    review(virtualType([AUTHENTICATION, 'tokenreviews', 'TokenReview']), (body) => {
      const { token = '', audiences = [] } = (body as KubeObject & TokenReview).spec;
      return reviewToken(authenticator, token, audiences);
    }),
    review(virtualType([AUTHORIZATION, 'selfsubjectaccessreviews', 'SelfSubjectAccessReview']), (body, { user }) =>
      reviewStatus(authorizer.authorize(user, attributesOf((body as KubeObject & SelfSubjectAccessReview).spec))),
    ),
    review(virtualType([AUTHORIZATION, 'selfsubjectrulesreviews', 'SelfSubjectRulesReview']), (body, { user }) => {
      const { namespace = '' } = (body as KubeObject & SelfSubjectRulesReview).spec;
      if (namespace === '') throw badRequest('no namespace on request');
      return rulesStatus(authorizer.rules(user, namespace));
    }),
    review(virtualType([AUTHORIZATION, 'subjectaccessreviews', 'SubjectAccessReview']), (body) =>
      reviewSubject(authorizer, body as KubeObject & SubjectAccessReview),
    ),
    review(
      virtualType([AUTHORIZATION, 'localsubjectaccessreviews', 'LocalSubjectAccessReview'], { namespaced: true }),
      (body, { namespace }) => {
        const review = body as KubeObject & LocalSubjectAccessReview;
        if (review.spec.resourceAttributes?.namespace !== namespace) {
          throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`);
        }
        return reviewSubject(authorizer, review);
      },
    ),
  ];
}

/** The body with the kind that the path means. @throws StatusError 400 */
export function decodeReview(type: ResourceType, body: VirtualCall['body']): KubeObject {
  if (body === undefined) throw badRequest('the body of the request is empty');
  const { kind = type.kind, apiVersion = apiVersionOf(type) } = body;
  if (kind !== type.kind) throw badRequest(`the body of the request is no ${type.kind}: ${JSON.stringify(kind)}`);
  if (apiVersion !== apiVersionOf(type)) {
    throw badRequest(
      `the API version in the data (${JSON.stringify(apiVersion)}) does not match the expected API version (${apiVersionOf(type)})`,
    );
  }
  try {
    return decodeObject(type, { spec: {}, ...body, apiVersion, kind }, 'Ignore').object;
  } catch (error) {
    if (error instanceof DecodeError) throw error.toStatusError(type);
    throw error;
  }
}

interface Asked {
  readonly resourceAttributes?: ResourceAttributes | undefined;
  readonly nonResourceAttributes?: NonResourceAttributes | undefined;
}

/** @throws StatusError 422 unless it asks for one of the two */
function attributesOf({ resourceAttributes: resource, nonResourceAttributes: path }: Asked): Attributes {
  const faults = new Faults();
  if (resource !== undefined && path !== undefined) {
    faults.invalid('spec.nonResourceAttributes', path, 'cannot be specified in combination with resourceAttributes');
  } else if (resource === undefined && path === undefined) {
    faults.invalid(
      'spec.resourceAttributes',
      null,
      'exactly one of nonResourceAttributes or resourceAttributes must be specified',
    );
  }
  if (faults.count > 0) throw invalid({ group: AUTHORIZATION, kind: 'SelfSubjectAccessReview' }, '', faults.list);
  if (resource === undefined) return { verb: path?.verb ?? '', path: path?.path ?? '' };
  const { group = '', name = '', namespace = '', subresource = '', verb = '' } = resource;
  return {
    verb,
    path: '',
    resource: { group, resource: resource.resource ?? '', subresource, namespace, name },
  };
}

function reviewSubject(authorizer: RbacAuthorizer, { kind, spec }: SubjectAccessReview): object {
  const { user: name = '', groups = [], uid } = spec;
  if (name === '' && groups.length === 0) {
    const faults = new Faults();
    faults.invalid('spec.user', name, 'at least one of user or group must be specified');
    throw invalid({ group: AUTHORIZATION, kind }, '', faults.list);
  }
  return reviewStatus(authorizer.authorize({ name, groups, uid }, attributesOf(spec)));
}

function reviewStatus({ allowed, reason }: Decision): object {
  return { allowed, ...(reason === '' ? {} : { reason }) };
}

function rulesStatus({ rules, faults }: { readonly rules: readonly PolicyRule[]; readonly faults: string }): object {
  const ofResources = rules.filter(({ nonResourceURLs = [] }) => nonResourceURLs.length === 0);
  const ofPaths = rules.filter(({ nonResourceURLs = [] }) => nonResourceURLs.length > 0);
  return {
    resourceRules: ofResources,
    nonResourceRules: ofPaths.map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: false,
    ...(faults === '' ? {} : { evaluationError: faults }),
  };
}

async function reviewToken(
  authenticator: RequestAuthenticator,
  token: string,
  audiences: readonly string[],
): Promise<object> {
  if (token === '') throw badRequest('token is required for TokenReview in authentication');
  const good = await authenticator.review(token);
  const wanted = audiences.length === 0 ? [ISSUER] : audiences;
  const common = good?.audiences.filter((audience) => wanted.includes(audience)) ?? [];
  if (good === undefined || common.length === 0) {
    return { user: {}, error: good === undefined ? 'invalid bearer token' : 'token audiences do not match' };
  }
  return { authenticated: true, user: userInfo(good.user), audiences: common };
}

function userInfo({ name, groups, uid, extra }: UserInfo): object {
  return {
    username: name,
    ...(uid === undefined ? {} : { uid }),
    groups,
    ...(extra === undefined ? {} : { extra }),
  };
}
