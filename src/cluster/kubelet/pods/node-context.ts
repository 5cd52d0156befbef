import type { EventRecorder } from '../../machinery/interfaces.ts';
import type { ComponentContext } from '../../machinery/interfaces.ts';
import type { ClusterView } from '../cluster-view.ts';
import type { ImageBehaviour } from '../images/behaviour.ts';
import type { ImageCatalogue } from '../images/catalogue.ts';
import type { PodNetwork } from '../pod-network.ts';
import type { MachineFaults } from '../node/machine-faults.ts';
import type { NodeImages } from './image-pull.ts';
import type { PodAccount } from './made-secret.ts';

/** What the pods of a node share. */
export interface NodeContext extends ComponentContext {
  readonly nodeName: string;
  readonly hostIP: string;
  readonly catalogue: ImageCatalogue;
  readonly view: ClusterView;
  readonly recorder: EventRecorder;
  readonly images: NodeImages;
  /** What is done to the machine. */
  readonly faults: MachineFaults;
  readonly allocatable: Readonly<Record<string, string | number>>;
  /** An address for a pod, or undefined when none is left. */
  takeAddress(podKey: string, wanted?: string): string | undefined;
  freeAddress(address: string): void;
  /** True when an account of a pod's may make Secrets in a namespace. */
  mayMakeSecrets(account: PodAccount, namespace: string): Promise<boolean>;
  /** The network as pods of a namespace see it. */
  network(namespace: string): PodNetwork;
  /** Why the node does not take the pod. */
  admit(uid: string): Rejection | undefined;
  /** Why the node does not give a pod that it runs the resources that the pod has come to ask for. */
  admitResize(uid: string): Rejection | undefined;
  /** Resources have become free, or other ones are taken: pods that wait for some look again. */
  roomChanged(): void;
  /** A container of a behaviour has begun, ended, or got other resources: memory in use may be another. */
  usageChanged(behaviour: ImageBehaviour): void;
}

/** Why a node does not run a pod. */
export interface Rejection {
  readonly reason: string;
  readonly message: string;
}
