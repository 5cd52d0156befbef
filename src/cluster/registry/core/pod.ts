import type { ContainerStatus, EphemeralContainer, Pod } from '../../../kube/api/core-v1.generated.ts';
import { semanticEqual } from '../../../kube/equality.ts';
import { isQualifiedName, nameIsDnsSubdomain } from '../../../kube/names.ts';
import { checkIp } from '../checks/names.ts';
import { IMMUTABLE } from '../checks/values.ts';
import { defineStrategy, type SubresourceRules } from '../define.ts';
import type { Faults } from '../faults.ts';
import { checkAnnotationChanges, checkPodAnnotations, MIRROR_POD } from '../pod/annotations.ts';
import { checkImageSpaces } from '../pod/containers.ts';
import { applyPodDefaults } from '../pod/defaults.ts';
import { qosClass } from '../pod/qos.ts';
import { keepAllButResources, checkResize } from '../pod/resize.ts';
import { checkPodSpec } from '../pod/spec.ts';
import { checkPodUpdate } from '../pod/update.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy, StrategyContext } from '../strategy.ts';
import { clone, type Edit, type Loose } from '../wire.ts';

const TYPE = resourceType('v1', 'Pod', 'pods', {
  shortNames: ['po'],
  categories: ['all'],
  subresources: [
    'attach',
    'binding',
    'ephemeralcontainers',
    'eviction',
    'exec',
    'log',
    'portforward',
    'proxy',
    'resize',
    'status',
  ],
});

/** kubernetes: pkg/registry/core/pod/strategy.go */
export function podStrategy(): Strategy {
  return defineStrategy<Pod>({
    type: TYPE,
    generation: ['spec'],
    defaults: applyPodDefaults,
    prepareForCreate,
    prepareForUpdate,
    validate,
    validateCreate,
    validateUpdate,
    validateStatus,
    subresources: { binding: {}, ephemeralcontainers: EPHEMERAL_CONTAINERS, resize: RESIZE },
    gracePeriod,
    selectableFields,
  });
}

function prepareForCreate(pod: Edit<Pod>): void {
  pod.status = { phase: 'Pending', qosClass: qosClass(pod.spec ?? {}) };
  if ((pod.spec?.schedulingGates ?? []).length > 0) {
    pod.status.conditions = [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      },
    ];
  }
}

function prepareForUpdate(pod: Edit<Pod>, old: Loose<Pod>, { subresource }: StrategyContext): void {
  if (subresource !== 'status') return;
  if (pod.status !== undefined) pod.status.qosClass ||= old.status?.qosClass;
  if (old.metadata?.ownerReferences !== undefined && pod.metadata !== undefined) {
    pod.metadata.ownerReferences = clone(old.metadata.ownerReferences) as NonNullable<
      Edit<Pod>['metadata']
    >['ownerReferences'];
  }
}

function validate(pod: Loose<Pod>, faults: Faults): void {
  const spec = pod.spec ?? {};
  checkPodAnnotations(pod.metadata?.annotations, spec, 'metadata.annotations', faults);
  checkPodSpec(spec, { podName: pod.metadata?.name ?? '', isPod: true }, 'spec', faults);
  if (spec.serviceAccountName === undefined) {
    spec.volumes?.forEach((volume, v) => {
      volume.projected?.sources?.forEach((source, s) => {
        if (source.serviceAccountToken !== undefined) {
          const at = `spec.volumes[${v}].projected.sources[${s}].serviceAccountToken`;
          faults.forbidden(at, 'must not be specified when serviceAccountName is not set');
        }
      });
    });
  }
  spec.containers?.forEach((container, i) => checkImageSpaces(container, `spec.containers[${i}]`, faults));
  spec.initContainers?.forEach((container, i) => checkImageSpaces(container, `spec.initContainers[${i}]`, faults));
}

function validateCreate(pod: Loose<Pod>, faults: Faults): void {
  const spec = pod.spec ?? {};
  if ((spec.ephemeralContainers ?? []).length > 0) {
    faults.forbidden('spec.ephemeralContainers', 'cannot be set on create');
  }
  if (spec.nodeName !== undefined && spec.nodeName !== '' && (spec.schedulingGates ?? []).length > 0) {
    faults.forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared');
  }
}

function validateUpdate(pod: Loose<Pod>, old: Loose<Pod>, faults: Faults): void {
  checkAnnotationChanges(pod.metadata?.annotations, old.metadata?.annotations, 'metadata.annotations', faults);
  checkPodUpdate(pod, old, faults);
}

const SYSTEM_CONDITIONS: ReadonlySet<string> = new Set(['PodScheduled', 'Ready', 'Initialized']);

function validateStatus(pod: Loose<Pod>, old: Loose<Pod>, faults: Faults): void {
  const status = pod.status ?? {};
  const before = old.status ?? {};
  checkAnnotationChanges(pod.metadata?.annotations, old.metadata?.annotations, 'metadata.annotations', faults);
  status.conditions?.forEach(({ type = '' }, i) => {
    if (SYSTEM_CONDITIONS.has(type)) return;
    faults.invalidEach(`metadata.conditions[${i}].Type`, type, isQualifiedName(type));
  });
  const nominated = status.nominatedNodeName ?? '';
  if (nominated !== '' && nominated !== before.nominatedNodeName) {
    faults.invalidEach('status.nominatedNodeName', nominated, nameIsDnsSubdomain(nominated));
  }
  if ((status.qosClass ?? '') !== (before.qosClass ?? '')) {
    faults.invalid('status.qosClass', status.qosClass ?? '', IMMUTABLE);
  }
  checkTransitions(status.containerStatuses, before.containerStatuses, 'status.containerStatuses', old, faults);
  checkTransitions(
    status.initContainerStatuses,
    before.initContainerStatuses,
    'status.initContainerStatuses',
    old,
    faults,
  );
  status.podIPs?.forEach(({ ip = '' }, i) => checkIp(ip, `status.podIPs[${i}]`, faults));
}

/** Refuses that containers which will not be restarted run again. kubernetes: ValidateContainerStateTransition */
function checkTransitions(
  statuses: readonly Loose<ContainerStatus>[] = [],
  old: readonly Loose<ContainerStatus>[] = [],
  path: string,
  { spec = {} }: Loose<Pod>,
  faults: Faults,
): void {
  const policy = spec.restartPolicy;
  if (policy === 'Always') return;
  old.forEach(({ name, state }, i) => {
    const ended = state?.terminated;
    if (ended === undefined || (ended.exitCode !== 0 && policy === 'OnFailure')) return;
    const container = [...(spec.initContainers ?? []), ...(spec.containers ?? [])].find((one) => one.name === name);
    if (container?.restartPolicy !== undefined) return;
    if (statuses.some((status) => status.name === name && status.state?.terminated === undefined)) {
      faults.forbidden(`${path}[${i}].state`, 'may not be transitioned to non-terminated state');
    }
  });
}

const EPHEMERAL_CONTAINERS: SubresourceRules<Pod> = {
  prepare: (pod, old) => {
    const containers = pod.spec?.ephemeralContainers;
    pod.status = clone(old.status) as Edit<Pod>['status'];
    pod.spec = clone(old.spec ?? {}) as NonNullable<Edit<Pod>['spec']>;
    if (containers === undefined) delete pod.spec.ephemeralContainers;
    else pod.spec.ephemeralContainers = containers;
  },
  validate: (pod, old, faults) => {
    validate(pod, faults);
    if (old.metadata?.annotations?.[MIRROR_POD] !== undefined) {
      faults.forbidden('[]', 'static pods do not support ephemeral containers');
      return;
    }
    const now = new Map<string, Loose<EphemeralContainer>>();
    for (const container of pod.spec?.ephemeralContainers ?? []) now.set(container.name ?? '', container);
    for (const container of old.spec?.ephemeralContainers ?? []) {
      const name = JSON.stringify(container.name ?? '');
      const kept = now.get(container.name ?? '');
      if (kept === undefined) {
        faults.forbidden('spec.ephemeralContainers', `existing ephemeral containers ${name} may not be removed\n`);
      } else if (!semanticEqual(kept, container)) {
        faults.forbidden('spec.ephemeralContainers', `existing ephemeral containers ${name} may not be changed\n`);
      }
    }
  },
};

const RESIZE: SubresourceRules<Pod> = {
  prepare: keepAllButResources,
  validate: (pod, old, faults) => {
    validate(pod, faults);
    checkResize(pod, old, faults);
  },
};

/** Pods that do not run, or never will again, go at once. kubernetes: podStrategy.CheckGracefulDelete */
function gracePeriod(pod: Loose<Pod>, requested: number | undefined): number {
  const period = requested ?? pod.spec?.terminationGracePeriodSeconds ?? 0;
  const phase = pod.status?.phase;
  if (pod.spec?.nodeName === undefined || pod.spec.nodeName === '') return 0;
  if (phase === 'Failed' || phase === 'Succeeded') return 0;
  return period < 0 ? 1 : period;
}

function selectableFields({ spec = {}, status = {} }: Loose<Pod>): Readonly<Record<string, string>> {
  return {
    'spec.nodeName': spec.nodeName ?? '',
    'spec.restartPolicy': spec.restartPolicy ?? '',
    'spec.schedulerName': spec.schedulerName ?? '',
    'spec.serviceAccountName': spec.serviceAccountName ?? '',
    'spec.hostNetwork': String(spec.hostNetwork ?? false),
    'status.phase': status.phase ?? '',
    'status.podIP': status.podIPs?.[0]?.ip ?? status.podIP ?? '',
    'status.nominatedNodeName': status.nominatedNodeName ?? '',
  };
}
