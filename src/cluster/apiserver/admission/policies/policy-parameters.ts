import type { ParamKind, ParamRef } from '../../../../kube/api/admissionregistration-v1.generated.ts';
import { labelSelectorMatcher } from '../../../../kube/labels.ts';
import type { GroupVersionKind, KubeObject } from '../../../../kube/object.ts';
import type { AdmissionRequest } from '../plugin.ts';

/** A policy or binding that cannot be used as it is. */
export class ConfigurationFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigurationFault';
  }
}

/**
 * The parameters that a binding names; undefined stands for none, with which the policy is evaluated as well.
 * apiserver: pkg/admission/plugin/policy/generic/policy_dispatcher.go (CollectParams)
 *
 * @throws ConfigurationFault
 */
export function parametersOf(
  kind: ParamKind | undefined,
  reference: ParamRef | undefined,
  request: AdmissionRequest,
): readonly (KubeObject | undefined)[] {
  if (kind === undefined) return [undefined];
  const type = request.resourceFor(groupVersionKind(kind));
  if (type === undefined) {
    const text = `{${kind.apiVersion ?? ''} ${kind.kind ?? ''}}`;
    throw new ConfigurationFault(`failed to find resource referenced by paramKind: '${text}'`);
  }
  if (reference === undefined) return [undefined];
  const { name = '', namespace: own = '', selector, parameterNotFoundAction } = reference;
  if (own !== '' && !type.namespaced) {
    throw new ConfigurationFault('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  }
  const namespace = own === '' ? request.namespace : own;
  if (type.namespaced && namespace === '') {
    const text = 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources';
    throw new ConfigurationFault(text);
  }
  let found: readonly KubeObject[];
  if (name !== '') {
    const object = request.get(type, namespace, name);
    found = object === undefined ? [] : [object];
  } else {
    const matcher = labelSelectorMatcher(selector ?? {});
    const all = request.list(type, type.namespaced ? namespace : undefined);
    found = all.filter(({ metadata }) => matcher.matches(metadata.labels ?? {}));
  }
  if (found.length === 0 && parameterNotFoundAction === 'Deny') {
    throw new ConfigurationFault('no params found for policy binding with `Deny` parameterNotFoundAction');
  }
  return found;
}

function groupVersionKind({ apiVersion = '', kind = '' }: ParamKind): GroupVersionKind {
  const slash = apiVersion.indexOf('/');
  return slash === -1
    ? { group: '', version: apiVersion, kind }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind };
}
