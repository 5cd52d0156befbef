// Kubernetes 1.35 API types, made from the type table by scripts/generate-kube-tables.py.

import type * as core_v1 from './core-v1.generated.ts';
import type * as meta_v1 from './meta-v1.generated.ts';

export interface Overhead {
  readonly podFixed?: Readonly<Record<string, string | number>> | undefined;
}

export interface RuntimeClass {
  readonly apiVersion: string;
  readonly handler: string;
  readonly kind: string;
  readonly metadata: meta_v1.ObjectMeta;
  readonly overhead?: Overhead | undefined;
  readonly scheduling?: Scheduling | undefined;
}

export interface RuntimeClassList {
  readonly apiVersion: string;
  readonly items: readonly RuntimeClass[];
  readonly kind: string;
  readonly metadata: meta_v1.ListMeta;
}

export interface Scheduling {
  readonly nodeSelector?: Readonly<Record<string, string>> | undefined;
  readonly tolerations?: readonly core_v1.Toleration[] | undefined;
}
