import type { Pod } from '../../kube/api/core-v1.generated.ts';

/** What is asked of a port. */
export interface PortRequest {
  readonly port: number;
  /** `tcp`: only whether somebody listens. */
  readonly scheme: 'http' | 'https' | 'tcp';
  /** With query. */
  readonly path: string;
}

/** What comes back from a pod. */
export type PortAnswer =
  | { readonly kind: 'answered'; readonly container: string; readonly status: number }
  | { readonly kind: 'refused' | 'timeout'; readonly reason: string };

/** Tells what the containers of a pod answer; the kubelet's half of the network. */
export interface PortAnswers {
  answer(pod: Pod, request: PortRequest): PortAnswer;
}
