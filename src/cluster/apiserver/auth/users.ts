import type { UserInfo } from '../request.ts';

export const AUTHENTICATED = 'system:authenticated';

/** Who brings no credentials. */
export const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

const PREFIX = 'system:serviceaccount:';

/** A ServiceAccount as a user. kubernetes: pkg/serviceaccount/util.go */
export function serviceAccountUser(namespace: string, name: string): UserInfo {
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, AUTHENTICATED];
  return { name: `${PREFIX}${namespace}:${name}`, groups };
}

/** The account that a user name means, if any. */
export function serviceAccountOf(user: string): { readonly namespace: string; readonly name: string } | undefined {
  if (!user.startsWith(PREFIX)) return undefined;
  const [namespace = '', name = '', ...more] = user.slice(PREFIX.length).split(':');
  return namespace === '' || name === '' || more.length > 0 ? undefined : { namespace, name };
}
