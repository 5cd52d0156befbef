import type { Container, PodSpec } from '../../../kube/api/core-v1.generated.ts';
import type { ContainerRecord } from './container-record.ts';

/** True when a container that ended with this code is to run again. kubernetes: pkg/api/v1/pod/util.go ContainerShouldRestart */
export function shouldRestart(record: ContainerRecord, exitCode: number, spec: PodSpec | undefined): boolean {
  if (record.kind === 'sidecar') return true;
  if (record.kind === 'ephemeral') return false;
  const { restartPolicyRules = [], restartPolicy } = record.spec;
  for (const rule of restartPolicyRules) if (matchesRule(rule, exitCode)) return rule.action === 'Restart';
  const policy = restartPolicy ?? spec?.restartPolicy ?? 'Always';
  if (policy === 'Never') return false;
  // Init containers of pods that always restart run once.
  return exitCode !== 0 || (policy === 'Always' && record.kind === 'main');
}

function matchesRule(rule: NonNullable<Container['restartPolicyRules']>[number], exitCode: number): boolean {
  const { operator, values = [] } = rule.exitCodes ?? {};
  if (operator === 'In') return values.includes(exitCode);
  return operator === 'NotIn' && !values.includes(exitCode);
}
