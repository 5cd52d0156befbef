import type { ConfigMap, Container, EnvVar, Pod, Secret, Service } from '../../../kube/api/core-v1.generated.ts';
import { newObject } from '../../../base/json.ts';
import { isEnvVarName } from '../../../kube/names.ts';
import { resourceAmount } from '../../machinery/pod-amounts.ts';
import { type ClusterView, dependencyKey } from '../cluster-view.ts';

/** The environment of a container, or why there is none. */
export interface Environment {
  /** With the addresses of Services; these are gathered when the environment is first looked at. */
  readonly env: Readonly<Record<string, string>>;
  /** In the words of CreateContainerConfigError. */
  readonly fault?: string;
  /** Keys of the objects whose appearance may mend the fault. */
  readonly dependencies: readonly string[];
}

/** What an environment is made from. */
export interface EnvironmentInput {
  readonly pod: Pod;
  readonly container: Container;
  readonly view: Pick<ClusterView, 'configMaps' | 'secrets' | 'services'>;
  readonly podIP: string;
  readonly hostIP: string;
  /** Of the node, for limits that the container does not set. */
  readonly allocatable: Readonly<Record<string, string | number>>;
}

class Fault extends Error {
  readonly dependency: string;
  constructor(message: string, dependency: string) {
    super(message);
    this.dependency = dependency;
  }
}

/** Makes the environment of a container. kubernetes: pkg/kubelet/kubelet_pods.go makeEnvironmentVariables */
export function makeEnvironment(input: EnvironmentInput): Environment {
  const variables = new Variables(input);
  try {
    for (const source of input.container.envFrom ?? []) {
      const prefix = source.prefix ?? '';
      if (source.configMapRef !== undefined) {
        const map = configMap(input, source.configMapRef.name ?? '', source.configMapRef.optional);
        for (const [key, value] of Object.entries(map?.data ?? {})) setValid(variables.own, prefix + key, value);
      }
      if (source.secretRef !== undefined) {
        const secret = secretOf(input, source.secretRef.name ?? '', source.secretRef.optional);
        for (const [key, value] of Object.entries(secret?.data ?? {}))
          setValid(variables.own, prefix + key, decode(value));
      }
    }
    for (const variable of input.container.env ?? []) {
      const value = valueOf(variable, variables, input);
      if (value !== undefined) variables.own[variable.name] = value;
    }
    return {
      get env() {
        return variables.all();
      },
      dependencies: [],
    };
  } catch (error) {
    if (error instanceof Fault) return { env: variables.own, fault: error.message, dependencies: [error.dependency] };
    throw error;
  }
}

/** The variables that a pod sets, and behind them those of Services. */
class Variables {
  readonly own = newObject<string>();
  readonly #input: EnvironmentInput;
  #services: Readonly<Record<string, string>> | undefined;

  constructor(input: EnvironmentInput) {
    this.#input = input;
  }

  all(): Readonly<Record<string, string>> {
    this.#services ??= serviceVariables(this.#input);
    return Object.assign(newObject<string>(), this.#services, this.own);
  }

  expand(text: string): string {
    return text.includes('$') ? expandReferences(text, this.all()) : text;
  }
}

function setValid(env: Record<string, string>, name: string, value: string): void {
  if (isEnvVarName(name).length === 0) env[name] = value;
}

function namespaceOf(input: EnvironmentInput): string {
  return input.pod.metadata.namespace ?? '';
}

function configMap(input: EnvironmentInput, name: string, optional: boolean | undefined): ConfigMap | undefined {
  const namespace = namespaceOf(input);
  const found = input.view.configMaps.get({ namespace, name });
  if (found === undefined && optional !== true) {
    throw new Fault(`configmap ${JSON.stringify(name)} not found`, dependencyKey('configmaps', namespace, name));
  }
  return found;
}

function secretOf(input: EnvironmentInput, name: string, optional: boolean | undefined): Secret | undefined {
  const namespace = namespaceOf(input);
  const found = input.view.secrets.get({ namespace, name });
  if (found === undefined && optional !== true) {
    throw new Fault(`secret ${JSON.stringify(name)} not found`, dependencyKey('secrets', namespace, name));
  }
  return found;
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

function valueOf(variable: EnvVar, variables: Variables, input: EnvironmentInput): string | undefined {
  const from = variable.valueFrom;
  if (from === undefined) return variables.expand(variable.value ?? '');
  if (from.fieldRef !== undefined) return podField(from.fieldRef.fieldPath, input) ?? '';
  if (from.resourceFieldRef !== undefined) return containerResource(from.resourceFieldRef, input);
  if (from.configMapKeyRef !== undefined) {
    const { name = '', key, optional } = from.configMapKeyRef;
    const map = configMap(input, name, optional);
    if (map === undefined) return undefined;
    const value = own(map.data, key) ?? decodeOptional(own(map.binaryData, key));
    if (value !== undefined || optional === true) return value;
    const namespace = namespaceOf(input);
    throw new Fault(
      `couldn't find key ${key} in ConfigMap ${namespace}/${name}`,
      dependencyKey('configmaps', namespace, name),
    );
  }
  if (from.secretKeyRef !== undefined) {
    const { name = '', key, optional } = from.secretKeyRef;
    const secret = secretOf(input, name, optional);
    if (secret === undefined) return undefined;
    const value = decodeOptional(own(secret.data, key));
    if (value !== undefined || optional === true) return value;
    const namespace = namespaceOf(input);
    throw new Fault(
      `couldn't find key ${key} in Secret ${namespace}/${name}`,
      dependencyKey('secrets', namespace, name),
    );
  }
  return '';
}

function own(map: Readonly<Record<string, string>> | undefined, key: string): string | undefined {
  return map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
}

function decodeOptional(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : decode(base64);
}

/**
 * Replaces `$(NAME)` by the variable's value; what is not set stays as it is, and `$$` is a `$`.
 * kubernetes: third_party/forked/golang/expansion
 */
export function expandReferences(text: string, env: Readonly<Record<string, string>>): string {
  if (!text.includes('$')) return text;
  return text.replaceAll(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) => {
    if (name === undefined) return '$';
    return Object.hasOwn(env, name) ? (env[name] ?? '') : whole;
  });
}

/** A field of the pod as the downward API gives it; undefined for fields that it does not have. */
export function podField(
  path: string,
  { pod, podIP, hostIP }: Pick<EnvironmentInput, 'pod' | 'podIP' | 'hostIP'>,
): string | undefined {
  const subscript = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (subscript !== null)
    return own(pod.metadata[subscript[1] === 'labels' ? 'labels' : 'annotations'], subscript[2] ?? '');
  switch (path) {
    case 'metadata.name':
      return pod.metadata.name;
    case 'metadata.namespace':
      return pod.metadata.namespace;
    case 'metadata.uid':
      return pod.metadata.uid;
    case 'metadata.labels':
      return listing(pod.metadata.labels);
    case 'metadata.annotations':
      return listing(pod.metadata.annotations);
    case 'spec.nodeName':
      return pod.spec?.nodeName;
    case 'spec.serviceAccountName':
      return pod.spec?.serviceAccountName;
    case 'status.podIP':
    case 'status.podIPs':
      return podIP;
    case 'status.hostIP':
    case 'status.hostIPs':
      return hostIP;
    default:
      return undefined;
  }
}

function listing(map: Readonly<Record<string, string>> | undefined): string {
  return Object.keys(map ?? {})
    .sort()
    .map((key) => `${key}=${JSON.stringify(map?.[key] ?? '')}`)
    .join('\n');
}

/** An amount of a container's resources as the downward API gives it. */
export function containerResource(
  ref: {
    readonly containerName?: string | undefined;
    readonly resource: string;
    readonly divisor?: string | number | undefined;
  },
  {
    pod,
    container,
    allocatable,
  }: Pick<EnvironmentInput, 'pod' | 'allocatable'> & { readonly container: Pick<Container, 'resources'> },
): string {
  const named = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].find(
    ({ name }) => name === ref.containerName,
  );
  const { resources } = named ?? container;
  const [kind = '', ...rest] = ref.resource.split('.');
  const name = rest.join('.');
  const list = kind === 'requests' ? resources?.requests : resources?.limits;
  const quantity = list?.[name] ?? (kind === 'limits' ? allocatable[name] : undefined) ?? 0;
  // Cores are counted in thousandths here, so that divisors such as 1m hold.
  const amount = resourceAmount(name, quantity);
  const divisor = ref.divisor === undefined || ref.divisor === '0' || ref.divisor === 0 ? '1' : ref.divisor;
  return String(Math.ceil(amount / resourceAmount(name, divisor)));
}

/** By the list of Services, which is the same until one of them changes. */
const knownVariables = new WeakMap<
  readonly Service[],
  { readonly master: Service | undefined; readonly env: Readonly<Record<string, string>> }
>();

const NO_SERVICES: readonly Service[] = [];

/** Addresses of the Services of the namespace, and of the API server. kubernetes: pkg/kubelet/envvars/envvars.go */
function serviceVariables(input: EnvironmentInput): Readonly<Record<string, string>> {
  const master = input.view.services.get({ namespace: 'default', name: 'kubernetes' });
  const hasLinks = input.pod.spec?.enableServiceLinks !== false;
  const links = hasLinks ? input.view.services.list(namespaceOf(input)) : NO_SERVICES;
  const known = knownVariables.get(links);
  if (known !== undefined && known.master === master) return known.env;
  const env = variablesOf(links, master);
  knownVariables.set(links, { master, env });
  return env;
}

function variablesOf(links: readonly Service[], master: Service | undefined): Readonly<Record<string, string>> {
  const env = newObject<string>();
  for (const service of master === undefined || links.includes(master) ? links : [master, ...links]) {
    const { clusterIP, ports = [] } = service.spec ?? {};
    const [first] = ports;
    if (clusterIP === undefined || clusterIP === '' || clusterIP === 'None' || first === undefined) continue;
    const name = (service.metadata.name ?? '').toUpperCase().replaceAll('-', '_');
    env[`${name}_SERVICE_HOST`] = clusterIP;
    env[`${name}_SERVICE_PORT`] = String(first.port);
    env[`${name}_PORT`] = `${(first.protocol ?? 'TCP').toLowerCase()}://${clusterIP}:${first.port}`;
    for (const port of ports) {
      if (port.name !== undefined && port.name !== '') {
        env[`${name}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`] = String(port.port);
      }
      const protocol = port.protocol ?? 'TCP';
      const prefix = `${name}_PORT_${port.port}_${protocol}`;
      env[prefix] = `${protocol.toLowerCase()}://${clusterIP}:${port.port}`;
      env[`${prefix}_PROTO`] = protocol.toLowerCase();
      env[`${prefix}_PORT`] = String(port.port);
      env[`${prefix}_ADDR`] = clusterIP;
    }
  }
  return env;
}
