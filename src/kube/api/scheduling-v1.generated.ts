// Kubernetes 1.35 API types, made from the type table by scripts/generate-kube-tables.py.

import type * as meta_v1 from './meta-v1.generated.ts';

export interface PriorityClass {
  readonly apiVersion: string;
  readonly description?: string | undefined;
  readonly globalDefault?: boolean | undefined;
  readonly kind: string;
  readonly metadata: meta_v1.ObjectMeta;
  readonly preemptionPolicy?: string | undefined;
  readonly value: number;
}

export interface PriorityClassList {
  readonly apiVersion: string;
  readonly items: readonly PriorityClass[];
  readonly kind: string;
  readonly metadata: meta_v1.ListMeta;
}
