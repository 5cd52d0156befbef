import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Container, PodSpec, Volume } from '../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { type PodBench, podBench } from './support.ts';

const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.57';
const BUSYBOX = 'busybox:1.37';

type Case = readonly [name: string, spec: Partial<PodSpec>, expected: readonly string[], unexpected?: string];

function agnhost(args: readonly string[], more: Partial<Container> = {}): Container {
  return { name: 'c', image: AGNHOST, args: [...args], ...more };
}

function shell(script: string, more: Partial<Container> = {}): Container {
  return { name: 'c', image: BUSYBOX, command: ['sh', '-c', script], ...more };
}

function volume(source: Omit<Volume, 'name'>): Pick<PodSpec, 'volumes'> {
  return { volumes: [{ name: 'v', ...source }] };
}

const MOUNT = { volumeMounts: [{ name: 'v', mountPath: '/etc/v' }] };
const content = (file: string): readonly string[] => ['mounttest', `--file_content=/etc/v/${file}`];
const both = (file: string): readonly string[] => [...content(file), `--file_mode=/etc/v/${file}`];

const CASES: readonly Case[] = [
  [
    'environment from fields',
    {
      containers: [
        shell('env', {
          env: [
            field('POD', 'metadata.name'),
            field('NS', 'metadata.namespace'),
            field('UID', 'metadata.uid'),
            field('HOST_IP', 'status.hostIP'),
            field('IP', 'status.podIP'),
          ],
        }),
      ],
    },
    ['POD=environment-from-fields', 'NS=default', 'HOST_IP=172.18.', 'IP=10.244.', 'HOSTNAME=environment-from-fields'],
  ],
  [
    'environment of environment',
    {
      containers: [
        shell('env', {
          env: [
            { name: 'FOO', value: 'foo-value' },
            { name: 'BAR', value: 'bar-value' },
            { name: 'BOTH', value: '$(FOO);;$(BAR)' },
          ],
        }),
      ],
    },
    ['BOTH=foo-value;;bar-value'],
  ],
  [
    'limits of the node',
    {
      containers: [
        shell('env', { env: [{ name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }] }),
      ],
    },
    ['CPU=8'],
  ],
  [
    'config map from environment',
    {
      containers: [
        shell('env', {
          envFrom: [{ prefix: 'P_', configMapRef: { name: 'settings' } }, { secretRef: { name: 'keys' } }],
        }),
      ],
    },
    ['P_data-1=value-1', 'secret-1=hidden'],
  ],
  [
    'own command',
    {
      containers: [
        { name: 'c', image: AGNHOST, command: ['/agnhost-2', 'entrypoint-tester', 'override', 'arguments'] },
      ],
    },
    ['[/agnhost-2 entrypoint-tester override arguments]'],
  ],
  [
    'own arguments',
    { containers: [agnhost(['entrypoint-tester', 'override', 'arguments'])] },
    ['[/agnhost entrypoint-tester override arguments]'],
  ],
  ['defaults of the image', { restartPolicy: 'Always', containers: [{ name: 'c', image: AGNHOST }] }, ['Paused']],
  [
    'config map as files',
    { ...volume({ configMap: { name: 'settings' } }), containers: [agnhost(both('data-1'), MOUNT)] },
    ['content of file "/etc/v/data-1": value-1', 'mode of file "/etc/v/data-1": -rw-r--r--'],
  ],
  [
    'config map with a mode',
    {
      ...volume({ configMap: { name: 'settings', defaultMode: 0o400 } }),
      containers: [agnhost(both('data-1'), MOUNT)],
    },
    ['-r--------'],
  ],
  [
    'config map mapped with a mode',
    {
      ...volume({ configMap: { name: 'settings', items: [{ key: 'data-2', path: 'path/to/two', mode: 0o400 }] } }),
      containers: [agnhost(both('path/to/two'), MOUNT)],
    },
    ['two": value-2', '-r--------'],
  ],
  [
    'binary config map',
    { ...volume({ configMap: { name: 'settings' } }), containers: [agnhost(content('dump.bin'), MOUNT)] },
    ['content of file "/etc/v/dump.bin": raw'],
  ],
  [
    'secret for a group',
    {
      securityContext: { runAsUser: 1000, fsGroup: 1001 },
      ...volume({ secret: { secretName: 'keys', defaultMode: 0o400 } }),
      containers: [agnhost(both('secret-1'), MOUNT)],
    },
    ['secret-1": hidden', '-r--r-----'],
  ],
  [
    'projected',
    {
      ...volume({
        projected: {
          defaultMode: 0o400,
          sources: [
            { secret: { name: 'keys', items: [{ key: 'secret-1', path: 's/one' }] } },
            { configMap: { name: 'settings' } },
            { downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
          ],
        },
      }),
      containers: [shell('cat /etc/v/s/one /etc/v/data-1 /etc/v/name', MOUNT)],
    },
    ['hiddenvalue-1projected'],
  ],
  [
    'resources as files',
    {
      ...volume({
        downwardAPI: {
          items: [
            resource('cpu', 'limits.cpu', '1m'),
            resource('mem', 'requests.memory'),
            resource('node', 'limits.memory', '1Gi'),
          ],
        },
      }),
      containers: [
        shell('cat /etc/v/cpu; echo; cat /etc/v/mem; echo; cat /etc/v/node', {
          ...MOUNT,
          resources: { limits: { cpu: '1250m' }, requests: { memory: '32Mi' } },
        }),
      ],
    },
    ['1250\n33554432\n32'],
  ],
  [
    'labels as files',
    {
      ...volume({
        downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' }, mode: 0o400 }] },
      }),
      containers: [agnhost(both('labels'), MOUNT)],
    },
    ['key1="value1"', '-r--------'],
  ],
  [
    'a file below a sub path',
    {
      ...volume({ configMap: { name: 'settings' } }),
      containers: [shell('cat /one', { volumeMounts: [{ name: 'v', mountPath: '/one', subPath: 'data-1' }] })],
    },
    ['value-1'],
  ],
  [
    'a sub path of the environment',
    {
      ...volume({ emptyDir: {} }),
      initContainers: [
        shell('echo kept > /all/sub-x/file', { name: 'first', volumeMounts: [{ name: 'v', mountPath: '/all' }] }),
      ],
      containers: [
        shell('cat /part/file', {
          env: [{ name: 'X', value: 'x' }],
          volumeMounts: [{ name: 'v', mountPath: '/part', subPathExpr: 'sub-$(X)' }],
        }),
      ],
    },
    ['kept'],
  ],
  [
    'a file in memory',
    {
      ...volume({ emptyDir: { medium: 'Memory' } }),
      containers: [
        agnhost(['mounttest', '--fs_type=/etc/v', '--new_file_0666=/etc/v/f', '--file_perm=/etc/v/f'], MOUNT),
      ],
    },
    [
      'mount type of "/etc/v": tmpfs',
      'perms of file "/etc/v/f": -rw-rw-rw-',
      'content of file "/etc/v/f": mount-tester new file',
    ],
  ],
  [
    'an empty folder',
    {
      ...volume({ emptyDir: {} }),
      containers: [agnhost(['mounttest', '--fs_type=/etc/v', '--file_perm=/etc/v'], MOUNT)],
    },
    ['perms of file "/etc/v": -rwxrwxrwx'],
    'tmpfs',
  ],
  [
    'a user and a group',
    {
      securityContext: { runAsUser: 1001, runAsGroup: 2002, supplementalGroups: [3003] },
      containers: [shell('whoami; id')],
    },
    ['uid=1001 gid=2002 groups=2002,3003', 'whoami: unknown uid 1001'],
  ],
  [
    'a user of a container',
    { securityContext: { runAsUser: 1001 }, containers: [shell('id -u', { securityContext: { runAsUser: 65_534 } })] },
    ['65534'],
  ],
  [
    'a root that cannot be written',
    { containers: [shell('echo x > /file; sleep 1', { securityContext: { readOnlyRootFilesystem: true } })] },
    ["can't create /file: Read-only file system"],
  ],
  [
    'names of other hosts',
    { hostAliases: [{ ip: '123.45.67.89', hostnames: ['foo', 'bar'] }], containers: [shell('cat /etc/hosts')] },
    ['# Entries added by HostAliases.\n123.45.67.89\tfoo\tbar'],
  ],
  [
    'names of the host',
    { hostNetwork: true, containers: [shell('cat /etc/hosts')] },
    ['# Kubernetes-managed hosts file (host network).'],
  ],
  [
    'a name in a domain',
    { hostname: 'querier', subdomain: 'service', containers: [shell('hostname; hostname -f')] },
    ['querier\nquerier.service.default.svc.cluster.local'],
  ],
  [
    'own name servers',
    {
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['1.2.3.4'], searches: ['resolv.conf.local'] },
      containers: [agnhost(['dns-suffix'])],
    },
    ['resolv.conf.local'],
  ],
  [
    'the dates of lines',
    { containers: [shell('i=0; while [ $i -lt 2 ]; do echo "$i: $(date)"; i=$((i+1)); sleep 1; done')] },
    ['0: Thu Jan 15 12:00:', '1: Thu Jan 15 12:00:'],
  ],
  [
    'many variables',
    { containers: [{ name: 'c', image: 'debian', command: ['printenv'], args: ['HOSTNAME', 'KUBERNETES_PORT'] }] },
    ['many-variables\ntcp://10.96.0.1:443'],
  ],
  [
    'appended lines',
    {
      containers: [
        shell('echo one > /tmp/x; echo -n two >> /tmp/x; echo three >> /tmp/x; head -n 1 /tmp/x; tail -1 /tmp/x'),
      ],
    },
    ['one\ntwothree'],
  ],
  [
    'a name of the cluster',
    { containers: [shell('nslookup kubernetes.default')] },
    ['Server:\t\t10.96.0.10', 'Name:\tkubernetes.default.svc.cluster.local\nAddress: 10.96.0.1'],
  ],
];

function field(name: string, fieldPath: string) {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}

function resource(path: string, name: string, divisor = '1') {
  return { path, resourceFieldRef: { containerName: 'c', resource: name, divisor } };
}

const nameOf = (title: string): string => title.replaceAll(' ', '-');

let b: PodBench;

beforeAll(async () => {
  b = await podBench();
  const { client } = b.cluster;
  const metadata = { namespace: 'default' };
  await client.create(RESOURCES.configMaps, {
    metadata: { ...metadata, name: 'settings' },
    data: { 'data-1': 'value-1', 'data-2': 'value-2' },
    binaryData: { 'dump.bin': Buffer.from('raw').toString('base64') },
  });
  await client.create(RESOURCES.secrets, {
    metadata: { ...metadata, name: 'keys' },
    stringData: { 'secret-1': 'hidden' },
  });
  for (const [title, spec] of CASES) {
    await b.run(nameOf(title), { restartPolicy: 'Never', ...spec }, { labels: { key1: 'value1' } });
  }
  await b.advance(60_000);
});

afterAll(() => b.stop());

describe('what containers find and write', () => {
  it.each(CASES.map((row) => [row[0], row] as const))('%s', async (title, [, spec, expected, unexpected]) => {
    const log = await b.log(nameOf(title));
    for (const text of expected) expect(log).toContain(text);
    if (unexpected !== undefined) expect(log).not.toContain(unexpected);
    const { status } = await b.pod(nameOf(title));
    expect(status?.phase).toBe(spec.restartPolicy === 'Always' ? 'Running' : 'Succeeded');
  });
});

describe('what is seen inside of containers', () => {
  it('shares volumes, hooks, users and capabilities', async () => {
    const mount = [{ name: 'v', mountPath: '/data' }];
    await b.run('shared', {
      ...volume({ emptyDir: {} }),
      securityContext: { runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000 },
      initContainers: [shell('mkdir -p /data/sub; echo first > /data/first', { name: 'i', volumeMounts: mount })],
      containers: [
        shell('sleep 20; echo second > /data/second; sleep 1h', { name: 'a', volumeMounts: mount }),
        {
          ...shell('cat /seen/first; sleep 1h', {
            name: 'b',
            volumeMounts: [{ name: 'v', mountPath: '/seen', readOnly: true }],
          }),
          lifecycle: { postStart: { exec: { command: ['sh', '-c', 'echo hooked > /tmp/hook'] } } },
          securityContext: { runAsUser: 0, capabilities: { add: ['NET_ADMIN', 'SYS_TIME'] } },
        },
      ],
    });
    await b.advance(8000);
    expect(await b.log('shared', 'b')).toBe('first\n');
    expect(await b.exec('shared', ['ls', '/seen'], 'b')).toBe('first\nsub\n');
    await b.advance(20_000);
    expect(await b.exec('shared', ['cat', '/seen/second'], 'b')).toBe('second\n');
    expect(await b.exec('shared', ['sh', '-c', 'echo x > /seen/x'], 'b')).toContain('Read-only file system');
    expect(await b.exec('shared', ['cat', '/tmp/hook'], 'b')).toBe('hooked\n');
    expect(await b.exec('shared', ['id'], 'a')).toBe('uid=1000 gid=3000 groups=3000,2000\n');
    expect(await b.exec('shared', ['sh', '-c', 'echo x > /data/own; ls -l /data/own'], 'a')).toMatch(
      /^-rw-r--r-- +1 1000 +2000 /,
    );
    expect(await b.exec('shared', ['grep', 'CapPrm', '/proc/1/status'], 'b')).toBe('CapPrm:\t00000000aa0435fb\n');
    expect(await b.exec('shared', ['grep', 'CapPrm', '/proc/1/status'], 'a')).toBe('CapPrm:\t0000000000000000\n');
  });

  it('has a server that runs on in a pod that is not restarted', async () => {
    await b.run('both', {
      restartPolicy: 'Never',
      ...volume({ emptyDir: {} }),
      containers: [
        { name: 'web', image: 'nginx', volumeMounts: [{ name: 'v', mountPath: '/usr/share/nginx/html' }] },
        shell('echo Hello > /pod-data/index.html', {
          name: 'page',
          volumeMounts: [{ name: 'v', mountPath: '/pod-data' }],
        }),
      ],
    });
    await b.advance(15_000);
    expect((await b.pod('both')).status?.phase).toBe('Running');
    expect(await b.exec('both', ['curl', '-s', 'localhost'], 'web')).toBe('Hello\n');
  });

  it('sees all processes where they are shared', async () => {
    await b.run('processes', {
      shareProcessNamespace: true,
      containers: [shell('sleep 1h', { securityContext: { runAsUser: 5 } }), { name: 'web', image: 'nginx' }],
    });
    await b.advance(10_000);
    const [, ...rows] = (await b.exec('processes', ['ps', 'ax'])).trimEnd().split('\n');
    expect(rows.map((row) => row.replace(/^ *\d+ /, '').replace(/ +0:00 /, ' '))).toEqual([
      '65535 /pause',
      '5 sh -c sleep 1h',
      'root nginx',
      '5 ps ax',
    ]);
  });
});

it('tells the last word that was written to a file', async () => {
  await b.run('last-word', {
    restartPolicy: 'Never',
    containers: [
      shell('echo -n DONE > /dev/termination-log', { terminationMessagePolicy: 'FallbackToLogsOnError' }),
      shell('echo OWN > /dev/custom-log', { name: 'own', terminationMessagePath: '/dev/custom-log' }),
      shell('echo shown; exit 1', { name: 'logged', terminationMessagePolicy: 'FallbackToLogsOnError' }),
      shell('echo shown', { name: 'silent', terminationMessagePolicy: 'FallbackToLogsOnError' }),
    ],
  });
  await b.advance(20_000);
  const { status } = await b.pod('last-word');
  const words = status?.containerStatuses?.map(({ state }) => state?.terminated?.message);
  expect(words).toEqual(['DONE', 'OWN\n', 'shown\n', undefined]);
});

it('restarts a server that is well for ten seconds only', async () => {
  await b.run('liveness', {
    containers: [
      agnhost(['liveness'], {
        livenessProbe: { httpGet: { path: '/healthz', port: 8080 }, initialDelaySeconds: 3, periodSeconds: 3 },
      }),
    ],
  });
  await b.advance(35_000);
  expect((await b.pod('liveness')).status?.containerStatuses?.[0]?.restartCount).toBe(1);
});

it('follows a loop for as long as its log is read', async () => {
  await b.run('counter', { containers: [shell('i=0; while true; do echo "$i"; i=$((i+1)); sleep 1; done')] });
  await b.advance(610_000);
  const lines = (await b.log('counter')).trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(600);
  expect(lines.at(-1)).toBe(String(lines.length - 1));
});

describe('what a node does not run', () => {
  const sysctls = (name: string, value: string): Partial<PodSpec> => ({
    securityContext: { sysctls: [{ name, value }] },
  });

  it('takes settings of the kernel that are safe, and no others', async () => {
    const script =
      'sysctl -w vm.max_map_count=262144; sysctl kernel.shm_rmid_forced; cat /proc/sys/kernel/shm_rmid_forced';
    await b.run('safe', {
      ...sysctls('kernel.shm_rmid_forced', '1'),
      restartPolicy: 'Never',
      containers: [shell(script)],
    });
    await b.run('unsafe', { ...sysctls('kernel.shmmax', '1'), containers: [shell('true')] });
    await b.advance(15_000);
    expect(await b.log('safe')).toBe('vm.max_map_count = 262144\nkernel.shm_rmid_forced = 1\n1\n');
    expect((await b.pod('unsafe')).status).toMatchObject({
      phase: 'Failed',
      reason: 'SysctlForbidden',
      message: 'Pod was rejected: forbidden sysctl: "kernel.shmmax" not allowlisted',
    });
  });

  it.each([
    ['/tmp', 'error SubPath `/tmp` must not be an absolute path'],
    ['a/../../b', "unable to provision SubPath `a/../../b`: must not contain '..'"],
    [undefined, 'missing value for "P"'],
  ])('refuses the sub path %s of a variable', async (value, message) => {
    const name = `sub-path-${String(value).replaceAll(/\W/g, '')}`;
    const env = value === undefined ? [] : [{ name: 'P', value }];
    const volumeMounts = [{ name: 'v', mountPath: '/v', subPathExpr: '$(P)' }];
    await b.run(name, { ...volume({ emptyDir: {} }), containers: [shell('sleep 1h', { env, volumeMounts })] });
    await b.advance(15_000);
    const { status } = await b.pod(name);
    expect(status?.containerStatuses?.[0]?.state?.waiting).toEqual({ reason: 'CreateContainerConfigError', message });
  });
});

it('finds all addresses of a headless service', async () => {
  await b.cluster.client.create(RESOURCES.services, {
    metadata: { name: 'headless', namespace: 'default' },
    spec: { clusterIP: 'None', selector: { set: 'two' }, ports: [{ port: 80 }] },
  });
  for (const name of ['one', 'two']) {
    await b.run(name, { containers: [{ name: 'c', image: 'nginx' }] }, { labels: { set: 'two' } });
  }
  await b.advance(15_000);
  await b.run('asks', { restartPolicy: 'Never', containers: [shell('nslookup headless')] });
  await b.advance(15_000);
  const log = await b.log('asks');
  expect(log.match(/Name:\theadless\.default\.svc\.cluster\.local\nAddress: 10\.244\./g)).toHaveLength(2);
});
