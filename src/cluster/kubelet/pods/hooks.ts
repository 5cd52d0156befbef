import type { LifecycleHandler } from '../../../kube/api/core-v1.generated.ts';
import { execResult, probeAnswer, type ProbeTarget } from '../probes/probe-answer.ts';

/** What a lifecycle hook comes to. */
export interface HookOutcome {
  /** ms until it is done; infinite for a command that does not end. */
  readonly millis: number;
  readonly failure?: string;
}

/** Runs a postStart or preStop hook, `elapsed` ms after the start of its container. kubernetes: pkg/kubelet/lifecycle/handlers.go */
export function runHook(handler: LifecycleHandler, target: ProbeTarget, elapsed: number): HookOutcome {
  if (handler.sleep !== undefined) return { millis: handler.sleep.seconds * 1000 };
  if (handler.exec !== undefined) {
    const argv = handler.exec.command ?? [];
    const result = execResult(argv, target.program.behaviour, target, elapsed);
    const millis = result.millis ?? Number.POSITIVE_INFINITY;
    if (result.exitCode === 0) return { millis };
    return { millis, failure: `command '${argv.join(' ')}' exited with ${result.exitCode}: ${result.output}` };
  }
  if (handler.httpGet !== undefined) {
    const answer = probeAnswer({ httpGet: handler.httpGet }, target, elapsed);
    // Statuses count for probes alone; only a server that cannot be reached fails a hook.
    const reached = answer.passed || answer.message.startsWith('HTTP probe failed with statuscode');
    return reached ? { millis: 0 } : { millis: 0, failure: answer.message };
  }
  return { millis: 0 };
}
