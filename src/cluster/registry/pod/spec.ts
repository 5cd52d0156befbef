import type { PodDNSConfig, PodSpec, PodTemplateSpec } from '../../../kube/api/core-v1.generated.ts';
import { isDns1123SubdomainWithUnderscore, isInRange, nameIsDnsSubdomain } from '../../../kube/names.ts';
import { checkAnnotations, checkLabels } from '../checks/labels.ts';
import { checkDnsLabel, checkDnsSubdomain, checkIp } from '../checks/names.ts';
import { checkOneOf } from '../checks/values.ts';
import type { Faults } from '../faults.ts';
import { isBlank, type Loose } from '../wire.ts';
import { checkAffinity } from './affinity.ts';
import { checkPodAnnotations } from './annotations.ts';
import {
  checkContainers,
  checkEphemeralContainers,
  checkInitContainers,
  type ContainerSurroundings,
} from './containers.ts';
import { checkOperatingSystem } from './operating-system.ts';
import { checkPodResources } from './pod-resources.ts';
import { checkRequirements } from './resources.ts';
import { checkContainerResourceName } from '../checks/resources.ts';
import { checkReadinessGates, checkSchedulingGates, checkTolerations, checkTopologySpread } from './scheduling.ts';
import { checkPodSecurity } from './security.ts';
import { checkVolumes } from './volumes.ts';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const PREEMPTION_POLICIES = ['PreemptLowerPriority', 'Never'];
const MAX_INT32 = 2_147_483_647;

/** Refuses wrong templates of pods. kubernetes: ValidatePodTemplateSpec */
export function checkPodTemplate(template: Loose<PodTemplateSpec>, path: string, faults: Faults): void {
  const { spec = {} } = template;
  checkTemplateMetadata(template, path, faults);
  checkPodSpec(spec, { podName: '', isPod: false }, `${path}.spec`, faults);
  if ((spec.ephemeralContainers ?? []).length > 0) {
    faults.forbidden(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template');
  }
}

/** The labels and annotations of a template. */
export function checkTemplateMetadata(template: Loose<PodTemplateSpec>, path: string, faults: Faults): void {
  const { metadata = {}, spec = {} } = template;
  checkLabels(metadata.labels, `${path}.labels`, faults);
  checkAnnotations(metadata.annotations, `${path}.annotations`, faults);
  checkPodAnnotations(metadata.annotations, spec, `${path}.annotations`, faults);
}

/** Refuses wrong specs of pods; `podName` is empty for those of templates. kubernetes: ValidatePodSpec */
export function checkPodSpec(
  spec: Loose<PodSpec>,
  pod: { readonly podName: string; readonly isPod: boolean },
  path: string,
  faults: Faults,
): void {
  if (spec.terminationGracePeriodSeconds === undefined) faults.required(`${path}.terminationGracePeriodSeconds`);
  const volumes = checkVolumes(spec.volumes ?? [], pod, `${path}.volumes`, faults);
  const claimNames = checkResourceClaims(spec, `${path}.resourceClaims`, faults);
  const surroundings: ContainerSurroundings = { spec, volumes, claimNames };
  checkContainers(surroundings, `${path}.containers`, faults);
  checkInitContainers(surroundings, `${path}.initContainers`, faults);
  checkEphemeralContainers(surroundings, `${path}.ephemeralContainers`, faults);
  checkPodResources(spec, `${path}.resources`, faults);
  if (spec.hostNetwork === true) checkHostNetworkPorts(spec, pod.isPod, `${path}.containers`, faults);
  checkOneOf(spec.restartPolicy, RESTART_POLICIES, `${path}.restartPolicy`, faults, { required: true });
  checkOneOf(spec.dnsPolicy, DNS_POLICIES, `${path}.dnsPolicy`, faults, { required: true });
  checkLabels(spec.nodeSelector, `${path}.nodeSelector`, faults);
  if (spec.securityContext !== undefined) {
    checkPodSecurity(spec.securityContext, spec, `${path}.securityContext`, faults);
  }
  if (spec.affinity !== undefined) checkAffinity(spec.affinity, `${path}.affinity`, faults);
  checkDnsConfig(spec.dnsConfig, spec.dnsPolicy, `${path}.dnsConfig`, faults);
  checkReadinessGates(spec.readinessGates ?? [], `${path}.readinessGates`, faults);
  checkSchedulingGates(spec.schedulingGates ?? [], `${path}.schedulingGates`, faults);
  checkTopologySpread(spec.topologySpreadConstraints ?? [], `${path}.topologySpreadConstraints`, faults);
  if (spec.hostUsers === false) checkHostUsers(spec, path, faults);
  checkNames(spec, path, faults);
  checkTolerations(spec.tolerations ?? [], `${path}.tolerations`, faults);
  checkHostAliases(spec, `${path}.hostAliases`, faults);
  checkOneOf(spec.preemptionPolicy, PREEMPTION_POLICIES, `${path}.preemptionPolicy`, faults);
  if (spec.overhead !== undefined) {
    checkRequirements({ limits: spec.overhead }, `${path}.overhead`, faults, (name, at) =>
      checkContainerResourceName(name, at, faults),
    );
  }
  if (spec.os !== undefined) checkOperatingSystem(spec, path, faults);
}

function checkNames(spec: Loose<PodSpec>, path: string, faults: Faults): void {
  for (const field of ['serviceAccountName', 'nodeName', 'priorityClassName', 'runtimeClassName'] as const) {
    const name = spec[field];
    if (!isBlank(name)) faults.invalidEach(`${path}.${field}`, name, nameIsDnsSubdomain(name));
  }
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined) {
    faults.invalidEach(`${path}.activeDeadlineSeconds`, deadline, isInRange(deadline, 1, MAX_INT32));
  }
  if (!isBlank(spec.hostname)) checkDnsLabel(spec.hostname, `${path}.hostname`, faults);
  if (!isBlank(spec.subdomain)) checkDnsLabel(spec.subdomain, `${path}.subdomain`, faults);
}

function checkResourceClaims(spec: Loose<PodSpec>, path: string, faults: Faults): ReadonlySet<string> {
  const names = new Set<string>();
  spec.resourceClaims?.forEach((claim, i) => {
    const at = `${path}[${i}]`;
    const { name, resourceClaimName, resourceClaimTemplateName } = claim;
    if (isBlank(name)) faults.required(`${at}.name`);
    else if (names.has(name)) faults.duplicate(`${at}.name`, name);
    else {
      checkDnsLabel(name, `${at}.name`, faults);
      names.add(name);
    }
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) {
      const text = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified';
      faults.invalid(at, claim, text);
    }
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) {
      faults.invalid(at, claim, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`');
    }
    for (const field of ['resourceClaimName', 'resourceClaimTemplateName'] as const) {
      const value = claim[field];
      if (value !== undefined) faults.invalidEach(`${at}.${field}`, value, nameIsDnsSubdomain(value));
    }
  });
  return names;
}

function checkHostNetworkPorts(spec: Loose<PodSpec>, isPod: boolean, path: string, faults: Faults): void {
  spec.containers?.forEach((container, c) => {
    container.ports?.forEach(({ hostPort = 0, containerPort = 0 }, p) => {
      if ((isPod || hostPort !== 0) && hostPort !== containerPort) {
        const text = 'must match `containerPort` when `hostNetwork` is true';
        faults.invalid(`${path}[${c}].ports[${p}].hostPort`, hostPort, text);
      }
    });
  });
}

function checkDnsConfig(
  config: Loose<PodDNSConfig> | undefined,
  policy: string | undefined,
  path: string,
  faults: Faults,
): void {
  const nameservers = config?.nameservers ?? [];
  if (policy === 'None') {
    if (config === undefined) {
      faults.required(path, 'must provide `dnsConfig` when `dnsPolicy` is None');
      return;
    }
    if (nameservers.length === 0) {
      const text = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
      faults.required(`${path}.nameservers`, text);
      return;
    }
  }
  if (config === undefined) return;
  if (nameservers.length > 3) {
    faults.invalid(`${path}.nameservers`, nameservers, 'must not have more than 3 nameservers');
  }
  nameservers.forEach((server, i) => checkIp(server, `${path}.nameservers[${i}]`, faults));
  const searches = config.searches ?? [];
  if (searches.length > 32) faults.invalid(`${path}.searches`, searches, 'must not have more than 32 search paths');
  if (searches.join(' ').length > 2048) {
    const text = 'must not have more than 2048 characters (including spaces) in the search list';
    faults.invalid(`${path}.searches`, searches, text);
  }
  searches.forEach((search, i) => {
    if (search === '.') return;
    const name = search.endsWith('.') ? search.slice(0, -1) : search;
    faults.invalidEach(`${path}.searches[${i}]`, name, isDns1123SubdomainWithUnderscore(name));
  });
  config.options?.forEach(({ name }, i) => {
    if (isBlank(name)) faults.required(`${path}.options[${i}]`, 'must not be empty');
  });
}

function checkHostUsers(spec: Loose<PodSpec>, path: string, faults: Faults): void {
  const text = 'when `pod.Spec.HostUsers` is false';
  if (spec.hostNetwork === true) faults.forbidden(`${path}.hostNetwork`, text);
  if (spec.hostPID === true) faults.forbidden(`${path}.HostPID`, text);
  if (spec.hostIPC === true) faults.forbidden(`${path}.HostIPC`, text);
}

function checkHostAliases(spec: Loose<PodSpec>, path: string, faults: Faults): void {
  spec.hostAliases?.forEach(({ ip = '', hostnames = [] }, i) => {
    checkIp(ip, `${path}[${i}].ip`, faults);
    hostnames.forEach((name, h) => checkDnsSubdomain(name, `${path}[${i}].hostnames[${h}]`, faults));
  });
}
