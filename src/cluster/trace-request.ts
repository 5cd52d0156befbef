import type { ImageCatalogue } from './kubelet/images/catalogue.ts';
import { createPortAnswers } from './kubelet/port-answers.ts';
import { createInformerFactory } from './machinery/informer.ts';
import type { ComponentContext } from './machinery/interfaces.ts';
import type { RequestTrace } from './network/hops.ts';
import { readNetworkState } from './network/network-state.ts';
import { type NetworkRequest, RequestTracer } from './network/request.ts';

/** The cluster that requests are sent in; its client is enough. */
export interface TraceOptions extends ComponentContext {
  readonly catalogue: ImageCatalogue;
}

/** Sends one request through the network as it stands now, and tells each step; nothing is changed by it. */
export async function traceRequest(options: TraceOptions, request: NetworkRequest): Promise<RequestTrace> {
  const tracer = await openTracer(options);
  try {
    return tracer.send(request);
  } finally {
    tracer.close();
  }
}

/** The network as it stands now, for any number of requests. */
export interface OpenTracer {
  send(request: NetworkRequest): RequestTrace;
  close(): void;
}

/** As {@link traceRequest}; clients with session affinity come to the same endpoint again. */
export async function openTracer(options: TraceOptions): Promise<OpenTracer> {
  const { client, clock, random, catalogue } = options;
  const informers = createInformerFactory(options);
  try {
    const answers = await createPortAnswers({ context: options, informers, catalogue });
    const tracer = new RequestTracer({ state: await readNetworkState(client), answers, random, clock });
    return { send: (request) => tracer.send(request), close: () => informers.stop() };
  } catch (error) {
    informers.stop();
    throw error;
  }
}
