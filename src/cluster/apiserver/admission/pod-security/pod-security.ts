import { compareStrings } from '../../../../base/json.ts';
import type { Pod, PodSpec, PodTemplateSpec } from '../../../../kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../../../kube/object.ts';
import { RESOURCES } from '../../../../kube/resources.ts';
import { forbidden, invalid } from '../../../registry/status.ts';
import { bucketOf } from '../../served-resources.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';
import type { CheckedPod } from './check.ts';
import { formatViolations, violationsOf } from './evaluate.ts';
import { compareLevels, formatLevel, type LevelVersion, policyOf, sameLevel } from './levels.ts';

const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  '/replicationcontrollers': ['spec', 'template'],
  '/podtemplates': ['template'],
  'apps/replicasets': ['spec', 'template'],
  'apps/deployments': ['spec', 'template'],
  'apps/statefulsets': ['spec', 'template'],
  'apps/daemonsets': ['spec', 'template'],
  'batch/jobs': ['spec', 'template'],
  'batch/cronjobs': ['spec', 'jobTemplate', 'spec', 'template'],
};
const IGNORED_SUBRESOURCES: ReadonlySet<string> = new Set([
  'attach',
  'binding',
  'eviction',
  'exec',
  'log',
  'portforward',
  'proxy',
  'status',
]);
/** Pods of a namespace that a change of its labels looks at. */
const MOST_PODS = 3000;
const ANNOTATION = 'pod-security.kubernetes.io/';

/**
 * Holds pods to the level that their namespace's labels enforce, and warns of pods and templates that break the level it warns of.
 * pod-security-admission: admission/admission.go
 */
export const podSecurity: AdmissionPlugin = {
  name: 'PodSecurity',
  resources: ['/namespaces', '/pods', ...Object.keys(TEMPLATES)],
  validate(request) {
    if (request.operation === 'DELETE' || request.draft === undefined) return;
    const { resource, group } = request.type;
    if (group === '' && resource === 'namespaces') checkNamespace(request);
    else if (group === '' && resource === 'pods') checkPod(request);
    else checkTemplate(request);
  },
};

function labelsOf(object: KubeObject | undefined): Readonly<Record<string, string>> | undefined {
  return object?.metadata.labels;
}

function checkNamespace(request: AdmissionRequest): void {
  if (request.subresource !== '') return;
  const { policy, faults } = policyOf(labelsOf(request.draft));
  const before = request.operation === 'UPDATE' ? policyOf(labelsOf(request.old)) : undefined;
  const isNews = JSON.stringify(faults) !== JSON.stringify(before?.faults);
  if (faults.length > 0 && isNews) {
    const errors = faults.map(({ label, value, detail }) => ({
      type: 'FieldValueInvalid' as const,
      field: `metadata.labels[${label}]`,
      badValue: value,
      detail,
    }));
    throw invalid(request.type, request.name, errors);
  }
  if (before === undefined || policy.enforce.level === 'privileged') return;
  const old = before.policy.enforce;
  if (sameLevel(policy.enforce, old)) return;
  if (policy.enforce.minor === old.minor && compareLevels(policy.enforce.level, old.level) < 1) return;
  warnOfPods(request, policy.enforce);
}

/** Tells which pods of a namespace a new level would refuse. */
function warnOfPods({ list, name, warn }: AdmissionRequest, level: LevelVersion): void {
  const pods = byController(list(RESOURCES.pods, name));
  const found = new Map<string, string[]>();
  for (const pod of pods.slice(0, MOST_PODS)) {
    const reasons = violationsOf(level, checkedPod(pod)).map(({ reason }) => reason);
    if (reasons.length === 0) continue;
    const text = reasons.join(', ');
    found.set(text, [...(found.get(text) ?? []), pod.metadata.name ?? '']);
  }
  if (pods.length > MOST_PODS) {
    warn(`new PodSecurity enforce level only checked against the first ${MOST_PODS} of ${pods.length} existing pods`);
  }
  if (found.size === 0) return;
  warn(`existing pods in namespace "${name}" violate the new PodSecurity enforce level "${formatLevel(level)}"`);
  const lines = [...found].map(([text, names]) => {
    const [first = ''] = names.sort(compareStrings);
    const others = names.length - 1;
    const more = others === 0 ? '' : ` (and ${others} other ${others === 1 ? 'pod' : 'pods'})`;
    return `${first}${more}: ${text}`;
  });
  lines.sort(compareStrings).forEach(warn);
}

/** One pod of each controller first. */
function byController(pods: readonly (KubeObject & Pod)[]): readonly (KubeObject & Pod)[] {
  const seen = new Set<string>();
  const first: (KubeObject & Pod)[] = [];
  const others: (KubeObject & Pod)[] = [];
  for (const pod of pods) {
    const owner = pod.metadata.ownerReferences?.find((each) => each.controller === true)?.uid;
    if (owner !== undefined && seen.has(owner)) others.push(pod);
    else first.push(pod);
    if (owner !== undefined) seen.add(owner);
  }
  return [...first, ...others];
}

function checkedPod({
  metadata,
  spec,
}: {
  readonly metadata?: object | undefined;
  readonly spec?: unknown;
}): CheckedPod {
  const { annotations = {} } = (metadata ?? {}) as KubeObject['metadata'];
  return { annotations, spec: (spec ?? { containers: [] }) as PodSpec };
}

function checkPod(request: AdmissionRequest): void {
  const { draft, old, subresource, operation } = request;
  if (draft === undefined || IGNORED_SUBRESOURCES.has(subresource)) return;
  if (operation === 'UPDATE' && old !== undefined && !changesImages(draft['spec'] as PodSpec, old['spec'] as PodSpec))
    return;
  evaluate(request, checkedPod(draft), true);
}

/** Images are what an update of a pod can change of what the levels look at. */
function changesImages(spec: PodSpec, old: PodSpec): boolean {
  const images = (containers: readonly { readonly image?: string | undefined }[] = []): string =>
    JSON.stringify(containers.map(({ image }) => image));
  if (images(spec.containers) !== images(old.containers)) return true;
  if (images(spec.initContainers) !== images(old.initContainers)) return true;
  const known = new Map((old.ephemeralContainers ?? []).map(({ name, image }) => [name, image]));
  return (spec.ephemeralContainers ?? []).some(({ name, image }) => !known.has(name) || known.get(name) !== image);
}

function checkTemplate(request: AdmissionRequest): void {
  if (request.subresource !== '') return;
  let at: unknown = request.draft;
  for (const key of TEMPLATES[bucketOf(request.type)] ?? []) at = (at as Record<string, unknown> | undefined)?.[key];
  if (at !== undefined) evaluate(request, checkedPod(at as PodTemplateSpec), false);
}

function evaluate(request: AdmissionRequest, pod: CheckedPod, enforces: boolean): void {
  const namespace = request.get(RESOURCES.namespaces, undefined, request.namespace);
  const { policy, faults } = policyOf(labelsOf(namespace));
  const { enforce, audit, warn } = policy;
  for (const { label, value, detail } of faults) {
    request.audit(
      `${ANNOTATION}error`,
      `Failed to parse policy: metadata.labels[${label}]: Invalid value: "${value}": ${detail}`,
    );
  }
  const found = enforces ? violationsOf(enforce, pod) : [];
  if (enforces) request.audit(`${ANNOTATION}enforce-policy`, formatLevel(enforce));
  const audited = violationsOf(audit, pod);
  if (audited.length > 0) {
    request.audit(
      `${ANNOTATION}audit-violations`,
      `would violate PodSecurity "${formatLevel(audit)}": ${formatViolations(audited)}`,
    );
  }
  if (found.length > 0) {
    const reason = `violates PodSecurity "${formatLevel(enforce)}": ${formatViolations(found)}`;
    throw forbidden(request.type, request.name, reason);
  }
  const warned = violationsOf(warn, pod);
  if (warned.length > 0) {
    request.warn(`would violate PodSecurity "${formatLevel(warn)}": ${formatViolations(warned)}`);
  }
}
