import type { WriteOptions } from '../../client/kube-client.ts';

/** Who the controllers write as; shows in managedFields. */
export const CONTROLLER_MANAGER = 'kube-controller-manager';

/** Options of a controller's writes. */
export const AS_CONTROLLER: WriteOptions = { fieldManager: CONTROLLER_MANAGER };

/** Options of a controller's writes to `status`. */
export const AS_CONTROLLER_STATUS: WriteOptions = { fieldManager: CONTROLLER_MANAGER, subresource: 'status' };

/** Tells the ReplicaSets and pods of a Deployment's revisions apart. */
export const POD_TEMPLATE_HASH_LABEL = 'pod-template-hash';

/** The label by which nodes and volumes tell their zone. */
export const ZONE_LABEL = 'topology.kubernetes.io/zone';

/** Lower values are deleted first. */
export const POD_DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

/** Most pods that one reconciliation creates or deletes. kubernetes: pkg/controller/replicaset/replica_set.go */
export const BURST_REPLICAS = 500;

/** First batch of {@link slowStart}. kubernetes: pkg/controller/controller_utils.go */
export const SLOW_START_INITIAL_BATCH = 1;

/** ms after which expectations no longer hold back a reconciliation. */
export const EXPECTATIONS_TIMEOUT = 300_000;

/** Finalizers of the API server that the garbage collector removes. */
export const FOREGROUND_FINALIZER = 'foregroundDeletion';
/** See {@link FOREGROUND_FINALIZER}. */
export const ORPHAN_FINALIZER = 'orphan';
