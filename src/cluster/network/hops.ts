import type { Random } from '../../base/random.ts';
import type { PolicyPeer } from './network-policy.ts';
import type { NetworkState } from './network-state.ts';
import type { PortRequest } from './port-answer.ts';
import type { ResolverConfig } from './resolver.ts';
import type { Backend, BackendChooser } from './service-proxy.ts';

/** One step of a request's way. */
export interface Hop {
  readonly stage: 'client' | 'dns' | 'ingress' | 'service' | 'policy' | 'pod' | 'container' | 'outside';
  readonly text: string;
}

/** How a request ended. */
export type RequestOutcome =
  /** `status` is 0 for a mere connection. */
  | { readonly kind: 'answered'; readonly status: number; readonly by: string }
  | { readonly kind: 'failed'; readonly failure: RequestFailure; readonly message: string };

/** Why there was no answer. */
export type RequestFailure = 'client' | 'unknown-host' | 'refused' | 'timeout';

/** The way that a request took, and its end. */
export interface RequestTrace {
  readonly hops: readonly Hop[];
  readonly outcome: RequestOutcome;
}

/** A client of the network. */
export interface NetworkClient {
  readonly peer: PolicyPeer;
  readonly node: string | undefined;
  /** Undefined: the world outside. */
  readonly resolver: ResolverConfig | undefined;
}

/** The network as an ingress controller sends into it. */
export interface Onward {
  readonly state: NetworkState;
  readonly chooser: BackendChooser;
  readonly random: Random;
  toBackend(backend: Backend, request: PortRequest, from: PolicyPeer, hops: Hop[]): RequestOutcome;
  reach(address: string, request: PortRequest, from: PolicyPeer, hops: Hop[]): RequestOutcome;
}

/** A failure in curl's words. */
export function failed(failure: RequestFailure, message: string): RequestOutcome {
  return { kind: 'failed', failure, message };
}
