import type { AdmissionPlugin } from './plugin.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';

/** The plugins of a cluster as kubeadm sets it up, in Kubernetes' order. kubernetes: pkg/kubeapiserver/options/plugins.go */
export function defaultPlugins(): readonly AdmissionPlugin[] {
  return [namespaceLifecycle];
}
