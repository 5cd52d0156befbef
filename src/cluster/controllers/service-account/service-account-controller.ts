import type { ConfigMap, Namespace, ServiceAccount } from '../../../kube/api/core-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import type { ResourceType } from '../../../kube/object.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { AS_CONTROLLER } from '../../machinery/constants.ts';
import { Controller } from '../../machinery/controller.ts';
import type { Component, ComponentContext, InformerFactory } from '../../machinery/interfaces.ts';
import { type ApiObject, isDeleting, nameOf, namespaceOf } from '../../machinery/keys.ts';
import { isNamespaceTerminating } from '../../machinery/pod-control.ts';

const ROOT_CA_NAME = 'kube-root-ca.crt';
const ROOT_CA_DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** Makes the ServiceAccount `default` in every namespace. kubernetes: pkg/controller/serviceaccount/serviceaccounts_controller.go */
export function createServiceAccountController(context: ComponentContext, informers: InformerFactory): Component {
  return perNamespace<ServiceAccount>(context, informers, {
    name: 'serviceaccount-controller',
    type: RESOURCES.serviceAccounts,
    object: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } },
    isCurrent: () => true,
  });
}

/**
 * Publishes the certificate that pods trust the API server by as ConfigMap `kube-root-ca.crt` in every namespace.
 * kubernetes: pkg/controller/certificates/rootcacertpublisher
 *
 * @param certificate PEM; '' when the API server has none
 */
export function createRootCertificatePublisher(
  context: ComponentContext,
  informers: InformerFactory,
  certificate: string,
): Component {
  const data = { 'ca.crt': certificate };
  return perNamespace<ConfigMap>(context, informers, {
    name: 'root-ca-certificate-publisher-controller',
    type: RESOURCES.configMaps,
    object: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: ROOT_CA_NAME, annotations: { 'kubernetes.io/description': ROOT_CA_DESCRIPTION } },
      data,
    },
    isCurrent: (object) => deepEqual(object.data, data),
  });
}

interface PerNamespaceOptions<T extends ApiObject> {
  readonly name: string;
  readonly type: ResourceType;
  /** Without a namespace. */
  readonly object: T;
  /** False for one that must be put right. */
  readonly isCurrent: (object: T) => boolean;
}

function perNamespace<T extends ApiObject>(
  context: ComponentContext,
  informers: InformerFactory,
  { name, type, object: wanted, isCurrent }: PerNamespaceOptions<T>,
): Component {
  const namespaces = informers.informer<Namespace>(RESOURCES.namespaces);
  const objects = informers.informer<T>(type);
  const controller = new Controller({ name, context, informers: [namespaces, objects], reconcile });

  async function reconcile(namespace: string): Promise<void> {
    const parent = namespaces.get({ name: namespace });
    if (parent === undefined || isDeleting(parent)) return;
    const existing = objects.get({ namespace, name: nameOf(wanted) });
    try {
      if (existing === undefined) {
        await context.client.create(type, { ...wanted, metadata: { ...wanted.metadata, namespace } }, AS_CONTROLLER);
      } else if (!isCurrent(existing)) {
        const metadata = {
          ...existing.metadata,
          annotations: { ...existing.metadata.annotations, ...wanted.metadata.annotations },
        };
        await context.client.update(type, { ...wanted, metadata }, AS_CONTROLLER);
      }
    } catch (error) {
      if (isNamespaceTerminating(error) || isStatus(error, 'AlreadyExists') || isStatus(error, 'NotFound')) return;
      throw error;
    }
  }

  namespaces.onEvent(({ type: event, object }) => {
    if (event !== 'deleted') controller.queue.add(nameOf(object));
  });
  objects.onEvent(({ type: event, object }) => {
    if (event !== 'added' && nameOf(object) === nameOf(wanted)) controller.queue.add(namespaceOf(object));
  });
  return controller;
}
