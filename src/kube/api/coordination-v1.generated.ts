// Kubernetes 1.35 API types, made from the type table by scripts/generate-kube-tables.py.

import type * as meta_v1 from './meta-v1.generated.ts';

export interface Lease {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: meta_v1.ObjectMeta;
  readonly spec?: LeaseSpec | undefined;
}

export interface LeaseList {
  readonly apiVersion: string;
  readonly items: readonly Lease[];
  readonly kind: string;
  readonly metadata: meta_v1.ListMeta;
}

export interface LeaseSpec {
  readonly acquireTime?: string | undefined;
  readonly holderIdentity?: string | undefined;
  readonly leaseDurationSeconds?: number | undefined;
  readonly leaseTransitions?: number | undefined;
  readonly preferredHolder?: string | undefined;
  readonly renewTime?: string | undefined;
  readonly strategy?: string | undefined;
}
