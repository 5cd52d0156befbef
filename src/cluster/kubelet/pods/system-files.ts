import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import { DNS_SERVICE_ADDRESS } from '../../machinery/cluster-network.ts';

/** What the machines themselves ask. */
const HOST_DNS = '1.1.1.1';
const LOCAL_HOSTS = [
  ['127.0.0.1', 'localhost'],
  ['::1', 'localhost ip6-localhost ip6-loopback'],
  ['fe00::0', 'ip6-localnet'],
  ['fe00::0', 'ip6-mcastprefix'],
  ['fe00::1', 'ip6-allnodes'],
  ['fe00::2', 'ip6-allrouters'],
]
  .map(([address = '', names = '']) => `${address}\t${names}\n`)
  .join('');

/** The name that a pod's processes have for their machine. kubernetes: pkg/kubelet/kubelet_pods.go GeneratePodHostNameAndDomain */
export function podHostname({ metadata, spec }: Pod): string {
  if (spec?.hostNetwork === true) return spec.nodeName ?? '';
  const name = spec?.hostname ?? metadata.name ?? '';
  // A host's name has at most 63 characters, and does not end in a dash or dot.
  const host = name.length > 63 ? name.slice(0, 63).replace(/[-.]+$/, '') : name;
  const { hostnameOverride } = spec ?? {};
  if (hostnameOverride !== undefined) return hostnameOverride;
  const { subdomain } = spec ?? {};
  const qualified = spec?.setHostnameAsFQDN === true && subdomain !== undefined && subdomain !== '';
  return qualified ? `${host}.${subdomain}.${metadata.namespace ?? ''}.svc.cluster.local` : host;
}

/** The files that the kubelet and the runtime put into every container of a pod, by path. */
export function systemFiles(pod: Pod, podIP: string): ReadonlyMap<string, string> {
  return new Map([
    ['/etc/hostname', `${podHostname(pod)}\n`],
    ['/etc/hosts', hosts(pod, podIP)],
    ['/etc/resolv.conf', resolverFile(pod)],
    ...(pod.spec?.securityContext?.sysctls ?? []).map(({ name, value }): [string, string] => [
      sysctlPath(name),
      `${value}\n`,
    ]),
  ]);
}

/** Where the kernel shows a setting. */
function sysctlPath(name: string): string {
  return `/proc/sys/${name.includes('/') ? name : name.replaceAll('.', '/')}`;
}

/** kubernetes: pkg/kubelet/kubelet_pods.go managedHostsFileContent, nodeHostsFileContent */
function hosts(pod: Pod, podIP: string): string {
  const { hostNetwork, hostAliases = [], subdomain } = pod.spec ?? {};
  const name = podHostname(pod);
  let text = `# Kubernetes-managed hosts file${hostNetwork === true ? ' (host network)' : ''}.\n${LOCAL_HOSTS}`;
  if (hostNetwork === true) text += `${pod.status?.hostIP ?? podIP}\t${name}\n`;
  else {
    const domain = subdomain === undefined || subdomain === '' ? '' : qualifiedName(pod, name, subdomain);
    text += `${podIP === '' ? '127.0.0.1' : podIP}\t${domain}${name}\n`;
  }
  if (hostAliases.length > 0) text += '\n# Entries added by HostAliases.\n';
  for (const { ip, hostnames = [] } of hostAliases) text += `${ip}\t${hostnames.join('\t')}\n`;
  return text;
}

function qualifiedName({ metadata }: Pod, name: string, subdomain: string): string {
  return name.includes('.') ? '' : `${name}.${subdomain}.${metadata.namespace ?? ''}.svc.cluster.local\t`;
}

/** kubernetes: pkg/kubelet/network/dns/dns.go GetPodDNS */
function resolverFile({ metadata, spec }: Pod): string {
  const { dnsConfig, hostNetwork, dnsPolicy = 'ClusterFirst' } = spec ?? {};
  const ofHost = dnsPolicy === 'Default' || (dnsPolicy === 'ClusterFirst' && hostNetwork === true);
  const nameservers: string[] = [];
  let searches: string[] = [];
  const options = new Map<string, string>();
  if (ofHost) nameservers.push(HOST_DNS);
  else if (dnsPolicy !== 'None') {
    nameservers.push(DNS_SERVICE_ADDRESS);
    searches = [`${metadata.namespace ?? ''}.svc.cluster.local`, 'svc.cluster.local', 'cluster.local'];
    options.set('ndots', 'ndots:5');
  }
  nameservers.push(...(dnsConfig?.nameservers ?? []));
  searches.push(...(dnsConfig?.searches ?? []));
  for (const { name = '', value } of dnsConfig?.options ?? []) {
    options.set(name, value === undefined ? name : `${name}:${value}`);
  }
  const search = [...new Set(searches)].join(' ');
  const lines = [...new Set(nameservers)].map((address) => `nameserver ${address}\n`).join('');
  const tail = options.size === 0 ? '' : `options ${[...options.values()].join(' ')}\n`;
  return `${search === '' ? '' : `search ${search}\n`}${lines}${tail}`;
}
