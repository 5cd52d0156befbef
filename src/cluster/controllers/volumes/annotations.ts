/** On a claim: all steps of its binding are done. */
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
/** On either side: the controller, not the user, made the connection. */
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
/** On a volume: who made it. */
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
/** On a claim: who is to make its volume. */
export const STORAGE_PROVISIONER = 'volume.kubernetes.io/storage-provisioner';
/** The older form of {@link STORAGE_PROVISIONER}. */
export const BETA_STORAGE_PROVISIONER = 'volume.beta.kubernetes.io/storage-provisioner';
/** On a claim: where its first pod will run; the scheduler's word to make the volume. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
/** On a class: claims without a class get it. */
export const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';
/** Keeps a claim until no pod uses it. */
export const CLAIM_PROTECTION = 'kubernetes.io/pvc-protection';
/** Keeps a volume until no claim is bound to it. */
export const VOLUME_PROTECTION = 'kubernetes.io/pv-protection';
/** The provisioner of the simulated cluster. */
export const HOST_PATH_PROVISIONER = 'pintle.dev/host-path';
