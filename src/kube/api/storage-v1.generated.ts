// Kubernetes 1.35 API types, made from the type table by scripts/generate-kube-tables.py.

import type * as core_v1 from './core-v1.generated.ts';
import type * as meta_v1 from './meta-v1.generated.ts';

export interface CSIDriver {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: meta_v1.ObjectMeta;
  readonly spec: CSIDriverSpec;
}

export interface CSIDriverList {
  readonly apiVersion: string;
  readonly items: readonly CSIDriver[];
  readonly kind: string;
  readonly metadata: meta_v1.ListMeta;
}

export interface CSIDriverSpec {
  readonly attachRequired?: boolean | undefined;
  readonly fsGroupPolicy?: string | undefined;
  readonly nodeAllocatableUpdatePeriodSeconds?: number | undefined;
  readonly podInfoOnMount?: boolean | undefined;
  readonly requiresRepublish?: boolean | undefined;
  readonly seLinuxMount?: boolean | undefined;
  readonly serviceAccountTokenInSecrets?: boolean | undefined;
  readonly storageCapacity?: boolean | undefined;
  readonly tokenRequests?: readonly TokenRequest[] | undefined;
  readonly volumeLifecycleModes?: readonly string[] | undefined;
}

export interface CSINode {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: meta_v1.ObjectMeta;
  readonly spec: CSINodeSpec;
}

export interface CSINodeDriver {
  readonly allocatable?: VolumeNodeResources | undefined;
  readonly name: string;
  readonly nodeID: string;
  readonly topologyKeys?: readonly string[] | undefined;
}

export interface CSINodeList {
  readonly apiVersion: string;
  readonly items: readonly CSINode[];
  readonly kind: string;
  readonly metadata: meta_v1.ListMeta;
}

export interface CSINodeSpec {
  readonly drivers: readonly CSINodeDriver[];
}

export interface CSIStorageCapacity {
  readonly apiVersion: string;
  readonly capacity?: string | number | undefined;
  readonly kind: string;
  readonly maximumVolumeSize?: string | number | undefined;
  readonly metadata: meta_v1.ObjectMeta;
  readonly nodeTopology?: meta_v1.LabelSelector | undefined;
  readonly storageClassName: string;
}

export interface CSIStorageCapacityList {
  readonly apiVersion: string;
  readonly items: readonly CSIStorageCapacity[];
  readonly kind: string;
  readonly metadata: meta_v1.ListMeta;
}

export interface StorageClass {
  readonly allowVolumeExpansion?: boolean | undefined;
  readonly allowedTopologies?: readonly core_v1.TopologySelectorTerm[] | undefined;
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: meta_v1.ObjectMeta;
  readonly mountOptions?: readonly string[] | undefined;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  readonly provisioner: string;
  readonly reclaimPolicy?: string | undefined;
  readonly volumeBindingMode?: string | undefined;
}

export interface StorageClassList {
  readonly apiVersion: string;
  readonly items: readonly StorageClass[];
  readonly kind: string;
  readonly metadata: meta_v1.ListMeta;
}

export interface TokenRequest {
  readonly audience: string;
  readonly expirationSeconds?: number | undefined;
}

export interface VolumeAttachment {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: meta_v1.ObjectMeta;
  readonly spec: VolumeAttachmentSpec;
  readonly status?: VolumeAttachmentStatus | undefined;
}

export interface VolumeAttachmentList {
  readonly apiVersion: string;
  readonly items: readonly VolumeAttachment[];
  readonly kind: string;
  readonly metadata: meta_v1.ListMeta;
}

export interface VolumeAttachmentSource {
  readonly inlineVolumeSpec?: core_v1.PersistentVolumeSpec | undefined;
  readonly persistentVolumeName?: string | undefined;
}

export interface VolumeAttachmentSpec {
  readonly attacher: string;
  readonly nodeName: string;
  readonly source: VolumeAttachmentSource;
}

export interface VolumeAttachmentStatus {
  readonly attachError?: VolumeError | undefined;
  readonly attached: boolean;
  readonly attachmentMetadata?: Readonly<Record<string, string>> | undefined;
  readonly detachError?: VolumeError | undefined;
}

export interface VolumeAttributesClass {
  readonly apiVersion: string;
  readonly driverName: string;
  readonly kind: string;
  readonly metadata: meta_v1.ObjectMeta;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

export interface VolumeAttributesClassList {
  readonly apiVersion: string;
  readonly items: readonly VolumeAttributesClass[];
  readonly kind: string;
  readonly metadata: meta_v1.ListMeta;
}

export interface VolumeError {
  readonly errorCode?: number | undefined;
  readonly message?: string | undefined;
  readonly time?: string | undefined;
}

export interface VolumeNodeResources {
  readonly count?: number | undefined;
}
