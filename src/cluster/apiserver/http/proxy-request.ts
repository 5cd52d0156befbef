import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { formatUrl } from '../../../base/go-url.ts';
import type { Pod, Service } from '../../../kube/api/core-v1.generated.ts';
import type { EndpointSlice } from '../../../kube/api/discovery-v1.generated.ts';
import type { KubeList, KubeObject, ResourceType } from '../../../kube/object.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { badRequest, notFound, serviceUnavailable } from '../../registry/status.ts';
import type { UserInfo } from '../request.ts';
import type { ApiBackend } from './backend.ts';
import type { ResourceRequestInfo } from './request-info.ts';
import { type Answer, respond } from './respond.ts';

/** Who answers what is passed on. */
export interface ProxyTargets {
  readonly backend: Pick<ApiBackend, 'handle'>;
  /** Connects with a port of a pod. @throws Error when nobody listens there */
  readonly connect: (pod: KubeObject, port: number) => Promise<Duplex>;
}

/** A request to `…/proxy`. */
export interface ProxyCall {
  readonly info: ResourceRequestInfo;
  readonly url: URL;
  readonly user: UserInfo;
}

/** Headers of one connection, and those that are for the API server alone. */
const OWN_HEADERS = new Set([
  'connection',
  'host',
  'authorization',
  'transfer-encoding',
  'upgrade',
  'keep-alive',
  'te',
]);

/**
 * Passes a request on to a pod, or to a pod behind a Service, and its answer back.
 * apiserver: pkg/util/proxy, kubernetes: pkg/registry/core/{pod,service}/proxy
 *
 * @throws StatusError 400, 404, 503
 */
export async function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  call: ProxyCall,
  targets: ProxyTargets,
): Promise<void> {
  const { pod, port } = await targetOf(call, targets);
  const redirect = redirectOf(request, call);
  if (redirect !== undefined) {
    await respond(request, response, redirect);
    return;
  }
  const socket = await targets.connect(pod, port).catch((error: unknown) => {
    throw unreachable(pod, port, error);
  });
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const passed = http.request({
      createConnection: () => socket,
      method: request.method,
      path: passedPath(call),
      headers: { ...passedHeaders(request), host: `${pod.status?.podIP ?? ''}:${port}`, connection: 'close' },
    });
    passed.on('response', resolve);
    passed.on('upgrade', (_, upgraded) => {
      upgraded.destroy();
      reject(unreachable(pod, port, undefined));
    });
    // Who has gone waits for no answer.
    response.on('close', () => passed.destroy());
    passed.on('error', (error) => reject(unreachable(pod, port, error)));
    pipeline(request, passed).catch((error: unknown) => reject(unreachable(pod, port, error)));
  });
  const { statusCode = 0 } = answer;
  if (statusCode < 200 || statusCode > 599) {
    socket.destroy();
    throw unreachable(pod, port, undefined);
  }
  response.statusCode = statusCode;
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined && !OWN_HEADERS.has(name)) response.setHeader(name, value);
  }
  // Whoever goes away meanwhile hears no more of it.
  await pipeline(answer, response).catch(() => socket.destroy());
}

function passedHeaders({ headers }: IncomingMessage): http.OutgoingHttpHeaders {
  const kept = Object.entries(headers).filter(([name]) => !OWN_HEADERS.has(name) && !name.startsWith(':'));
  return Object.fromEntries(kept);
}

/** As a client of Go writes what it was given decoded. */
function passedPath({ info, url }: ProxyCall): string {
  const none = { scheme: '', opaque: '', userinfo: undefined, host: '', query: '', fragment: '' };
  return formatUrl({ ...none, path: info.rest === '' ? '/' : info.rest }) + url.search;
}

/**
 * Where the root of a target lies: relative links of its answers lead astray without the slash at the end.
 * apimachinery: pkg/util/proxy/upgradeaware.go (proxyRedirectsforRootPath)
 */
function redirectOf({ method }: IncomingMessage, { info, url }: ProxyCall): Answer | undefined {
  if (info.rest !== '' || (method !== 'GET' && method !== 'HEAD')) return undefined;
  return { code: 301, body: '', headers: { Location: `${url.pathname}/${url.search}` } };
}

function unreachable(pod: Pod, port: number, error: unknown): Error {
  const text = error instanceof Error && /refused/.test(error.message) ? 'connect: connection refused' : 'no answer';
  return serviceUnavailable(`error trying to reach service: dial tcp ${pod.status?.podIP ?? ''}:${port}: ${text}`);
}

interface Target {
  readonly pod: KubeObject & Pod;
  readonly port: number;
}

async function targetOf(call: ProxyCall, targets: ProxyTargets): Promise<Target> {
  const { name, port } = splitName(call.info.name);
  if (call.info.resource === 'services') return await serviceTarget(call, { name, port }, targets);
  const pod = await read<Pod>(RESOURCES.pods, call, name, targets);
  const declared = (pod.spec?.containers ?? []).flatMap(({ ports = [] }) => ports);
  const found = port === '' ? declared[0] : declared.find((each) => each.name === port);
  const number = found?.containerPort ?? (port === '' ? 80 : Number(port));
  if (!Number.isInteger(number)) throw badRequest(`invalid port ${JSON.stringify(port)}`);
  if ((pod.status?.podIP ?? '') === '') throw badRequest('address not allowed');
  return { pod, port: number };
}

/** `NAME`, `NAME:PORT` or `SCHEME:NAME:PORT`. */
function splitName(text: string): { readonly name: string; readonly port: string } {
  const parts = text.split(':');
  const [first = '', second = '', third = ''] = parts;
  if (parts.length === 1) return { name: first, port: '' };
  if (parts.length === 2) return { name: first, port: second };
  if (parts.length === 3 && ['http', 'https', ''].includes(first)) return { name: second, port: third };
  throw badRequest(`invalid request name ${JSON.stringify(text)}`);
}

async function read<T extends object>(
  type: ResourceType,
  { info, user }: ProxyCall,
  name: string,
  { backend }: ProxyTargets,
): Promise<KubeObject & T> {
  const { body } = await backend.handle({ verb: 'get', type, namespace: info.namespace, name, user });
  return body as KubeObject & T;
}

/** A pod that is ready behind a Service; those of the API server's own choice, the first. */
async function serviceTarget(
  call: ProxyCall,
  { name, port }: { readonly name: string; readonly port: string },
  targets: ProxyTargets,
): Promise<Target> {
  const service = await read<Service>(RESOURCES.services, call, name, targets);
  const ports = service.spec?.ports ?? [];
  const asked = ports.find((each) => port === '' || each.name === port || String(each.port) === port);
  if (asked === undefined) {
    throw serviceUnavailable(`no service port ${JSON.stringify(port)} found for service ${JSON.stringify(name)}`);
  }
  const { body } = await targets.backend.handle({
    verb: 'list',
    type: RESOURCES.endpointSlices,
    namespace: call.info.namespace,
    user: call.user,
    options: { labelSelector: `kubernetes.io/service-name=${name}` },
  });
  for (const slice of (body as KubeList).items as readonly (KubeObject & EndpointSlice)[]) {
    const own = (slice.ports ?? []).find((each) => (each.name ?? '') === (asked.name ?? ''))?.port;
    const ready = slice.endpoints?.find(
      ({ conditions, targetRef }) => conditions?.ready !== false && targetRef?.kind === 'Pod',
    );
    if (own === undefined || ready?.targetRef?.name === undefined) continue;
    return { pod: await read<Pod>(RESOURCES.pods, call, ready.targetRef.name, targets), port: own };
  }
  throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(name)}`);
}

/**
 * What the kubelet of a node answers: whether it is well, and the pods that it runs.
 *
 * @throws StatusError 404
 */
export async function askKubelet(
  request: IncomingMessage,
  call: ProxyCall,
  { backend }: Pick<ProxyTargets, 'backend'>,
): Promise<Answer> {
  const { info, user } = call;
  const { name } = splitName(info.name);
  await backend.handle({ verb: 'get', type: RESOURCES.nodes, name, user });
  const redirect = redirectOf(request, call);
  if (redirect !== undefined) return redirect;
  if (info.rest === '/healthz') return { code: 200, body: 'ok' };
  if (info.rest !== '/pods' && info.rest !== '/pods/') throw notFound(RESOURCES.nodes, `${name}/proxy${info.rest}`);
  const { body } = await backend.handle({
    verb: 'list',
    type: RESOURCES.pods,
    user,
    options: { fieldSelector: `spec.nodeName=${name}` },
  });
  return { code: 200, body, contentType: 'application/json' };
}
