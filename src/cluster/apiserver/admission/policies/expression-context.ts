import { isObject } from '../../../../base/json.ts';
import type { MatchCondition } from '../../../../kube/api/admissionregistration-v1.generated.ts';
import type { KubeObject, ResourceType } from '../../../../kube/object.ts';
import { RESOURCES } from '../../../../kube/resources.ts';
import { RbacAuthorizer } from '../../auth/rbac-authorizer.ts';
import { CelBudget, CelFailure, type CelVariables } from '../../cel/cel-library.ts';
import { celValue } from '../../cel/cel-values.ts';
import { CelAuthorizer } from '../../cel/libraries/authorizer.ts';
import type { AdmissionRequest } from '../plugin.ts';

/** Variables that all expressions of admission have. apiserver: pkg/admission/plugin/cel/compile.go */
export const ADMISSION_VARIABLES: CelVariables = {
  object: 'dyn',
  oldObject: 'dyn',
  request: 'dyn',
  namespaceObject: 'dyn',
  authorizer: 'kubernetes.authorization.Authorizer',
};

/** Steps of the conditions of one webhook or binding. apiserver: pkg/apis/cel/config.go */
const CONDITION_STEPS = 2_500_000;

/**
 * The values of the variables for a request.
 *
 * @param type the version that was matched
 */
export function expressionContext(request: AdmissionRequest, type: ResourceType): Readonly<Record<string, unknown>> {
  const lazily = new Map<string, unknown>();
  const lazy = (name: string, make: () => unknown): unknown => {
    if (!lazily.has(name)) lazily.set(name, make());
    return lazily.get(name);
  };
  const show = (object: KubeObject | undefined): unknown =>
    object === undefined ? null : celValue(request.convert(object, type.version));
  return {
    get object() {
      return lazy('object', () => show(request.draft));
    },
    get oldObject() {
      return lazy('oldObject', () => show(request.old));
    },
    get request() {
      return lazy('request', () => celValue(requestObject(request, type)));
    },
    get namespaceObject() {
      return lazy('namespaceObject', () => namespaceObject(request));
    },
    get authorizer() {
      return lazy('authorizer', () => authorizerOf(request));
    },
  };
}

/** The request as webhooks and expressions see it, without its objects. admission.k8s.io/v1 */
export function requestObject(request: AdmissionRequest, type: ResourceType): Record<string, unknown> {
  const { subresource, name, user, operation, dryRun, options } = request;
  const { group, version, resource } = request.type;
  const named = (key: string, value: string): object => (value === '' ? {} : { [key]: value });
  const kind =
    subresource === '' ? { group: type.group, version: type.version, kind: type.kind } : plainKind(request.kind);
  return {
    kind,
    resource: { group: type.group, version: type.version, resource: type.resource },
    ...named('subResource', subresource),
    requestKind: plainKind(request.kind),
    requestResource: { group, version, resource },
    ...named('requestSubResource', subresource),
    ...named('name', name),
    ...named('namespace', namespaceOf(request)),
    operation,
    userInfo: {
      username: user.name,
      ...(user.uid === undefined ? {} : { uid: user.uid }),
      groups: user.groups,
      ...(user.extra === undefined ? {} : { extra: user.extra }),
    },
    dryRun,
    options,
  };
}

function plainKind({ group, version, kind }: AdmissionRequest['kind']): object {
  return { group, version, kind };
}

/** A namespace is said to be in itself. */
function namespaceOf({ type, namespace, name }: AdmissionRequest): string {
  return type.group === '' && type.resource === 'namespaces' ? name : namespace;
}

function namespaceObject(request: AdmissionRequest): unknown {
  if (request.namespace === '') return null;
  const namespace = request.get(RESOURCES.namespaces, undefined, request.namespace);
  if (namespace === undefined) return null;
  const { metadata, spec, status } = namespace as KubeObject & { spec?: unknown; status?: unknown };
  const shown: Record<string, unknown> = { ...metadata };
  delete shown['managedFields'];
  delete shown['ownerReferences'];
  return celValue({ metadata: shown, ...(isObject(spec) ? { spec } : {}), ...(isObject(status) ? { status } : {}) });
}

function authorizerOf({ get, list, user, type, subresource, namespace, name }: AdmissionRequest): CelAuthorizer {
  const rbac = new RbacAuthorizer({ get, list });
  const resource = { group: type.group, resource: type.resource, subresource, namespace, name };
  return new CelAuthorizer(user, (who, attributes) => rbac.authorize(who, attributes), resource);
}

/**
 * Whether all conditions hold. One that is false decides, whatever becomes of the others.
 *
 * @param failurePolicy what conditions that cannot be evaluated count as: `Ignore` as false
 * @throws CelFailure with the policy `Fail`
 */
export function conditionsHold(
  conditions: readonly MatchCondition[] | undefined,
  request: AdmissionRequest,
  {
    variables = ADMISSION_VARIABLES,
    values,
    failurePolicy = 'Fail',
  }: {
    readonly variables?: CelVariables;
    readonly values: Readonly<Record<string, unknown>>;
    readonly failurePolicy?: string | undefined;
  },
): boolean {
  if (conditions === undefined || conditions.length === 0) return true;
  const cel = request.cel();
  const budget = new CelBudget(CONDITION_STEPS);
  const failures: string[] = [];
  for (const { expression } of conditions) {
    const compiled = cel.compile(expression, variables);
    try {
      if (compiled.fault !== undefined) failures.push(`compilation error: ${compiled.fault}`);
      else if (compiled.run(values, budget) === false) return false;
    } catch (error) {
      if (!(error instanceof CelFailure)) throw error;
      failures.push(failureText(expression, error));
    }
  }
  if (failures.length === 0) return true;
  if (failurePolicy === 'Ignore') return false;
  throw new CelFailure(failures.length === 1 ? (failures[0] ?? '') : `[${failures.join(', ')}]`);
}

/** A failure of an expression as the server tells of it. */
export function failureText(expression: string, { message, reason }: CelFailure): string {
  return reason === 'budget' ? message : `expression '${expression}' resulted in error: ${message}`;
}
