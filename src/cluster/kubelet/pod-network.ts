import type { Service } from '../../kube/api/core-v1.generated.ts';
import { joinKey } from '../machinery/keys.ts';
import type { ClusterView } from './cluster-view.ts';
import type { DialResult, ProcessNetwork } from './process/surroundings.ts';

const CLUSTER_DOMAIN = 'cluster.local';

/** The network as processes in the pods of a namespace see it: Services by their DNS names and addresses, and the world outside. */
export class PodNetwork implements ProcessNetwork {
  readonly #view: ClusterView;
  readonly #namespace: string;

  constructor(view: ClusterView, namespace: string) {
    this.#view = view;
    this.#namespace = namespace;
  }

  resolve(host: string): string | undefined {
    if (isAddress(host)) return host;
    const service = this.#service(host);
    if (service === undefined) return this.#isOutside(host) ? '203.0.113.10' : undefined;
    if (service.spec?.type === 'ExternalName') return '203.0.113.10';
    if (service.spec?.clusterIP !== 'None') return service.spec?.clusterIP;
    return this.#readyEndpoints(service, undefined)[0];
  }

  addresses(host: string): readonly string[] {
    const service = this.#service(host);
    if (service?.spec?.clusterIP === 'None') return this.#readyEndpoints(service, undefined);
    const address = this.resolve(host);
    return address === undefined ? [] : [address];
  }

  dial(host: string, port: number): DialResult {
    if (isAddress(host)) return this.#dialAddress(host, port);
    const service = this.#service(host);
    if (service === undefined) return this.#isOutside(host) ? 'connected' : 'unknown-host';
    if (service.spec?.type === 'ExternalName') return 'connected';
    const headless = service.spec?.clusterIP === 'None';
    if (headless) return this.#readyEndpoints(service, undefined).length > 0 ? 'connected' : 'unknown-host';
    return this.#dialService(service, port);
  }

  /** The pod address and port at which a connection ends; undefined outside the cluster and where nobody is. */
  endpointOf(host: string, port: number): { readonly address: string; readonly port: number } | undefined {
    const service = isAddress(host)
      ? this.#view.services.list().find((each) => each.spec?.clusterIP === host)
      : this.#service(host);
    if (service === undefined) return isAddress(host) ? { address: host, port } : undefined;
    if (isApiServer(service)) return undefined;
    const headless = service.spec?.clusterIP === 'None';
    const named = service.spec?.ports?.find((each) => each.port === port);
    if (named === undefined && !headless) return undefined;
    const [address] = this.#readyEndpoints(service, headless ? undefined : (named?.name ?? ''));
    if (address === undefined) return undefined;
    return { address, port: headless ? port : this.#targetPort(service, address, named?.name ?? '') };
  }

  #targetPort(service: Service, address: string, name: string): number {
    const key = joinKey(service.metadata.namespace, service.metadata.name ?? '');
    for (const { ports, endpoints } of this.#view.slices.byIndex('service', key)) {
      const found = ports?.find((each) => (each.name ?? '') === name)?.port;
      if (found !== undefined && endpoints?.some((each) => each.addresses.includes(address))) return found;
    }
    return 0;
  }

  #dialAddress(address: string, port: number): DialResult {
    const service = this.#view.services.list().find((each) => each.spec?.clusterIP === address);
    return service === undefined ? 'connected' : this.#dialService(service, port);
  }

  #dialService(service: Service, port: number): DialResult {
    const named = service.spec?.ports?.find((each) => each.port === port);
    if (named === undefined) return 'refused';
    // The API server has no pods behind it.
    if (isApiServer(service)) return 'connected';
    return this.#readyEndpoints(service, named.name).length > 0 ? 'connected' : 'refused';
  }

  /** Addresses of endpoints that are ready, of the slices that carry the port of that name. */
  #readyEndpoints(service: Service, portName: string | undefined): readonly string[] {
    const key = joinKey(service.metadata.namespace, service.metadata.name ?? '');
    const addresses: string[] = [];
    for (const slice of this.#view.slices.byIndex('service', key)) {
      const carries = portName === undefined || slice.ports?.some((port) => (port.name ?? '') === portName) === true;
      if (!carries) continue;
      for (const { conditions, addresses: own } of slice.endpoints ?? []) {
        if (conditions?.ready !== false || service.spec?.publishNotReadyAddresses === true) addresses.push(...own);
      }
    }
    return addresses;
  }

  /** The Service of a name such as `db`, `db.prod`, `db.prod.svc.cluster.local`, or of a pod of a headless one. */
  #service(host: string): Service | undefined {
    const labels = shortName(host).split('.');
    const [first = '', second, third] = labels;
    if (labels.length === 1) return this.#view.services.get({ namespace: this.#namespace, name: first });
    if (labels.length === 2) {
      const inOther = this.#view.services.get({ namespace: second ?? '', name: first });
      return inOther ?? this.#view.services.get({ namespace: this.#namespace, name: second ?? '' });
    }
    if (labels.length === 3) return this.#view.services.get({ namespace: third ?? '', name: second ?? '' });
    return undefined;
  }

  /** Names with a dot that do not end in the cluster's domain belong to the world, unless nobody can have them. */
  #isOutside(host: string): boolean {
    const name = host.replace(/\.$/, '');
    if (!name.includes('.') || name.endsWith(`.${CLUSTER_DOMAIN}`) || name.endsWith('.svc')) return false;
    if (/(?:^|\.)(?:invalid|test|example)$/.test(name)) return false;
    const [, namespace = ''] = name.split('.');
    return name.split('.').length > 2 || !this.#isNamespace(namespace);
  }

  #isNamespace(name: string): boolean {
    return this.#view.services.list(name).length > 0 || name === 'default' || name === 'svc';
  }
}

function isApiServer({ metadata }: Service): boolean {
  return metadata.namespace === 'default' && metadata.name === 'kubernetes';
}

function shortName(host: string): string {
  return host
    .replace(/\.$/, '')
    .replace(/\.svc\.cluster\.local$/, '')
    .replace(/\.svc$/, '');
}

function isAddress(host: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(host) || host.includes(':');
}
