import type {
  Container,
  ContainerPort,
  ContainerResizePolicy,
  EphemeralContainer,
  PodSpec,
} from '../../../kube/api/core-v1.generated.ts';
import { isValidPortName } from '../../../kube/names.ts';
import { checkDnsLabel, checkPortNumber } from '../checks/names.ts';
import type { Faults } from '../faults.ts';
import { isBlank, type Loose } from '../wire.ts';
import { checkEnv, checkEnvFrom } from './env.ts';
import { checkLifecycle, checkProbe } from './probes.ts';
import { checkContainerResources } from './resources.ts';
import { checkContainerSecurity } from './security.ts';
import { checkVolumeDevices, checkVolumeMounts, type VolumesByName } from './volume-mounts.ts';

/** What checks of containers need to know of their pod. */
export interface ContainerSurroundings {
  readonly spec: Loose<PodSpec>;
  readonly volumes: VolumesByName;
  readonly claimNames: ReadonlySet<string>;
}

/** Protocols of ports, as messages list them. */
export const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

const MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError'];
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const RESIZE_RESOURCES = ['cpu', 'memory'];
const RESIZE_POLICIES = ['NotRequired', 'RestartContainer'];
const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;
const CONTAINER_RESTARTS = ['Always', 'Never', 'OnFailure'];

/** Refuses wrong containers of a pod. kubernetes: validateContainers */
export function checkContainers(surroundings: ContainerSurroundings, path: string, faults: Faults): void {
  const { spec } = surroundings;
  const containers = spec.containers ?? [];
  if (containers.length === 0) {
    faults.required(path);
    return;
  }
  const names = new Set<string>();
  containers.forEach((container, i) => {
    const at = `${path}[${i}]`;
    checkContainer(container, surroundings, at, faults);
    const name = container.name ?? '';
    if (names.has(name)) faults.duplicate(`${at}.name`, name);
    names.add(name);
    checkLifecycle(container.lifecycle, spec.terminationGracePeriodSeconds, `${at}.lifecycle`, faults);
    for (const probe of PROBES) checkProbe(container[probe], probe, at, faults);
    const policy = container.restartPolicy;
    if (policy !== undefined && !CONTAINER_RESTARTS.includes(policy)) {
      faults.notSupported(`${at}.restartPolicy`, policy, CONTAINER_RESTARTS);
    }
  });
  checkHostPorts(containers, path, faults);
}

/** Refuses wrong init containers; those with restartPolicy Always are sidecars. kubernetes: validateInitContainers */
export function checkInitContainers(surroundings: ContainerSurroundings, path: string, faults: Faults): void {
  const { spec } = surroundings;
  if (spec.initContainers === undefined) return;
  const names = new Set<string>();
  for (const container of spec.containers ?? []) names.add(container.name ?? '');
  spec.initContainers.forEach((container, i) => {
    const at = `${path}[${i}]`;
    checkContainer(container, surroundings, at, faults);
    const policy = container.restartPolicy;
    if (policy !== undefined && !CONTAINER_RESTARTS.includes(policy)) {
      faults.notSupported(`${at}.restartPolicy`, policy, CONTAINER_RESTARTS);
    }
    const name = container.name ?? '';
    if (names.has(name)) faults.duplicate(`${at}.name`, name);
    else if (name !== '') names.add(name);
    checkHostPorts([container], path, faults);
    if (policy === 'Always') {
      checkLifecycle(container.lifecycle, spec.terminationGracePeriodSeconds, `${at}.lifecycle`, faults);
      for (const probe of PROBES) checkProbe(container[probe], probe, at, faults);
      return;
    }
    for (const field of ['lifecycle', ...PROBES] as const) {
      if (container[field] !== undefined) {
        faults.forbidden(`${at}.${field}`, 'may not be set for init containers without restartPolicy=Always');
      }
    }
  });
}

const EPHEMERAL_FORBIDDEN = [
  'ports',
  'resources',
  'restartPolicy',
  'resizePolicy',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const;

/** Refuses wrong ephemeral containers. kubernetes: validateEphemeralContainers */
export function checkEphemeralContainers(surroundings: ContainerSurroundings, path: string, faults: Faults): void {
  const { spec } = surroundings;
  if (spec.ephemeralContainers === undefined) return;
  const others = new Set<string>();
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])])
    others.add(container.name ?? '');
  const names = new Set(others);
  spec.ephemeralContainers.forEach((container, i) => {
    const at = `${path}[${i}]`;
    checkContainer(container, surroundings, at, faults);
    checkImageSpaces(container, at, faults);
    const name = container.name ?? '';
    if (names.has(name)) faults.duplicate(`${at}.name`, name);
    names.add(name);
    const target = container.targetContainerName;
    if (!isBlank(target) && !others.has(target)) faults.notFound(`${at}.targetContainerName`, target);
    for (const field of EPHEMERAL_FORBIDDEN) {
      const value = container[field];
      if (value !== undefined && Object.keys(value).length > 0) {
        faults.forbidden(`${at}.${field}`, 'cannot be set for an Ephemeral Container');
      }
    }
    container.volumeMounts?.forEach((mount, m) => {
      for (const field of ['subPath', 'subPathExpr'] as const) {
        if (!isBlank(mount[field])) {
          faults.forbidden(`${at}.volumeMounts[${m}].${field}`, 'cannot be set for an Ephemeral Container');
        }
      }
    });
  });
}

/** Refuses images with spaces around them, which only templates may have. */
export function checkImageSpaces(
  container: Loose<Container> | Loose<EphemeralContainer>,
  path: string,
  faults: Faults,
): void {
  const { image } = container;
  if (image !== undefined && image !== image.trim()) {
    faults.invalid(`${path}.image`, image, 'must not have leading or trailing whitespace');
  }
}

/** What holds for containers of all sorts. kubernetes: validateContainerCommon */
function checkContainer(
  container: Loose<Container>,
  { spec, volumes, claimNames }: ContainerSurroundings,
  path: string,
  faults: Faults,
): void {
  if (isBlank(container.name)) faults.required(`${path}.name`);
  else checkDnsLabel(container.name, `${path}.name`, faults);
  if (isBlank(container.image)) faults.required(`${path}.image`);
  const messagePolicy = container.terminationMessagePolicy;
  if (isBlank(messagePolicy)) faults.required(`${path}.terminationMessagePolicy`);
  else if (!MESSAGE_POLICIES.includes(messagePolicy)) {
    faults.notSupported(`${path}.terminationMessagePolicy`, messagePolicy, MESSAGE_POLICIES);
  }
  if (container.ports !== undefined) checkPorts(container.ports, `${path}.ports`, faults);
  if (container.env !== undefined) checkEnv(container.env, `${path}.env`, faults);
  if (container.envFrom !== undefined) checkEnvFrom(container.envFrom, `${path}.envFrom`, faults);
  if (container.volumeMounts !== undefined) checkVolumeMounts(container, volumes, `${path}.volumeMounts`, faults);
  if (container.volumeDevices !== undefined) {
    const mounts = container.volumeMounts ?? [];
    checkVolumeDevices(container.volumeDevices, mounts, volumes, `${path}.volumeDevices`, faults);
  }
  checkPullPolicy(container.imagePullPolicy, `${path}.imagePullPolicy`, faults);
  checkContainerResources(container.resources, claimNames, `${path}.resources`, faults);
  if (container.resizePolicy !== undefined) {
    checkResizePolicies(container.resizePolicy, spec.restartPolicy, `${path}.resizePolicy`, faults);
  }
  if (container.securityContext !== undefined) {
    checkContainerSecurity(container.securityContext, spec.hostUsers !== false, `${path}.securityContext`, faults);
  }
}

/** Refuses unknown policies of pulling images. */
export function checkPullPolicy(policy: string | undefined, path: string, faults: Faults): void {
  if (isBlank(policy)) faults.required(path);
  else if (!PULL_POLICIES.includes(policy)) faults.notSupported(path, policy, PULL_POLICIES);
}

function checkPorts(ports: readonly Loose<ContainerPort>[], path: string, faults: Faults): void {
  const names = new Set<string>();
  ports.forEach((port, i) => {
    const at = `${path}[${i}]`;
    const { name, containerPort = 0, hostPort = 0, protocol } = port;
    if (!isBlank(name)) {
      const messages = isValidPortName(name);
      faults.invalidEach(`${at}.name`, name, messages);
      if (messages.length === 0) {
        if (names.has(name)) faults.duplicate(`${at}.name`, name);
        names.add(name);
      }
    }
    if (containerPort === 0) faults.required(`${at}.containerPort`);
    else checkPortNumber(containerPort, `${at}.containerPort`, faults);
    if (hostPort !== 0) checkPortNumber(hostPort, `${at}.hostPort`, faults);
    if (isBlank(protocol)) faults.required(`${at}.protocol`);
    else if (!PROTOCOLS.includes(protocol)) faults.notSupported(`${at}.protocol`, protocol, PROTOCOLS);
  });
}

function checkHostPorts(containers: readonly Loose<Container>[], path: string, faults: Faults): void {
  const taken = new Set<string>();
  containers.forEach((container, c) => {
    container.ports?.forEach(({ protocol = '', hostIP = '', hostPort = 0 }, p) => {
      if (hostPort === 0) return;
      const key = `${protocol}/${hostIP}/${hostPort}`;
      if (taken.has(key)) faults.duplicate(`${path}[${c}].ports[${p}].hostPort`, key);
      taken.add(key);
    });
  });
}

function checkResizePolicies(
  policies: readonly Loose<ContainerResizePolicy>[],
  restartPolicy: string | undefined,
  path: string,
  faults: Faults,
): void {
  const seen = new Set<string>();
  policies.forEach((policy, i) => {
    const resource = policy.resourceName ?? '';
    const restart = policy.restartPolicy ?? '';
    if (seen.has(resource)) faults.duplicate(`${path}[${i}]`, resource);
    seen.add(resource);
    if (resource === '') faults.required(path);
    else if (!RESIZE_RESOURCES.includes(resource)) faults.notSupported(path, resource, RESIZE_RESOURCES);
    if (restart === '') faults.required(path);
    else if (!RESIZE_POLICIES.includes(restart)) faults.notSupported(path, restart, RESIZE_POLICIES);
    if (restartPolicy === 'Never' && restart !== 'NotRequired') {
      faults.invalid(path, restart, "must be 'NotRequired' when `restartPolicy` is 'Never'");
    }
  });
}
