// Kubernetes 1.35 API types, made from the type table by scripts/generate-kube-tables.py.

import type * as meta_v1 from './meta-v1.generated.ts';

export interface AggregationRule {
  readonly clusterRoleSelectors?: readonly meta_v1.LabelSelector[] | undefined;
}

export interface ClusterRole {
  readonly aggregationRule?: AggregationRule | undefined;
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: meta_v1.ObjectMeta;
  readonly rules?: readonly PolicyRule[] | undefined;
}

export interface ClusterRoleBinding {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: meta_v1.ObjectMeta;
  readonly roleRef: RoleRef;
  readonly subjects?: readonly Subject[] | undefined;
}

export interface ClusterRoleBindingList {
  readonly apiVersion: string;
  readonly items: readonly ClusterRoleBinding[];
  readonly kind: string;
  readonly metadata: meta_v1.ListMeta;
}

export interface ClusterRoleList {
  readonly apiVersion: string;
  readonly items: readonly ClusterRole[];
  readonly kind: string;
  readonly metadata: meta_v1.ListMeta;
}

export interface PolicyRule {
  readonly apiGroups?: readonly string[] | undefined;
  readonly nonResourceURLs?: readonly string[] | undefined;
  readonly resourceNames?: readonly string[] | undefined;
  readonly resources?: readonly string[] | undefined;
  readonly verbs: readonly string[];
}

export interface Role {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: meta_v1.ObjectMeta;
  readonly rules?: readonly PolicyRule[] | undefined;
}

export interface RoleBinding {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: meta_v1.ObjectMeta;
  readonly roleRef: RoleRef;
  readonly subjects?: readonly Subject[] | undefined;
}

export interface RoleBindingList {
  readonly apiVersion: string;
  readonly items: readonly RoleBinding[];
  readonly kind: string;
  readonly metadata: meta_v1.ListMeta;
}

export interface RoleList {
  readonly apiVersion: string;
  readonly items: readonly Role[];
  readonly kind: string;
  readonly metadata: meta_v1.ListMeta;
}

export interface RoleRef {
  readonly apiGroup: string;
  readonly kind: string;
  readonly name: string;
}

export interface Subject {
  readonly apiGroup?: string | undefined;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
}
