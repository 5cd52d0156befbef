import { describe, expect, it } from 'vitest';
import { formatViolations, violationsOf } from '../../../src/cluster/apiserver/admission/pod-security/evaluate.ts';
import { policyOf } from '../../../src/cluster/apiserver/admission/pod-security/levels.ts';
import type { PodSpec } from '../../../src/kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { pod, refusal, testServer } from './support.ts';

const LATEST = Number.POSITIVE_INFINITY;
const GOOD = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};

interface Case {
  readonly level?: 'baseline' | 'restricted';
  readonly minor?: number;
  readonly spec?: object;
  readonly container?: object;
  readonly annotations?: Record<string, string>;
  readonly found: string;
}

/** A pod that is good but for what the case says. */
function check({ level = 'baseline', minor = LATEST, spec = {}, container = {}, annotations = {}, found }: Case): void {
  const { securityContext, ...others } = container as { securityContext?: object };
  const containers = [{ name: 'a', image: 'x', ...others, securityContext: { ...GOOD, ...securityContext } }];
  const checked = { annotations, spec: { containers, ...spec } as PodSpec };
  expect(formatViolations(violationsOf({ level, minor }, checked))).toBe(found);
}

describe('levels', () => {
  it.each<Case>([
    { found: '' },
    { level: 'restricted', found: '' },
    { spec: { hostNetwork: true, hostIPC: true }, found: 'host namespaces (hostNetwork=true, hostIPC=true)' },
    { spec: { volumes: [{ name: 'v', hostPath: { path: '/' } }] }, found: 'hostPath volumes (volume "v")' },
    {
      level: 'restricted',
      spec: {
        volumes: [
          { name: 'v', hostPath: { path: '/' } },
          { name: 'w', nfs: { path: '/', server: 's' } },
        ],
      },
      found: 'restricted volume types (volumes "v", "w" use restricted volume types "hostPath", "nfs")',
    },
    { container: { ports: [{ containerPort: 80, hostPort: 80 }] }, found: 'hostPort (container "a" uses hostPort 80)' },
    {
      container: { securityContext: { privileged: true } },
      found: 'privileged (container "a" must not set securityContext.privileged=true)',
    },
    {
      container: { securityContext: { capabilities: { add: ['NET_ADMIN', 'CHOWN'] } } },
      found:
        'non-default capabilities (container "a" must not include "NET_ADMIN" in securityContext.capabilities.add)',
    },
    {
      level: 'restricted',
      container: { securityContext: { capabilities: { add: ['NET_ADMIN'] } } },
      found:
        'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]; container "a" must not include "NET_ADMIN" in securityContext.capabilities.add)',
    },
    {
      container: { securityContext: { procMount: 'Unmasked' } },
      found: 'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
    },
    { spec: { hostUsers: false }, container: { securityContext: { procMount: 'Unmasked' } }, found: '' },
    {
      minor: 34,
      spec: { hostUsers: false },
      container: { securityContext: { procMount: 'Unmasked' } },
      found: 'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
    },
    {
      spec: { securityContext: { seLinuxOptions: { type: 'spc_t', user: 'u' } } },
      found: 'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set)',
    },
    { spec: { securityContext: { seLinuxOptions: { type: 'container_engine_t' } } }, found: '' },
    {
      minor: 30,
      spec: { securityContext: { seLinuxOptions: { type: 'container_engine_t' } } },
      found: 'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "container_engine_t")',
    },
    {
      spec: {
        securityContext: {
          sysctls: [
            { name: 'kernel.msgmax', value: '1' },
            { name: 'net.ipv4.tcp_rmem', value: '1' },
          ],
        },
      },
      found: 'forbidden sysctls (kernel.msgmax)',
    },
    {
      minor: 31,
      spec: { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_rmem', value: '1' }] } },
      found: 'forbidden sysctls (net.ipv4.tcp_rmem)',
    },
    {
      container: { livenessProbe: { httpGet: { host: '10.0.0.1', port: 80 } } },
      found: 'probe or lifecycle host (container "a" uses probe or lifecycle host "10.0.0.1")',
    },
    { minor: 33, container: { livenessProbe: { httpGet: { host: '10.0.0.1', port: 80 } } }, found: '' },
    {
      spec: { securityContext: { appArmorProfile: { type: 'Unconfined' } } },
      annotations: { 'container.apparmor.security.beta.kubernetes.io/a': 'unconfined' },
      found:
        'forbidden AppArmor profiles (pod and annotation must not set AppArmor profile type to "Unconfined", "container.apparmor.security.beta.kubernetes.io/a="unconfined"")',
    },
    {
      spec: { securityContext: { windowsOptions: { hostProcess: true } } },
      found: 'hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)',
    },
    {
      container: { securityContext: { seccompProfile: { type: 'Unconfined' } } },
      found: 'seccompProfile (container "a" must not set securityContext.seccompProfile.type to "Unconfined")',
    },
    {
      minor: 18,
      annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' },
      found: 'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
    },
    {
      level: 'restricted',
      container: { securityContext: { runAsNonRoot: false, runAsUser: 0 } },
      found:
        'runAsNonRoot != true (container "a" must not set securityContext.runAsNonRoot=false), runAsUser=0 (container "a" must not set runAsUser=0)',
    },
    {
      level: 'restricted',
      spec: { hostUsers: false },
      container: { securityContext: { runAsNonRoot: undefined, runAsUser: 0 } },
      found: '',
    },
    {
      level: 'restricted',
      spec: { os: { name: 'windows' } },
      container: { securityContext: { allowPrivilegeEscalation: undefined, seccompProfile: undefined } },
      found: '',
    },
  ])('say of %o', check);

  it('are read from labels', () => {
    const of = (labels: Record<string, string>): unknown =>
      policyOf(
        Object.fromEntries(Object.entries(labels).map(([key, value]) => [`pod-security.kubernetes.io/${key}`, value])),
      );
    const open = { level: 'privileged', minor: LATEST };
    expect(of({})).toEqual({ policy: { enforce: open, audit: open, warn: open }, faults: [] });
    expect(of({ enforce: 'baseline', 'enforce-version': 'v1.24' })).toMatchObject({
      policy: { enforce: { level: 'baseline', minor: 24 }, audit: open, warn: { level: 'baseline', minor: 24 } },
    });
    expect(of({ enforce: 'baseline', warn: 'privileged' })).toMatchObject({ policy: { warn: open } });
    expect(of({ enforce: 'bad', audit: 'bad', 'warn-version': '1.24' })).toMatchObject({
      policy: { enforce: { level: 'restricted' }, audit: open, warn: open },
      faults: [
        { detail: 'must be one of privileged, baseline, restricted' },
        { detail: 'must be one of privileged, baseline, restricted' },
        { detail: 'must be "latest" or "v1.x"' },
      ],
    });
  });
});

async function labelled(labels: Record<string, string>): Promise<Awaited<ReturnType<typeof testServer>>> {
  const server = await testServer();
  const prefixed = Object.fromEntries(
    Object.entries(labels).map(([key, value]) => [`pod-security.kubernetes.io/${key}`, value]),
  );
  await server.client.create(RESOURCES.namespaces, { metadata: { name: 'safe', labels: prefixed } });
  await server.client.create(RESOURCES.serviceAccounts, { metadata: { name: 'default', namespace: 'safe' } });
  return server;
}

const USER = { name: 'ann', groups: ['system:masters'] };
const IN_SAFE = (name: string, spec: object = {}): KubeObject => ({
  ...(pod(name, spec as Record<string, unknown>) as KubeObject),
  metadata: { name, namespace: 'safe' },
});

describe('PodSecurity', () => {
  it('refuses pods that the enforced level does not allow', async () => {
    const { client } = await labelled({ enforce: 'restricted' });
    expect(await refusal(client.create(RESOURCES.pods, IN_SAFE('a')))).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message:
        'pods "a" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    });
  });

  it('warns of templates and notes for the audit log, and lets them pass', async () => {
    const { server } = await labelled({ enforce: 'baseline', audit: 'baseline' });
    const warnings: string[] = [];
    const notes: string[] = [];
    const template = {
      metadata: { labels: { a: 'b' } },
      spec: { hostPID: true, containers: [{ name: 'c', image: 'x' }] },
    };
    await server.handle({
      verb: 'create',
      type: RESOURCES.deployments,
      namespace: 'safe',
      user: USER,
      body: { metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template } },
      warn: (message) => warnings.push(message),
      audit: (key, value) => notes.push(`${key}: ${value}`),
    });
    const text = 'would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)';
    expect(warnings).toEqual([text]);
    expect(notes).toEqual([`pod-security.kubernetes.io/audit-violations: ${text}`]);
  });

  it('tells of the pods that a stricter label leaves behind', async () => {
    const { server, client } = await labelled({});
    for (const name of ['b', 'a']) await client.create(RESOURCES.pods, IN_SAFE(name, { hostNetwork: true }));
    await client.create(RESOURCES.pods, IN_SAFE('c', { hostIPC: true, hostPID: true, hostNetwork: true }));
    const warnings: string[] = [];
    const patch = (level: string): Promise<unknown> =>
      server.handle({
        verb: 'patch',
        type: RESOURCES.namespaces,
        name: 'safe',
        user: USER,
        patchType: 'merge',
        body: { metadata: { labels: { 'pod-security.kubernetes.io/enforce': level } } },
        warn: (message) => warnings.push(message),
      });
    await patch('baseline');
    expect(warnings).toEqual([
      'existing pods in namespace "safe" violate the new PodSecurity enforce level "baseline:latest"',
      'a (and 2 other pods): host namespaces',
    ]);
    expect(await refusal(patch('strict'))).toMatchObject({
      code: 422,
      message:
        'Namespace "safe" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted',
    });
  });

  it('looks at changes of images only', async () => {
    const { client } = await labelled({});
    await client.create(RESOURCES.pods, IN_SAFE('a', { hostPID: true }));
    const labels = { 'pod-security.kubernetes.io/enforce': 'baseline' };
    await client.patch(RESOURCES.namespaces, { name: 'safe' }, 'merge', { metadata: { labels } });
    const key = { namespace: 'safe', name: 'a' };
    await client.patch(RESOURCES.pods, key, 'merge', { metadata: { labels: { x: 'y' } } });
    const image = [{ op: 'replace', path: '/spec/containers/0/image', value: 'nginx:2' }];
    expect((await refusal(client.patch(RESOURCES.pods, key, 'json', image))).message).toContain('hostPID=true');
  });
});
