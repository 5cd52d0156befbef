import type { Component, ComponentContext, InformerFactory } from '../machinery/interfaces.ts';
import { createApiServiceController } from './api-service/api-service-controller.ts';
import { createClusterRoleAggregationController } from './cluster-role-aggregation/cluster-role-aggregation-controller.ts';
import { createDeploymentController } from './deployment/deployment-controller.ts';
import { createDisruptionController } from './disruption/disruption-controller.ts';
import { createStaleDisruptionController } from './disruption/stale-disruption.ts';
import { createEndpointsController } from './endpointslice/endpoints-controller.ts';
import { createEndpointSliceController } from './endpointslice/endpointslice-controller.ts';
import { createEndpointSliceMirroringController } from './endpointslice/mirroring-controller.ts';
import { createGarbageCollector } from './garbage-collector/garbage-collector.ts';
import { createCertificateRequestCleaner } from './certificates/request-cleaner.ts';
import { createNodeTtlController } from './node-ttl/node-ttl-controller.ts';
import { createTokenController } from './service-account/token-controller.ts';
import { createHpaController } from './hpa/hpa-controller.ts';
import { apiMetricsProvider, type MetricsProvider } from './hpa/metrics-provider.ts';
import { createNamespaceController } from './namespace/namespace-controller.ts';
import { createPodGarbageCollector } from './pod-gc/pod-gc-controller.ts';
import { createReplicaSetController } from './replicaset/replicaset-controller.ts';
import { createReplicationController } from './replicationcontroller/replication-controller.ts';
import { createResourceQuotaController } from './resource-quota/resource-quota-controller.ts';
import { createMetricsAdapter } from './simulated-metrics/metrics-adapter.ts';
import { createServiceController } from './service/service-controller.ts';
import {
  createRootCertificatePublisher,
  createServiceAccountController,
} from './service-account/service-account-controller.ts';

/** What the controllers cannot know by themselves. */
export interface CoreControllersOptions {
  /** PEM of the certificate that pods trust the API server by; default none. */
  readonly rootCertificate?: string | undefined;
  /** Where autoscalers get their numbers; default the resource metrics API alone. */
  readonly metrics?: MetricsProvider | undefined;
}

/** The controllers of the control plane but those of jobs, sets and volumes, in the order in which they are started. */
export function coreControllers(
  context: ComponentContext,
  informers: InformerFactory,
  options: CoreControllersOptions = {},
): Component[] {
  return [
    createServiceAccountController(context, informers),
    createTokenController(context, informers, options.rootCertificate ?? ''),
    createRootCertificatePublisher(context, informers, options.rootCertificate ?? ''),
    createNamespaceController(context, informers),
    createClusterRoleAggregationController(context, informers),
    createGarbageCollector(context, informers),
    createDeploymentController(context, informers),
    createReplicaSetController(context, informers),
    createReplicationController(context, informers),
    createServiceController(context, informers),
    createEndpointSliceController(context, informers),
    createEndpointsController(context, informers),
    createEndpointSliceMirroringController(context, informers),
    createDisruptionController(context, informers),
    createStaleDisruptionController(context, informers),
    createResourceQuotaController(context, informers),
    createApiServiceController(context, informers),
    createMetricsAdapter(context, informers),
    createHpaController(context, informers, options.metrics ?? apiMetricsProvider(context.client)),
    createPodGarbageCollector(context, informers),
    createNodeTtlController(context, informers),
    createCertificateRequestCleaner(context, informers),
  ];
}
