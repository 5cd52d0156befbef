import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/base/logger.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { createPodAccess } from '../../../src/cluster/kubelet/container-access.ts';
import { containerFileSystem, Layers } from '../../../src/cluster/kubelet/exec/container-files.ts';
import type { FileSystem } from '../../../src/cluster/kubelet/exec/file-system.ts';
import { FileTree } from '../../../src/cluster/kubelet/exec/file-tree.ts';
import { createCatalogue } from '../../../src/cluster/kubelet/images/catalogue.ts';
import { createInformerFactory } from '../../../src/cluster/machinery/informer.ts';
import type { Event, Pod, PodSpec } from '../../../src/kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { embeddedCluster, type EmbeddedCluster } from '../../support/embedded-cluster.ts';

const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.53';
const LOOP = 'while true; do date >> /data/log; echo x > /data/last; sleep 1; done';

const PODS: Readonly<Record<string, PodSpec>> = {
  agnhost: { containers: [{ name: 'c', image: AGNHOST, args: ['netexec'] }] },
  page: {
    containers: [
      {
        name: 'c',
        image: 'nginx:1.29',
        volumeMounts: [
          { name: 'page', mountPath: '/usr/share/nginx/html' },
          { name: 'creds', mountPath: '/etc/creds' },
        ],
      },
    ],
    volumes: [
      { name: 'page', configMap: { name: 'page' } },
      { name: 'creds', secret: { secretName: 'creds' } },
    ],
  },
  loop: {
    containers: [
      {
        name: 'c',
        image: 'busybox:1.36',
        command: ['sh', '-c', LOOP],
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
    ],
    volumes: [{ name: 'data', emptyDir: {} }],
  },
};

let fixture: EmbeddedCluster;

beforeAll(async () => {
  fixture = await embeddedCluster({ nodes: 1 });
  const { client } = fixture.cluster;
  const namespace = 'default';
  const data = { 'index.html': '<h1>Hello</h1>\n', 'a-b.txt': 'spaced\n', 'odd.constructor': 'odd\n' };
  await client.create(RESOURCES.configMaps, { metadata: { namespace, name: 'page' }, data });
  await client.create(RESOURCES.secrets, {
    metadata: { namespace, name: 'creds' },
    data: { password: Buffer.from('hunter2').toString('base64') },
  });
  for (const [name, spec] of Object.entries(PODS)) {
    const annotations = name === 'agnhost' ? { 'pintle.dev/behaviour': 'paths: {/: 99999}' } : {};
    await client.create(RESOURCES.pods, { metadata: { namespace, name, annotations }, spec });
  }
  await fixture.advance(60_000);
});
afterAll(() => fixture.stop());

function podOf(name: string): Promise<Pod & KubeObject> {
  return fixture.cluster.client.get<Pod & KubeObject>(RESOURCES.pods, { namespace: 'default', name });
}

async function ask(name: string, port: number, target: string): Promise<string> {
  const connection: Duplex = await fixture.cluster.containers.connect(await podOf(name), port);
  connection.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  let text = '';
  for await (const chunk of connection) text += String(chunk);
  return text;
}

async function run(name: string, script: string, signal = new AbortController().signal): Promise<string> {
  let text = '';
  const take = (bytes: Uint8Array): void => {
    text += Buffer.from(bytes).toString('utf8');
  };
  const streams = { stdin: undefined, stdout: take, stderr: take, tty: false, signal };
  const target = { pod: await podOf(name), container: 'c' };
  const code = await fixture.cluster.containers.exec(target, ['sh', '-c', script], streams);
  return `${text}${code}`;
}

describe('a server in a container', () => {
  it.each([
    ['agnhost', 8080, '//', 'agnhost'],
    ['agnhost', 8080, '///echo?msg=x', 'agnhost'],
    ['agnhost', 8080, '*', 'agnhost'],
    ['agnhost', 8080, 'http://[', 'agnhost'],
    ['agnhost', 8080, '/echo?msg=a%20b%', 'a b%'],
    ['agnhost', 8080, '/hostname?//', 'agnhost'],
    ['page', 80, '/', '<h1>Hello</h1>'],
    ['page', 80, '/a%2Db.txt?x=/', 'spaced'],
    ['page', 80, '/x/../index.html', '<h1>Hello</h1>'],
    ['page', 80, '/odd.constructor', 'odd'],
    ['page', 80, '/%', 'in pod page'],
  ])('of pod %s:%i answers %s', async (name, port, target, text) => {
    const answer = await ask(name, port, target);
    expect(answer).toContain('HTTP/1.1 200 OK');
    expect(answer).toContain(text);
  });

  it.each([
    '/../../../../etc/creds/password',
    '/..%2f..%2f..%2f..%2fetc/creds/password',
    '/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/creds/password',
    '/./.././../../../etc/creds/password/../password',
  ])('shows nothing above its pages at %s', async (target) => {
    expect(await run('page', 'cat /etc/creds/password')).toBe('hunter20');
    const answer = await ask('page', 80, target);
    expect(answer).toContain('in pod page');
    expect(answer).not.toContain('hunter2');
  });

  it('answers with no status that cannot be written', async () => {
    const { items } = await fixture.cluster.client.list<Event>(RESOURCES.events, { namespace: 'default' });
    const faults = items.filter(({ reason }) => reason === 'InvalidBehaviour').map(({ message }) => message);
    expect(faults).toEqual([
      'annotation pintle.dev/behaviour: paths: must be a mapping of paths to HTTP statuses, 100 to 999',
    ]);
  });

  it('is given its tokens once, and only where it listens', async () => {
    const { clock, client } = fixture.cluster;
    const context = { client, clock, random: new SeededRandom(1), logger: silentLogger };
    const asked: string[] = [];
    const informers = createInformerFactory(context);
    const access = createPodAccess({
      context,
      informers,
      catalogue: createCatalogue(),
      logs: { lines: () => Promise.resolve([]) },
      turn: () => clock.turn(),
      token: (_pod, { audience }) => {
        asked.push(audience);
        return Promise.resolve('token');
      },
    });
    const spec: PodSpec = {
      containers: [
        { name: 'idle', image: 'busybox:1.36', command: ['sleep', 'infinity'] },
        { name: 'c', image: 'nginx:1.29', volumeMounts: [{ name: 'token', mountPath: '/srv' }] },
      ],
      volumes: [{ name: 'token', projected: { sources: [{ serviceAccountToken: { path: 't', audience: 'us' } }] } }],
      automountServiceAccountToken: false,
    };
    await client.create(RESOURCES.pods, { metadata: { namespace: 'default', name: 'tokens' }, spec });
    await fixture.advance(60_000);
    const pod = await podOf('tokens');
    await expect(access.connect(pod, 9)).rejects.toThrow('connection refused');
    expect(asked).toEqual([]);
    (await access.connect(pod, 80)).destroy();
    expect(asked).toEqual(['us']);
    informers.stop();
  });
});

describe('the files of a container', () => {
  it('hold what its program has appended by now, and stay when others are looked at', async () => {
    const started = (await podOf('loop')).status?.containerStatuses?.[0]?.state?.running?.startedAt ?? '';
    const rounds = (): number => Math.floor((fixture.cluster.clock.now() - Date.parse(started)) / 1000) + 1;
    expect(await run('loop', 'wc -l /data/log')).toBe(`${rounds()} /data/log\n0`);
    await run('loop', 'rm /data/last; echo mine > /data/own');
    await fixture.advance(1_200_000);
    expect(await run('loop', 'wc -l /data/log; cat /data/own /data/last')).toBe(`${rounds()} /data/log\nmine\nx\n0`);
    const [first = ''] = (await run('loop', 'head -n 1 /data/log')).split('\n');
    expect(Date.parse(first)).toBe(Date.parse(started));
  });
});

describe('layers', () => {
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name: 'p', uid: 'u' },
    spec: {
      containers: [{ name: 'c', image: 'busybox', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
      volumes: [{ name: 'data', emptyDir: {} }],
    },
  };
  const [container = { name: '' }] = pod.spec?.containers ?? [];
  const mounts = [{ path: '/data', volume: pod.spec?.volumes?.[0], subPath: '', readOnly: false, files: undefined }];
  const changes = [
    { at: 1, path: '/data/log', exists: true, text: 'one ' },
    { at: 2, path: '/own', exists: true, text: 'mine' },
    { at: 3, path: '/data/log', exists: true, text: 'two', appends: true as const },
  ];

  it('that were forgotten get what was written by programs again; the others keep what came since', () => {
    const layers = new Layers();
    const files = (count: number): FileSystem =>
      containerFileSystem({
        pod,
        container,
        containerID: 'id',
        mounts,
        runs: [{ container, containerID: 'id', startedAt: 0, changes: changes.slice(0, count) }],
        tokens: new Map(),
        layers,
        now: () => 10,
      });
    const text = (path: string, count = 3): string => Buffer.from(files(count).read(path)).toString('utf8');
    const forget = (): void => {
      for (let i = 0; i < 600; i += 1) layers.layer(`other ${i}`, () => new FileTree({ modified: 0 }));
    };
    expect([text('/data/log', 2), text('/own', 2)]).toEqual(['one ', 'mine']);
    files(2).write('/data/log', Buffer.from('changed'));
    files(2).remove('/own');
    expect(text('/data/log', 2)).toBe('changed');
    expect(files(2).exists('/own')).toBe(false);
    expect(text('/data/log')).toBe('one two');
    expect(files(3).exists('/own')).toBe(false);
    forget();
    expect([text('/data/log'), text('/own')]).toEqual(['one two', 'mine']);
  });
});

describe('a script that is run in a container', () => {
  it('that goes round without end leaves the others their time, and ends with its client', async () => {
    const client = new AbortController();
    const endless = run('loop', 'while true; do :; done', client.signal);
    expect(await run('loop', 'echo here')).toBe('here\n0');
    client.abort();
    expect(await endless).toBe('130');
  });

  it.each([
    ['f() { f; }; f', 'sh: out of stack space\n2'],
    ['echo ". /tmp/self" > /tmp/self; . /tmp/self', 'sh: out of stack space\n2'],
    ['echo a | xargs -n 0 echo', 'a\n0'],
    ['printf "%1000000000s" x | wc -c', '65536\n0'],
    ['echo x | grep "["', 'grep: Invalid regular expression: /[/: Unterminated character class\n2'],
    ['x=$(while true; do printf "%65536s" x; done); echo ended', 'sh: out of memory\nended\n0'],
    ['echo none > /tmp/a; tar xf /tmp/a -C /tmp; echo $?', '0\n0'],
  ])('%s', async (script, text) => {
    expect(await run('loop', script)).toBe(text);
  });
});
