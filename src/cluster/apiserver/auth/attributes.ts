import { forbidden } from '../../registry/status.ts';
import type { StatusError } from '../../../kube/status-error.ts';
import type { UserInfo } from '../request.ts';

/** What a request wants to do to a resource. */
export interface ResourceAttributes {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  /** '' for all namespaces and for what is in none. */
  readonly namespace: string;
  /** '' for lists and creations. */
  readonly name: string;
}

/** What a request wants to do, for authorization. */
export interface Attributes {
  /** `get`, `list`, `create`, …; for paths the method in lower case. */
  readonly verb: string;
  readonly path: string;
  /** Undefined for paths that are no resource. */
  readonly resource?: ResourceAttributes | undefined;
}

/** What an authorizer says; what it does not allow, another one may. */
export interface Decision {
  readonly allowed: boolean;
  readonly reason: string;
}

/** `pods/log` */
export function combinedResource({ resource, subresource }: ResourceAttributes): string {
  return subresource === '' ? resource : `${resource}/${subresource}`;
}

/** 403 in the words of apiserver: pkg/endpoints/handlers/responsewriters/errors.go. */
export function refusal(user: UserInfo, attributes: Attributes, reason: string): StatusError {
  const who = `User ${JSON.stringify(user.name)}`;
  const why = reason === '' ? '' : `: ${reason}`;
  const { resource, verb, path } = attributes;
  if (resource === undefined) {
    return forbidden(undefined, '', `${who} cannot ${verb} path ${JSON.stringify(path)}${why}`);
  }
  const scope =
    resource.namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(resource.namespace)}`;
  const what = `cannot ${verb} resource ${JSON.stringify(combinedResource(resource))} in API group ${JSON.stringify(resource.group)} ${scope}`;
  return forbidden({ group: resource.group, resource: resource.resource }, resource.name, `${who} ${what}${why}`);
}
