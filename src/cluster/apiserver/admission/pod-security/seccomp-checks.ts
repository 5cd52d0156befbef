import {
  type CheckedContainer,
  type CheckedPod,
  containerNames,
  containersOf,
  namesWhere,
  plural,
  quoted,
  type SecurityCheck,
  settersOf,
  sortedSet,
  type Violation,
} from './check.ts';

const POD_ANNOTATION = 'seccomp.security.alpha.kubernetes.io/pod';
const CONTAINER_ANNOTATION = 'container.seccomp.security.alpha.kubernetes.io/';

/** True for profiles of the runtime and of the node's administrator. */
export function isGoodProfile(type: string): boolean {
  return type === 'RuntimeDefault' || type === 'Localhost';
}

function profileOf({ securityContext }: Pick<CheckedContainer, 'securityContext'>): string | undefined {
  return securityContext?.seccompProfile?.type;
}

function byAnnotation({ spec, annotations }: CheckedPod): Violation | undefined {
  const keys = [POD_ANNOTATION, ...containersOf(spec).map(({ name }) => CONTAINER_ANNOTATION + name)];
  const bad = sortedSet(
    keys.flatMap((key) => {
      const value = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
      if (value === undefined || value === 'runtime/default' || value === 'docker/default') return [];
      return value.startsWith('localhost/') ? [] : [`${key}=${JSON.stringify(value)}`];
    }),
  );
  if (bad.length === 0) return undefined;
  return { reason: 'seccompProfile', detail: `forbidden ${plural('annotation', bad.length)} ${bad.join(', ')}` };
}

/** Profiles that are set must be good ones. */
function explicitly({ spec }: CheckedPod): Violation | undefined {
  const isBad = (type: string | undefined): type is string => type !== undefined && !isGoodProfile(type);
  const own = spec.securityContext?.seccompProfile?.type;
  const who = settersOf(
    isBad(own),
    namesWhere(spec, (container) => isBad(profileOf(container))),
  );
  if (who === '') return undefined;
  const values = sortedSet([own, ...containersOf(spec).map(profileOf)].filter(isBad));
  return {
    reason: 'seccompProfile',
    detail: `${who} must not set securityContext.seccompProfile.type to ${quoted(values)}`,
  };
}

/** There must be a profile. */
function everywhere(pod: CheckedPod): Violation | undefined {
  const fault = explicitly(pod);
  if (fault !== undefined || pod.spec.securityContext?.seccompProfile !== undefined) return fault;
  const names = namesWhere(pod.spec, (container) => profileOf(container) === undefined);
  if (names.length === 0) return undefined;
  const detail = `pod or ${containerNames(names)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`;
  return { reason: 'seccompProfile', detail };
}

/** Pods say no bad profile. */
export const seccompBaseline: SecurityCheck = {
  id: 'seccompProfile_baseline',
  level: 'baseline',
  versions: [
    { since: 0, check: byAnnotation },
    { since: 19, check: explicitly },
  ],
};

/** Pods say a good profile. */
export const seccompRestricted: SecurityCheck = {
  id: 'seccompProfile_restricted',
  level: 'restricted',
  versions: [
    { since: 19, check: everywhere },
    { since: 25, check: (pod) => (pod.spec.os?.name === 'windows' ? undefined : everywhere(pod)) },
  ],
  overrides: 'seccompProfile_baseline',
};
