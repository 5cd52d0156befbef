import { parseFieldSelector } from '../../kube/fields.ts';
import { parseLabelSelector, SelectorError } from '../../kube/labels.ts';
import { apiVersionOf, type KubeList, type KubeObject, type ResourceType } from '../../kube/object.ts';
import { badRequest, methodNotSupported, notFound } from '../registry/status.ts';
import type { ApiRequest, ApiResponse } from './request.ts';
import type { Column } from './table/columns.ts';

/** A resource that no store holds: its objects are worked out when somebody asks. It can be got and listed. */
export interface ComputedResource {
  readonly type: ResourceType;
  readonly columns: readonly Column[];
  /** As a failure names it: `podmetrics`, and how it names an object. */
  readonly failure: { readonly resource: string; name(namespace: string, name: string): string };
  objects(): readonly KubeObject[];
}

/** @throws StatusError */
export function answerComputed(resource: ComputedResource, request: ApiRequest): ApiResponse {
  const { type, failure } = resource;
  const namespace = type.namespaced ? (request.namespace ?? '') : '';
  if (request.verb === 'list') return { code: 200, body: list(resource, namespace, request.options ?? {}) };
  if (request.verb !== 'get') throw methodNotSupported(type, request.verb);
  const { name } = request;
  const found = resource
    .objects()
    .find(({ metadata }) => metadata.name === name && (metadata.namespace ?? '') === namespace);
  if (found !== undefined) return { code: 200, body: found };
  throw notFound({ group: type.group, resource: failure.resource }, failure.name(namespace, name));
}

function list(
  resource: ComputedResource,
  namespace: string,
  {
    labelSelector = '',
    fieldSelector = '',
  }: { readonly labelSelector?: string | undefined; readonly fieldSelector?: string | undefined },
): KubeList {
  const matches = selection(labelSelector, fieldSelector);
  const { type } = resource;
  const items = resource
    .objects()
    .filter((object) => (namespace === '' || object.metadata.namespace === namespace) && matches(object));
  return { apiVersion: apiVersionOf(type), kind: `${type.kind}List`, metadata: { resourceVersion: '' }, items };
}

/** @throws StatusError 400 */
function selection(labelSelector: string, fieldSelector: string): (object: KubeObject) => boolean {
  try {
    const labels = parseLabelSelector(labelSelector);
    const fields = parseFieldSelector(fieldSelector);
    return ({ metadata }) =>
      labels.matches(metadata.labels) &&
      fields.matches({ 'metadata.name': metadata.name ?? '', 'metadata.namespace': metadata.namespace ?? '' });
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
}
