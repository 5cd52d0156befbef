import type {
  Container,
  EphemeralContainer,
  HTTPGetAction,
  Pod,
  PodSpec,
  PodTemplateSpec,
  Probe,
} from '../../../kube/api/core-v1.generated.ts';
import { roundResources } from '../checks/resources.ts';
import type { Edit } from '../wire.ts';
import { defaultPullPolicy } from './image-name.ts';
import { applyPodResourceDefaults } from './pod-resources.ts';
import { applyVolumeDefaults } from './volume-defaults.ts';

/** Defaults of a pod: those of a template, and some that only pods get. kubernetes: pkg/apis/core/v1/defaults.go */
export function applyPodDefaults(pod: Edit<Pod>): void {
  const spec = (pod.spec ??= {});
  for (const container of spec.containers ?? []) requestLimits(container);
  for (const container of spec.initContainers ?? []) requestLimits(container);
  applyPodResourceDefaults(spec);
  spec.enableServiceLinks ??= true;
  applySpecDefaults(spec);
  if (spec.hostNetwork === true) {
    for (const container of spec.containers ?? []) useHostPorts(container);
    for (const container of spec.initContainers ?? []) useHostPorts(container);
  }
}

/** Defaults of the pod template of a workload. */
export function applyTemplateDefaults(template: Edit<PodTemplateSpec> | undefined): void {
  if (template !== undefined) applySpecDefaults((template.spec ??= {}));
}

function applySpecDefaults(spec: Edit<PodSpec>): void {
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.restartPolicy ||= 'Always';
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ||= 'default-scheduler';
  // The old name of the field is kept equal to the new one.
  const serviceAccount = spec.serviceAccountName || spec.serviceAccount;
  if (serviceAccount !== undefined && serviceAccount !== '') {
    // Not over the same value: what is complete may be a stored object's.
    if (spec.serviceAccountName !== serviceAccount) spec.serviceAccountName = serviceAccount;
    if (spec.serviceAccount !== serviceAccount) spec.serviceAccount = serviceAccount;
  }
  for (const volume of spec.volumes ?? []) applyVolumeDefaults(volume);
  for (const container of spec.containers ?? []) applyContainerDefaults(container);
  for (const container of spec.initContainers ?? []) applyContainerDefaults(container);
  for (const container of spec.ephemeralContainers ?? []) applyContainerDefaults(container);
  roundResources(spec.overhead);
  roundResources(spec.resources?.limits);
  roundResources(spec.resources?.requests);
}

function applyContainerDefaults(container: Edit<Container> | Edit<EphemeralContainer>): void {
  container.imagePullPolicy ||= defaultPullPolicy(container.image);
  container.terminationMessagePath ||= '/dev/termination-log';
  container.terminationMessagePolicy ||= 'File';
  container.resources ??= {};
  for (const port of container.ports ?? []) port.protocol ||= 'TCP';
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef !== undefined) valueFrom.fieldRef.apiVersion ||= 'v1';
    if (valueFrom?.resourceFieldRef !== undefined) valueFrom.resourceFieldRef.divisor ??= '0';
  }
  roundResources(container.resources.limits);
  roundResources(container.resources.requests);
  if (container.livenessProbe !== undefined) applyProbeDefaults(container.livenessProbe);
  if (container.readinessProbe !== undefined) applyProbeDefaults(container.readinessProbe);
  if (container.startupProbe !== undefined) applyProbeDefaults(container.startupProbe);
  const { lifecycle } = container;
  if (lifecycle?.postStart?.httpGet !== undefined) applyHttpGetDefaults(lifecycle.postStart.httpGet);
  if (lifecycle?.preStop?.httpGet !== undefined) applyHttpGetDefaults(lifecycle.preStop.httpGet);
}

function applyProbeDefaults(probe: Edit<Probe>): void {
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  if (probe.httpGet !== undefined) applyHttpGetDefaults(probe.httpGet);
  if (probe.grpc !== undefined) probe.grpc.service ??= '';
}

function applyHttpGetDefaults(action: Edit<HTTPGetAction>): void {
  action.path ||= '/';
  action.scheme ||= 'HTTP';
}

function requestLimits(container: Edit<Container>): void {
  const limits = container.resources?.limits;
  if (limits === undefined || container.resources === undefined) return;
  const requests = (container.resources.requests ??= {});
  for (const name of Object.keys(limits)) if (!Object.hasOwn(requests, name)) requests[name] = limits[name];
}

function useHostPorts(container: Edit<Container>): void {
  for (const port of container.ports ?? []) port.hostPort ||= port.containerPort;
}
