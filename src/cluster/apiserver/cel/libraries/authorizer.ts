import type { Environment } from '@marcbachmann/cel-js';
import { isDns1123Label, isDns1123Subdomain } from '../../../../kube/names.ts';
import type { Attributes, Decision, ResourceAttributes } from '../../auth/attributes.ts';
import type { UserInfo } from '../../request.ts';

/** Says whether a user may do something. */
export type Authorize = (user: UserInfo, attributes: Attributes) => Decision;

/** The variable `authorizer`: what the user of the request may do. */
export class CelAuthorizer {
  readonly user: UserInfo;
  readonly authorize: Authorize;
  /** What the request itself is about. */
  readonly requestResource: CelResourceCheck;

  constructor(user: UserInfo, authorize: Authorize, resource: ResourceAttributes) {
    this.user = user;
    this.authorize = authorize;
    this.requestResource = new CelResourceCheck(this, resource);
  }
}

/** A resource that an expression asks for. */
class CelResourceCheck {
  readonly authorizer: CelAuthorizer;
  readonly resource: ResourceAttributes;

  constructor(authorizer: CelAuthorizer, resource: ResourceAttributes) {
    this.authorizer = authorizer;
    this.resource = resource;
  }

  with(change: Partial<ResourceAttributes>): CelResourceCheck {
    return new CelResourceCheck(this.authorizer, { ...this.resource, ...change });
  }
}

class CelPathCheck {
  readonly authorizer: CelAuthorizer;
  readonly path: string;

  constructor(authorizer: CelAuthorizer, path: string) {
    this.authorizer = authorizer;
    this.path = path;
  }
}

class CelGroupCheck {
  readonly authorizer: CelAuthorizer;
  readonly group: string;

  constructor(authorizer: CelAuthorizer, group: string) {
    this.authorizer = authorizer;
    this.group = group;
  }
}

class CelDecision {
  readonly decision: Decision;

  constructor(decision: Decision) {
    this.decision = decision;
  }
}

/** Checks of permissions. apiserver: pkg/cel/library/authz.go */
export function registerAuthorizer(env: Environment): void {
  const [authorizer, path, group, resource, decision] = [
    'Authorizer',
    'PathCheck',
    'GroupCheck',
    'ResourceCheck',
    'Decision',
  ].map((name) => `kubernetes.authorization.${name}`);
  env
    .registerType(`${resource}`, { ctor: CelResourceCheck, fields: {} })
    .registerType(`${authorizer}`, { ctor: CelAuthorizer, fields: { requestResource: `${resource}` } })
    .registerType(`${path}`, { ctor: CelPathCheck, fields: {} })
    .registerType(`${group}`, { ctor: CelGroupCheck, fields: {} })
    .registerType(`${decision}`, { ctor: CelDecision, fields: {} })
    .registerFunction(`${authorizer}.path(string): ${path}`, (self: CelAuthorizer, text: string) => {
      if (text.trim() === '') throw new Error('path must not be empty');
      return new CelPathCheck(self, text);
    })
    .registerFunction(
      `${authorizer}.group(string): ${group}`,
      (self: CelAuthorizer, name: string) => new CelGroupCheck(self, name),
    )
    .registerFunction(`${authorizer}.serviceAccount(string, string): ${authorizer}`, serviceAccount)
    .registerFunction(`${group}.resource(string): ${resource}`, (self: CelGroupCheck, name: string) => {
      if (name.trim() === '') throw new Error('resource must not be empty');
      return new CelResourceCheck(self.authorizer, {
        group: self.group,
        resource: name,
        subresource: '',
        namespace: '',
        name: '',
      });
    })
    .registerFunction(`${resource}.subresource(string): ${resource}`, (self: CelResourceCheck, subresource: string) =>
      self.with({ subresource }),
    )
    .registerFunction(`${resource}.namespace(string): ${resource}`, (self: CelResourceCheck, namespace: string) =>
      self.with({ namespace }),
    )
    .registerFunction(`${resource}.name(string): ${resource}`, (self: CelResourceCheck, name: string) =>
      self.with({ name }),
    )
    // Roles know no selectors: a check with one is a check without it.
    .registerFunction(`${resource}.fieldSelector(string): ${resource}`, (self: CelResourceCheck) => self)
    .registerFunction(`${resource}.labelSelector(string): ${resource}`, (self: CelResourceCheck) => self)
    .registerFunction(`${resource}.check(string): ${decision}`, checkResource)
    .registerFunction(`${path}.check(string): ${decision}`, (self: CelPathCheck, verb: string) => {
      const { user, authorize } = self.authorizer;
      return new CelDecision(authorize(user, { verb, path: self.path }));
    })
    .registerFunction(`${decision}.allowed(): bool`, (self: CelDecision) => self.decision.allowed)
    .registerFunction(`${decision}.reason(): string`, (self: CelDecision) => self.decision.reason)
    .registerFunction(`${decision}.errored(): bool`, () => false)
    .registerFunction(`${decision}.error(): string`, () => '');
}

function checkResource({ authorizer: { user, authorize }, resource }: CelResourceCheck, verb: string): CelDecision {
  return new CelDecision(authorize(user, { verb, path: '', resource }));
}

function serviceAccount(self: CelAuthorizer, namespace: string, name: string): CelAuthorizer {
  if (isDns1123Subdomain(name).length > 0) throw new Error('Invalid service account name');
  if (isDns1123Label(namespace).length > 0) throw new Error('Invalid service account namespace');
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  return new CelAuthorizer(
    { name: `system:serviceaccount:${namespace}:${name}`, groups },
    self.authorize,
    self.requestResource.resource,
  );
}
