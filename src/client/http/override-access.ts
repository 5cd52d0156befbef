import { PintleError } from '../../base/errors.ts';
import type { ClusterAccess } from './kubeconfig.ts';

/** What takes the place of a kubeconfig's fields, or of a whole kubeconfig. Paths are absolute. */
export interface AccessOverrides {
  /** `https://host:6443` */
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly authorityFile?: string | undefined;
  readonly tlsServerName?: string | undefined;
  readonly insecureSkipTlsVerify?: boolean | undefined;
  readonly user?: string | undefined;
  readonly groups: readonly string[];
}

/**
 * The access with what a command line overrides. client-go: tools/clientcmd/overrides.go, validation.go.
 *
 * @param access of the kubeconfig's context; undefined where there is none
 * @throws PintleError `target` where the whole says no cluster, or groups of nobody
 */
export function overrideAccess(access: ClusterAccess | undefined, overrides: AccessOverrides): ClusterAccess {
  const { server, token, authorityFile, tlsServerName, user, groups } = overrides;
  const base = access ?? blank(server);
  const impersonate =
    user === undefined
      ? base.impersonate
      : { user, uid: base.impersonate?.uid, groups: groups.length > 0 ? groups : (base.impersonate?.groups ?? []) };
  if (impersonate === undefined && groups.length > 0) {
    throw new PintleError(
      'target',
      `invalid configuration: requesting uid, groups or user-extra for ${base.context} without impersonating a user`,
      { hint: 'name the user with --kube-as-user' },
    );
  }
  const insecure = overrides.insecureSkipTlsVerify ?? base.insecureSkipTlsVerify;
  return {
    ...base,
    server: server ?? base.server,
    tlsServerName: tlsServerName ?? base.tlsServerName,
    insecureSkipTlsVerify: insecure,
    certificateAuthority:
      overrides.insecureSkipTlsVerify === true
        ? undefined
        : authorityFile === undefined
          ? base.certificateAuthority
          : { file: authorityFile },
    ...(token === undefined ? {} : { token, tokenFile: undefined, exec: undefined }),
    impersonate,
  };
}

function blank(server: string | undefined): ClusterAccess {
  if (server === undefined) {
    throw new PintleError('target', 'invalid configuration: no configuration has been provided', {
      hint: 'name a kubeconfig with --kubeconfig, or a server with --kube-apiserver',
    });
  }
  return {
    context: '',
    server,
    namespace: undefined,
    tlsServerName: undefined,
    insecureSkipTlsVerify: false,
    proxyUrl: undefined,
    certificateAuthority: undefined,
    clientCertificate: undefined,
    clientKey: undefined,
    token: undefined,
    tokenFile: undefined,
    username: undefined,
    password: undefined,
    exec: undefined,
    impersonate: undefined,
  };
}
