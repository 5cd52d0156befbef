import type { KubeClient } from '../../../client/kube-client.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../../kube/api/core-v1.generated.ts';
import type { CSIDriver, StorageClass } from '../../../kube/api/storage-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { isSimulatedDriver } from '../../machinery/csi.ts';
import { createEventRecorder } from '../../machinery/event-recorder.ts';
import type { ComponentContext, EventRecorder, Informer, InformerFactory } from '../../machinery/interfaces.ts';
import { nameOf, namespaceOf } from '../../machinery/keys.ts';
import { HOST_PATH_PROVISIONER, PROVISIONED_BY } from './annotations.ts';
import { csiVolume } from './csi-volumes.ts';
import { hostPathVolume } from './host-path-provisioner.ts';

/** The provisioners that the cluster plays: that of its default class, and one for each simulated CSIDriver. */
export class Provisioners {
  readonly drivers: Informer<CSIDriver>;
  readonly nodes: Informer<Node>;
  readonly #context: ComponentContext;
  readonly #client: KubeClient;
  readonly #recorders = new Map<string, EventRecorder>();

  constructor(context: ComponentContext, informers: InformerFactory) {
    this.#context = context;
    this.#client = context.client;
    this.drivers = informers.informer<CSIDriver>(RESOURCES.csiDrivers);
    this.nodes = informers.informer<Node>(RESOURCES.nodes);
  }

  /** True for provisioners whose volumes are made, resized and deleted here; others are somebody else's. */
  has(provisioner: string | undefined): boolean {
    if (provisioner === undefined) return false;
    return provisioner === HOST_PATH_PROVISIONER || isSimulatedDriver(this.drivers.get({ name: provisioner }));
  }

  /** True when the volume was made by one of them. */
  made(volume: PersistentVolume): boolean {
    return this.has(volume.metadata.annotations?.[PROVISIONED_BY]);
  }

  /** Records events in the name of a provisioner. */
  recorder(provisioner: string): EventRecorder {
    let recorder = this.#recorders.get(provisioner);
    if (recorder === undefined) {
      recorder = createEventRecorder(this.#context, { component: provisioner });
      this.#recorders.set(provisioner, recorder);
    }
    return recorder;
  }

  /** Makes a claim's volume, with the events that external provisioners write. */
  async provision(claim: PersistentVolumeClaim, storageClass: StorageClass): Promise<void> {
    const { provisioner } = storageClass;
    const recorder = this.recorder(provisioner);
    const where = `${namespaceOf(claim)}/${nameOf(claim)}`;
    recorder.event(claim, 'Normal', 'Provisioning', `External provisioner is provisioning volume for claim "${where}"`);
    const volume =
      provisioner === HOST_PATH_PROVISIONER
        ? hostPathVolume(claim, storageClass)
        : csiVolume(claim, storageClass, this.nodes.list());
    try {
      await this.#client.create(RESOURCES.persistentVolumes, volume, { fieldManager: provisioner });
    } catch (error) {
      if (isStatus(error, 'AlreadyExists')) return;
      const reason = error instanceof Error ? error.message : String(error);
      const message = `failed to provision volume with StorageClass "${nameOf(storageClass)}": ${reason}`;
      recorder.event(claim, 'Warning', 'ProvisioningFailed', message);
      throw error;
    }
    recorder.event(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${nameOf(volume)}`);
  }
}
