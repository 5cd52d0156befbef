import type { Volume } from '../../../../kube/api/core-v1.generated.ts';
import { hasUserNamespace, procMount } from './baseline-checks.ts';
import {
  type CheckedPod,
  containerNames,
  containersOf,
  namesWhere,
  plural,
  type PodCheck,
  quoted,
  type SecurityCheck,
  settersOf,
  sortedSet,
  type Violation,
} from './check.ts';
import { seccompRestricted } from './seccomp-checks.ts';

// pod-security-admission: policy/check_*.go. Texts are to the letter.

const ALLOWED_VOLUMES: readonly (keyof Volume)[] = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

function notOnWindows(check: PodCheck): PodCheck {
  return (pod) => (pod.spec.os?.name === 'windows' ? undefined : check(pod));
}

function notInUserNamespace(check: PodCheck): PodCheck {
  return (pod) => (hasUserNamespace(pod.spec) ? undefined : check(pod));
}

function privilegeEscalation({ spec }: CheckedPod): Violation | undefined {
  const names = namesWhere(spec, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
  if (names.length === 0) return undefined;
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${containerNames(names)} must set securityContext.allowPrivilegeEscalation=false`,
  };
}

function capabilities({ spec }: CheckedPod): Violation | undefined {
  const added = (names: readonly string[] = []): readonly string[] =>
    names.filter((each) => each !== 'NET_BIND_SERVICE');
  const keeping = namesWhere(
    spec,
    ({ securityContext }) => securityContext?.capabilities?.drop?.includes('ALL') !== true,
  );
  const adding = namesWhere(spec, ({ securityContext }) => added(securityContext?.capabilities?.add).length > 0);
  const details: string[] = [];
  if (keeping.length > 0) details.push(`${containerNames(keeping)} must set securityContext.capabilities.drop=["ALL"]`);
  if (adding.length > 0) {
    const bad = sortedSet(
      containersOf(spec).flatMap(({ securityContext }) => added(securityContext?.capabilities?.add)),
    );
    details.push(`${containerNames(adding)} must not include ${quoted(bad)} in securityContext.capabilities.add`);
  }
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
}

function volumes({ spec }: CheckedPod): Violation | undefined {
  const bad = (spec.volumes ?? []).filter((volume) => ALLOWED_VOLUMES.every((type) => volume[type] === undefined));
  if (bad.length === 0) return undefined;
  const types = sortedSet(bad.map(volumeType));
  const verb = bad.length === 1 ? 'uses' : 'use';
  const who = `${plural('volume', bad.length)} ${quoted(bad.map(({ name }) => name))}`;
  return {
    reason: 'restricted volume types',
    detail: `${who} ${verb} ${plural('restricted volume type', types.length)} ${quoted(types)}`,
  };
}

function volumeType(volume: Volume): string {
  return Object.entries(volume).find(([key, value]) => key !== 'name' && value !== undefined)?.[0] ?? 'unknown';
}

function runAsNonRoot({ spec }: CheckedPod): Violation | undefined {
  const reason = 'runAsNonRoot != true';
  const own = spec.securityContext?.runAsNonRoot;
  const denying = namesWhere(spec, ({ securityContext }) => securityContext?.runAsNonRoot === false);
  const who = settersOf(own === false, denying);
  if (who !== '') return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` };
  if (own === true) return undefined;
  const silent = namesWhere(spec, ({ securityContext }) => securityContext?.runAsNonRoot === undefined);
  if (silent.length === 0) return undefined;
  return { reason, detail: `pod or ${containerNames(silent)} must set securityContext.runAsNonRoot=true` };
}

function runAsUser({ spec }: CheckedPod): Violation | undefined {
  const names = namesWhere(spec, ({ securityContext }) => securityContext?.runAsUser === 0);
  const who = settersOf(spec.securityContext?.runAsUser === 0, names);
  return who === '' ? undefined : { reason: 'runAsUser=0', detail: `${who} must not set runAsUser=0` };
}

/** In the order of their names, in which their findings are told. */
export const RESTRICTED_CHECKS: readonly SecurityCheck[] = [
  {
    id: 'allowPrivilegeEscalation',
    level: 'restricted',
    versions: [
      { since: 8, check: privilegeEscalation },
      { since: 25, check: notOnWindows(privilegeEscalation) },
    ],
  },
  {
    id: 'capabilities_restricted',
    level: 'restricted',
    versions: [
      { since: 22, check: capabilities },
      { since: 25, check: notOnWindows(capabilities) },
    ],
    overrides: 'capabilities_baseline',
  },
  {
    id: 'procMount_restricted',
    level: 'restricted',
    versions: [{ since: 35, check: procMount }],
    overrides: 'procMount',
  },
  {
    id: 'restrictedVolumes',
    level: 'restricted',
    versions: [{ since: 0, check: volumes }],
    overrides: 'hostPathVolumes',
  },
  {
    id: 'runAsNonRoot',
    level: 'restricted',
    versions: [
      { since: 0, check: runAsNonRoot },
      { since: 35, check: notInUserNamespace(runAsNonRoot) },
    ],
  },
  {
    id: 'runAsUser',
    level: 'restricted',
    versions: [
      { since: 23, check: runAsUser },
      { since: 35, check: notInUserNamespace(runAsUser) },
    ],
  },
  seccompRestricted,
];
