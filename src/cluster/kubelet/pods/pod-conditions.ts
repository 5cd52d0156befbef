import type { Pod, PodCondition } from '../../../kube/api/core-v1.generated.ts';
import { formatTime } from '../../machinery/time.ts';
import type { ContainerRecord } from './container-record.ts';

/** What the conditions of a pod follow from. */
export interface ConditionInput {
  readonly pod: Pod;
  readonly phase: string;
  readonly inits: readonly ContainerRecord[];
  readonly mains: readonly ContainerRecord[];
  readonly sandbox: boolean;
  /** All init containers have done their work, now or before. */
  readonly initialized: boolean;
  readonly now: number;
  /** Conditions that this kubelet sets besides, such as DisruptionTarget. */
  readonly extra: readonly Condition[];
}

/** A condition without its times. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason?: string;
  readonly message?: string;
}

/** Those that the kubelet takes away again. */
const RESIZE_CONDITIONS: ReadonlySet<string> = new Set(['PodResizePending', 'PodResizeInProgress']);

/** The conditions of a pod: the kubelet's own first, then those of others as they are. kubernetes: pkg/kubelet/status/generate.go */
export function podConditions(input: ConditionInput): readonly PodCondition[] {
  const ready = containersReady(input);
  const own: Condition[] = [
    ...input.extra,
    { type: 'PodReadyToStartContainers', status: input.sandbox ? 'True' : 'False' },
    initialized(input),
    podReady(input, ready),
    ready,
    { type: 'PodScheduled', status: 'True' },
  ];
  const known = input.pod.status?.conditions ?? [];
  const conditions = own.map((condition) => stamp(condition, known, input));
  for (const other of known) {
    if (!own.some(({ type }) => type === other.type) && !RESIZE_CONDITIONS.has(other.type)) conditions.push(other);
  }
  return conditions;
}

/** The condition with its times; the one that is there already when it says the same. */
function stamp(
  { type, status, reason, message }: Condition,
  known: readonly PodCondition[],
  { pod, now }: ConditionInput,
): PodCondition {
  const old = known.find((other) => other.type === type);
  const { generation } = pod.metadata;
  const stays = old !== undefined && old.status === status;
  if (stays && old.reason === reason && old.message === message && old.observedGeneration === generation) return old;
  const stamped: Edit<PodCondition> = { type, status };
  if (reason !== undefined) stamped.reason = reason;
  if (message !== undefined) stamped.message = message;
  if (generation !== undefined) stamped.observedGeneration = generation;
  stamped.lastTransitionTime = stays ? old.lastTransitionTime : formatTime(now);
  if (old?.lastProbeTime !== undefined) stamped.lastProbeTime = old.lastProbeTime;
  return stamped;
}

type Edit<T> = { -readonly [Key in keyof T]: T[Key] };

function initialized({ phase, inits, initialized: done }: ConditionInput): Condition {
  const type = 'Initialized';
  if (phase === 'Succeeded') return { type, status: 'True', reason: 'PodCompleted' };
  if (done) return { type, status: 'True' };
  const incomplete = inits.filter((record) => !isInitDone(record)).map(({ name }) => name);
  const message = `containers with incomplete status: [${incomplete.join(' ')}]`;
  return { type, status: 'False', reason: 'ContainersNotInitialized', message };
}

/** True when an init container stands no longer in the way of the others. */
export function isInitDone(record: ContainerRecord): boolean {
  return record.kind === 'sidecar' ? record.instance?.started === true : record.exitCode === 0;
}

function containersReady({ phase, mains, inits }: ConditionInput): Condition {
  const type = 'ContainersReady';
  if (phase === 'Succeeded') return { type, status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' };
  const unready = [...inits.filter(({ kind }) => kind === 'sidecar'), ...mains].filter((record) => !record.ready);
  if (unready.length === 0) return { type, status: 'True' };
  const message = `containers with unready status: [${unready.map(({ name }) => name).join(' ')}]`;
  return { type, status: 'False', reason: 'ContainersNotReady', message };
}

function podReady({ pod }: ConditionInput, ready: Condition): Condition {
  if (ready.status !== 'True') return { ...ready, type: 'Ready' };
  const missing: string[] = [];
  for (const { conditionType } of pod.spec?.readinessGates ?? []) {
    const condition = pod.status?.conditions?.find(({ type }) => type === conditionType);
    if (condition === undefined) {
      missing.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    } else if (condition.status !== 'True') {
      missing.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`);
    }
  }
  if (missing.length === 0) return { type: 'Ready', status: 'True' };
  const message = missing.length === 1 ? (missing[0] ?? '') : `[${missing.join(', ')}]`;
  return { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message };
}
