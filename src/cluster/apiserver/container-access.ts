import type { Duplex, Readable } from 'node:stream';
import type { KubeObject } from '../../kube/object.ts';

/** What a process in a container is connected with. */
export interface ProcessStreams {
  /** Undefined: nothing can be typed. */
  readonly stdin: Readable | undefined;
  readonly stdout: (bytes: Uint8Array) => void;
  readonly stderr: (bytes: Uint8Array) => void;
  /** It believes to talk to a terminal. */
  readonly tty: boolean;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
}

/** What of a container is meant. */
export interface ContainerTarget {
  readonly pod: KubeObject;
  /** Resolved; it exists in the pod's spec. */
  readonly container: string;
}

/** Whoever runs containers and lets others into them: the kubelets. */
export interface ContainerAccess {
  /**
   * Runs a program in a running container.
   *
   * @returns its exit code
   * @throws StatusError when the container does not run, or has no such program
   */
  exec(target: ContainerTarget, command: readonly string[], streams: ProcessStreams): Promise<number>;
  /**
   * Connects with the first process of a container until that ends or the client goes.
   *
   * @returns its exit code
   */
  attach(target: ContainerTarget, streams: ProcessStreams): Promise<number>;
  /**
   * Connects with a port of a pod.
   *
   * @throws Error that says why nothing answers there
   */
  connect(pod: KubeObject, port: number): Promise<Duplex>;
}
