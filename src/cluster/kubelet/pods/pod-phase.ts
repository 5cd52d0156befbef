import type { PodSpec } from '../../../kube/api/core-v1.generated.ts';
import type { ContainerRecord } from './container-record.ts';
import { shouldRestart } from './restart-policy.ts';

/** What the phase of a pod follows from. */
export interface PhaseInput {
  readonly spec: PodSpec | undefined;
  readonly inits: readonly ContainerRecord[];
  readonly mains: readonly ContainerRecord[];
  /** Nothing will be started any more. */
  readonly terminal: boolean;
  readonly initialized: boolean;
}

/** The phase of a pod. kubernetes: pkg/kubelet/kubelet_pods.go getPhase */
export function podPhase(input: PhaseInput): 'Pending' | 'Running' | 'Succeeded' | 'Failed' {
  const { inits, mains, spec, terminal, initialized } = input;
  const failedForGood = inits.some((record) => {
    const code = endedCode(record);
    return record.kind === 'init' && code !== undefined && code !== 0 && !shouldRestart(record, code, spec);
  });
  if (failedForGood) return 'Failed';
  let stopped = 0;
  let succeeded = 0;
  let final = 0;
  let running = 0;
  let waiting = 0;
  for (const record of mains) {
    const code = endedCode(record);
    if (record.instance !== undefined) running += 1;
    else if (code === undefined) waiting += 1;
    else {
      stopped += 1;
      if (code === 0) succeeded += 1;
      if (!shouldRestart(record, code, spec)) final += 1;
    }
  }
  if (!terminal && (!initialized || waiting > 0)) return 'Pending';
  const sidecars = inits.some(({ kind, instance }) => kind === 'sidecar' && instance !== undefined);
  if (running > 0 || sidecars) return 'Running';
  if (stopped === 0) return terminal && mains.length > 0 ? 'Failed' : 'Pending';
  if (terminal) return waiting === 0 && stopped === succeeded ? 'Succeeded' : 'Failed';
  if (final < stopped) return 'Running';
  return stopped === succeeded ? 'Succeeded' : 'Failed';
}

/** The exit code of the latest run, also while a container waits for its next one. */
function endedCode(record: ContainerRecord): number | undefined {
  return record.instance === undefined ? record.ended?.state.exitCode : undefined;
}
