import { describe, expect, it, test } from 'vitest';
import { BackOff } from '../../../src/cluster/kubelet/pods/back-off.ts';
import { ContainerRecord } from '../../../src/cluster/kubelet/pods/container-record.ts';
import { expandReferences } from '../../../src/cluster/kubelet/pods/environment.ts';
import { podPhase } from '../../../src/cluster/kubelet/pods/pod-phase.ts';
import { newInstance } from '../../../src/cluster/kubelet/pods/runner-host.ts';
import { qosClassOf } from '../../../src/cluster/machinery/pod-amounts.ts';
import type { Container, Pod, PodSpec } from '../../../src/kube/api/core-v1.generated.ts';

// kubernetes: third_party/forked/golang/expansion/expand_test.go
describe('references to variables', () => {
  const env = { VAR_A: 'A', VAR_B: 'B', VAR_C: 'C', VAR_REF: '$(VAR_A)', VAR_EMPTY: '' };
  test.each([
    ['$(VAR_A)', 'A'],
    ['$(VAR_A)-$(VAR_A)', 'A-A'],
    ['$(VAR_A)-1', 'A-1'],
    ['___$(VAR_B)___', '___B___'],
    ['___$(VAR_C)', '___C'],
    ['$(VAR_A)_$(VAR_B)_$(VAR_C)', 'A_B_C'],
    ['$$(VAR_B)_$(VAR_A)', '$(VAR_B)_A'],
    ['$$(VAR_A)_$$(VAR_B)', '$(VAR_A)_$(VAR_B)'],
    ['f000-$$VAR_A', 'f000-$VAR_A'],
    [String.raw`foo\$(VAR_C)bar`, String.raw`foo\Cbar`],
    [String.raw`foo\\$(VAR_C)bar`, String.raw`foo\\Cbar`],
    ['$(VAR_A$(VAR_B))', '$(VAR_A$(VAR_B))'],
    ['$(VAR_A$(VAR_B)', '$(VAR_A$(VAR_B)'],
    ['$(VAR_REF)', '$(VAR_A)'],
    ['%%$(VAR_REF)--$(VAR_REF)%%', '%%$(VAR_A)--$(VAR_A)%%'],
    ['foo$(VAR_EMPTY)bar', 'foobar'],
    ['foo$(VAR_Awhoops!', 'foo$(VAR_Awhoops!'],
    ['f00__(VAR_A)__', 'f00__(VAR_A)__'],
    ['$?_boo_$!', '$?_boo_$!'],
    ['$VAR_A', '$VAR_A'],
    ['$(VAR_DNE)', '$(VAR_DNE)'],
    ['$$$$$$(BIG_MONEY)', '$$$(BIG_MONEY)'],
    ['$$$$$$(VAR_A)', '$$$(VAR_A)'],
    ['$$$$$$$(GOOD_ODDS)', '$$$$(GOOD_ODDS)'],
    ['$$$$$$$(VAR_A)', '$$$A'],
    ['$VAR_A)', '$VAR_A)'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's reference is none here
    ['${VAR_A}', '${VAR_A}'],
    ['$(VAR_B)_______$(A', 'B_______$(A'],
    ['$(VAR_C)_______$(', 'C_______$('],
    ['$(VAR_A)foobarzab$', 'Afoobarzab$'],
    [String.raw`foo-\$(VAR_A`, String.raw`foo-\$(VAR_A`],
    ['--$($($($($--', '--$($($($($--'],
    ['$($($($($--foo$(', '$($($($($--foo$('],
    ['foo0--$($($($(', 'foo0--$($($($('],
    ['$(foo$$var)', '$(foo$$var)'],
    ['\n', '\n'],
  ])('%j becomes %j', (text, expected) => {
    expect(expandReferences(text, env)).toBe(expected);
  });
});

/** A container in a state: `running`, `waiting`, an exit code, or an exit code with `again` when it waits for its next run. */
type State = 'running' | 'waiting' | number | `${number} again`;

function record(
  state: State,
  spec: Partial<Container> = {},
  kind: 'main' | 'init' | 'sidecar' = 'main',
): ContainerRecord {
  const made = new ContainerRecord({ name: 'c', ...spec }, kind, { reason: 'ContainerCreating' });
  if (state === 'waiting') return made;
  const program = { behaviour: {}, runMillis: undefined, exitCode: 0, logs: [], files: [], serves: false };
  const target = { program } as unknown as Parameters<typeof newInstance>[2];
  made.begin(newInstance('containerd://1', 0, target));
  if (state === 'running') return made;
  const again = typeof state === 'string';
  made.end(again ? Number(state.split(' ')[0]) : state, 1000);
  if (again) made.waiting = { reason: 'CrashLoopBackOff' };
  return made;
}

// kubernetes: pkg/kubelet/kubelet_pods_test.go TestPodPhaseWithRestartAlways, …Never, …OnFailure, …InitContainers
describe('the phase of a pod', () => {
  type Policy = 'Always' | 'Never' | 'OnFailure';
  test.each<[Policy, readonly State[], string]>([
    ['Always', ['waiting', 'waiting'], 'Pending'],
    ['Always', ['running', 'running'], 'Running'],
    ['Always', [0, 0], 'Running'],
    ['Always', [1, 1], 'Running'],
    ['Always', ['running', 0], 'Running'],
    ['Always', ['running', 1], 'Running'],
    ['Always', ['running', 'waiting'], 'Pending'],
    ['Always', ['running', '1 again'], 'Running'],
    ['Always', ['1 again', '1 again'], 'Running'],
    ['Never', ['waiting', 'waiting'], 'Pending'],
    ['Never', ['running', 'running'], 'Running'],
    ['Never', [0, 0], 'Succeeded'],
    ['Never', [1, 1], 'Failed'],
    ['Never', [0, 1], 'Failed'],
    ['Never', ['running', 0], 'Running'],
    ['Never', ['running', 1], 'Running'],
    ['Never', ['running', 'waiting'], 'Pending'],
    ['OnFailure', ['waiting', 'waiting'], 'Pending'],
    ['OnFailure', ['running', 'running'], 'Running'],
    ['OnFailure', [0, 0], 'Succeeded'],
    ['OnFailure', [1, 1], 'Running'],
    ['OnFailure', [0, 1], 'Running'],
    ['OnFailure', ['running', 0], 'Running'],
    ['OnFailure', ['running', 1], 'Running'],
    ['OnFailure', ['running', 'waiting'], 'Pending'],
    ['OnFailure', ['running', '1 again'], 'Running'],
    ['OnFailure', ['1 again', '1 again'], 'Running'],
  ])('%s: %j is %s', (restartPolicy, states, expected) => {
    const spec: PodSpec = { containers: [], restartPolicy };
    const mains = states.map((state) => record(state));
    expect(podPhase({ spec, inits: [], mains, terminal: false, initialized: true })).toBe(expected);
  });

  test.each<[Policy, 'init' | 'sidecar', State, readonly State[], string]>([
    ['Always', 'init', 'running', ['waiting'], 'Pending'],
    ['Always', 'init', 1, ['waiting'], 'Pending'],
    ['Always', 'init', '1 again', ['waiting'], 'Pending'],
    ['Never', 'init', 'running', ['waiting'], 'Pending'],
    ['Never', 'init', 1, ['waiting'], 'Failed'],
    ['OnFailure', 'init', 1, ['waiting'], 'Pending'],
    ['Never', 'sidecar', 'running', [0], 'Running'],
    ['Never', 'sidecar', 'running', [1], 'Running'],
    ['Never', 'sidecar', 0, [0], 'Succeeded'],
    ['Never', 'sidecar', 1, [0], 'Succeeded'],
    ['Always', 'sidecar', 'running', ['running'], 'Running'],
  ])('%s, %s %j: %j is %s', (restartPolicy, kind, state, states, expected) => {
    const initSpec: Partial<Container> = kind === 'sidecar' ? { restartPolicy: 'Always' } : {};
    const spec: PodSpec = { containers: [], restartPolicy };
    const mains = states.map((each) => record(each));
    const initialized = kind === 'sidecar';
    expect(podPhase({ spec, inits: [record(state, initSpec, kind)], mains, terminal: false, initialized })).toBe(
      expected,
    );
  });
});

// kubernetes: pkg/kubelet/kuberuntime/kuberuntime_manager.go doBackOff
describe('the back-off of restarts', () => {
  it('doubles from 10 s to 5 min and is forgotten after 10 min', () => {
    const backOff = new BackOff();
    let now = 0;
    const delays: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      const ended = now;
      const until = backOff.until(ended);
      delays.push((until - ended) / 1000);
      now = until;
      backOff.next(ended, now);
    }
    expect(delays).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
    const longAfter = now + 601_000;
    expect(backOff.until(longAfter)).toBe(longAfter);
  });
});

// kubernetes: pkg/apis/core/helper/qos/qos_test.go
describe('the quality of service', () => {
  const list = (cpu?: string, memory?: string): Record<string, string> => ({
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memory }),
  });
  const container = (requests: object = {}, limits: object = {}): Container =>
    ({ name: 'c', resources: { requests, limits } }) as Container;
  const full = container(list('100m', '100Mi'), list('100m', '100Mi'));
  test.each<[string, readonly Container[], string]>([
    ['requests and limits alike', [full], 'Guaranteed'],
    [
      'another resource beside them',
      [
        container(
          { ...list('100m', '100Mi'), 'nvidia.com/gpu': '2' },
          { ...list('100m', '100Mi'), 'nvidia.com/gpu': '2' },
        ),
      ],
      'Guaranteed',
    ],
    ['all containers alike', [full, full], 'Guaranteed'],
    ['nothing', [container()], 'BestEffort'],
    ['nothing, twice', [container(), container()], 'BestEffort'],
    ['an extended resource alone', [container({ 'nvidia.com/gpu': '2' }, { 'nvidia.com/gpu': '2' })], 'BestEffort'],
    ['one of two asks for nothing', [full, container()], 'Burstable'],
    ['limits above requests', [container(list('100m', '100Mi'), list('200m', '200Mi'))], 'Burstable'],
    ['requests alone', [container(list('100m', '100Mi'))], 'Burstable'],
    ['cpu alone, alike', [container(list('100m'), list('100m'))], 'Burstable'],
    ['memory alone, alike', [container(list(undefined, '100Mi'), list(undefined, '100Mi'))], 'Burstable'],
    [
      'requests of one, limits of the other',
      [container(list('100m', '100Mi')), container({}, list('100m', '100Mi'))],
      'Burstable',
    ],
    ['requests of 0', [container(list('0', '0'), list('0', '0'))], 'BestEffort'],
  ])('%s', (_, containers, expected) => {
    const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers } };
    expect(qosClassOf(pod)).toBe(expected);
  });
});
