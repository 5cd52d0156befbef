import type { KubeObject } from '../../kube/object.ts';
import type { Status } from '../../kube/status-error.ts';
import { methodNotSupported, notFound, unknownPath } from '../registry/status.ts';
import { PendingWork } from './outside.ts';
import type { ApiRequest, ApiResponse } from './request.ts';
import { decodeBody } from './rest/body.ts';
import { type Core, type Operation, stored } from './rest/core.ts';
import { createObject } from './rest/create.ts';
import { admitDeletion, deleteObject, type Deletion } from './rest/delete.ts';
import { listObjects } from './rest/list.ts';
import { metaOf } from './rest/object-meta.ts';
import { checkName, type Patch, patchObject } from './rest/patch.ts';
import { requireStored, updateObject } from './rest/update.ts';
import { selectionOf } from './rest/selection.ts';
import type { Served } from './served-resources.ts';
import { bindPod } from './subresources/binding.ts';
import { evictPod } from './subresources/eviction.ts';
import { patchScale, readScale, updateScale } from './subresources/scale.ts';

type Request<Verb extends ApiRequest['verb']> = Extract<ApiRequest, { readonly verb: Verb }>;

/**
 * Does what a request asks for, in one go: there is no state between its reads and its writes that others could see.
 *
 * @throws StatusError
 */
export function handleRequest(core: Core, request: ApiRequest): ApiResponse {
  const served = core.served.find(request.type);
  if (!served.type.verbs.includes(request.verb) && !isSubresource(request)) {
    throw methodNotSupported(served.type, request.verb);
  }
  switch (request.verb) {
    case 'get':
      return ok(get(core, served, request));
    case 'list':
      return ok(listObjects(core, served, namespaceOrAll(served, request.namespace), request.options ?? {}));
    case 'create':
      return create(core, served, request);
    case 'update':
      return update(core, served, request);
    case 'patch':
      return patch(core, served, request);
    case 'delete':
      return deletion(core, served, request);
    default:
      return deleteCollection(core, served, request);
  }
}

function isSubresource(request: ApiRequest): boolean {
  return 'subresource' in request && (request.subresource ?? '') !== '';
}

function ok(body: ApiResponse['body']): ApiResponse {
  return { code: 200, body };
}

function namespaceOrAll(served: Served, namespace: string | undefined): string | undefined {
  return namespace === undefined || namespace === '' || !served.type.namespaced ? undefined : namespace;
}

function nothing(): void {}

/** Nobody looks for what nobody would hear of. */
function validationOf(request: ApiRequest): Operation['fieldValidation'] {
  const validation = ('fieldValidation' in request ? request.fieldValidation : undefined) ?? 'Warn';
  return validation === 'Warn' && request.warn === undefined ? 'Ignore' : validation;
}

function operationOf(served: Served, request: Exclude<ApiRequest, Request<'list'>>): Operation {
  const writing = 'body' in request ? request : undefined;
  const subresource = ('subresource' in request ? request.subresource : undefined) ?? '';
  if (subresource !== '' && !served.type.subresources.includes(subresource)) throw unknownPath();
  const dryRun = writing?.dryRun ?? ('options' in request ? request.options?.dryRun : undefined) ?? false;
  return {
    served,
    namespace: served.type.namespaced ? (request.namespace ?? '') : '',
    name: ('name' in request ? request.name : undefined) ?? '',
    subresource,
    user: request.user,
    dryRun,
    fieldManager: writing?.fieldManager ?? '',
    fieldValidation: validationOf(request),
    warn: request.warn ?? nothing,
    audit: request.audit ?? nothing,
    options: () => optionsOf(request, dryRun),
  };
}

const OPTION_KINDS: Readonly<Record<string, string>> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
};

/** The options as a client of Kubernetes would send them. */
function optionsOf(request: Exclude<ApiRequest, Request<'list'>>, dryRun: boolean): object {
  const kind = OPTION_KINDS[request.verb] ?? 'DeleteOptions';
  const dry = dryRun ? { dryRun: ['All'] } : {};
  if (!('body' in request)) {
    const { dryRun: _asked, ...options } = (request as Request<'delete'>).options ?? {};
    return { kind, apiVersion: 'meta.k8s.io/v1', ...options, ...dry };
  }
  const { fieldManager, fieldValidation } = request;
  const force = 'force' in request && request.force === true ? { force: true } : {};
  return {
    kind,
    apiVersion: 'meta.k8s.io/v1',
    ...dry,
    ...force,
    ...(fieldManager === undefined ? {} : { fieldManager }),
    ...(fieldValidation === undefined ? {} : { fieldValidation }),
  };
}

function get(core: Core, served: Served, request: Request<'get'>): KubeObject {
  const operation = operationOf(served, request);
  if (operation.subresource === 'scale') return readScale(core, operation);
  return requireStored(core, operation).value;
}

function create(core: Core, served: Served, request: Request<'create'>): ApiResponse {
  const operation = operationOf(served, request);
  switch (operation.subresource) {
    case '':
      return { code: 201, body: createObject(core, operation, decodeBody(operation, request.body)) };
    case 'binding':
      return { code: 201, body: bindPod(core, operation, request.body) };
    case 'eviction':
      return { code: 201, body: evictPod(core, operation, request.body) };
    default:
      throw methodNotSupported(served.type, 'create');
  }
}

function update(core: Core, served: Served, request: Request<'update'>): ApiResponse {
  const operation = operationOf(served, request);
  if (operation.subresource === 'scale') return ok(updateScale(core, operation, request.body));
  const entry = stored(core, operation);
  const draft = decodeBody(operation, request.body, entry?.value);
  checkName(operation, metaOf(draft).name);
  if (entry !== undefined) return ok(updateObject(core, operation, entry, draft));
  if (served.strategy.allowCreateOnUpdate !== true || operation.subresource !== '') {
    throw notFound(served.type, operation.name);
  }
  return { code: 201, body: createObject(core, operation, draft) };
}

function patch(core: Core, served: Served, request: Request<'patch'>): ApiResponse {
  const operation = operationOf(served, request);
  const change: Patch = { type: request.patchType, body: request.body, force: request.force ?? false };
  if (operation.subresource === 'scale') return ok(patchScale(core, operation, change));
  const { object, created } = patchObject(core, operation, change);
  return { code: created ? 201 : 200, body: object };
}

function deletion(core: Core, served: Served, request: Request<'delete'>): ApiResponse {
  const operation = operationOf(served, request);
  if (operation.subresource !== '') throw methodNotSupported(served.type, 'delete');
  return ok(deletionBody(served, deleteObject(core, operation, request.options)));
}

/** The object while something holds it, else a Status. apiserver: pkg/endpoints/handlers/delete.go */
function deletionBody({ type }: Served, { gone, object }: Deletion): KubeObject | Status {
  if (!gone) return object;
  const { name = '', uid } = object.metadata;
  const details = { name, ...(type.group === '' ? {} : { group: type.group }), kind: type.resource, uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details, code: 200 };
}

function deleteCollection(core: Core, served: Served, request: Request<'deletecollection'>): ApiResponse {
  const namespace = namespaceOrAll(served, request.namespace);
  const selection = selectionOf(served, request.selection ?? {});
  const { dryRun } = request.options ?? {};
  const list = listObjects(core, served, namespace, request.selection ?? {});
  const operation = operationOf(served, request);
  const single = ({ metadata: { name = '', namespace: own = '' } }: KubeObject): Operation => ({
    ...operation,
    name,
    namespace: own,
    dryRun: dryRun ?? false,
  });
  if (asksOthers(core)) for (const object of list.items) askFirst(core, single(object), object);
  for (const object of list.items) {
    const one = single(object);
    if (stored(core, one) !== undefined && selection.matches(object)) deleteObject(core, one, request.options);
  }
  return ok(list);
}

/** Resources by which admission may have to wait for something. */
const ASKING = ['mutatingwebhookconfigurations', 'validatingadmissionpolicies', 'validatingwebhookconfigurations'].map(
  (resource) => `admissionregistration.k8s.io/${resource}`,
);

/** Whether admission may ask somebody outside of the server. */
export function asksOthers({ store }: Core): boolean {
  return ASKING.some((bucket) => store.count(bucket) > 0);
}

/** Lets a request of several deletions wait before the first of them: each is asked about again, and then the answer is there. */
function askFirst(core: Core, operation: Operation, object: KubeObject): void {
  try {
    admitDeletion(core, operation, object);
  } catch (error) {
    if (error instanceof PendingWork) throw error;
    // A refusal is told by the deletion itself.
  }
}
