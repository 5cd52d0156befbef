import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { realTools } from '../../support/real-tools.ts';
import { get } from './raw-request.ts';
import { type Run, type RunOptions, type ServedFixture, serveForTest } from './served.ts';

let fixture: ServedFixture;

const POD = `apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers:
  - name: nginx
    image: nginx:1.29
    ports: [{containerPort: 80}]
    env: [{name: COLOUR, value: blue}]
    volumeMounts:
    - {name: creds, mountPath: /etc/creds, readOnly: true}
    - {name: page, mountPath: /usr/share/nginx/html}
    - {name: shared, mountPath: /shared}
  - name: side
    image: busybox:1.36
    command: [sleep, infinity]
    volumeMounts: [{name: shared, mountPath: /shared}]
  volumes:
  - {name: creds, secret: {secretName: creds}}
  - {name: page, configMap: {name: page}}
  - {name: shared, emptyDir: {}}
---
apiVersion: v1
kind: Pod
metadata: {name: idle}
spec: {containers: [{name: idle, image: "busybox:1.36", command: [sleep, infinity]}]}
---
apiVersion: v1
kind: Secret
metadata: {name: creds}
stringData: {password: hunter2, user: admin}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: page}
data: {index.html: "<h1>Hello</h1>\\n"}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 8080, targetPort: 80}]}
`;

beforeAll(async () => {
  fixture = await serveForTest();
  writeFileSync(join(fixture.folder, 'pod.yaml'), POD);
  expect((await fixture.kubectl(['apply', '-f', 'pod.yaml'])).code).toBe(0);
  expect((await fixture.kubectl(['wait', '--for=condition=Ready', 'pod/web', 'pod/idle', '--timeout=120s'])).code).toBe(
    0,
  );
});
afterAll(() => fixture.close());

const PROTOCOLS = [
  ['WebSocket', {}],
  ['SPDY', { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' }],
] as const;

describe.each(PROTOCOLS)('exec over %s', (_name, env) => {
  const exec = (args: readonly string[], options: RunOptions = {}): Promise<Run> =>
    fixture.kubectl(['exec', ...args], { ...options, env });
  const sh = (script: string, options: RunOptions = {}): Promise<Run> =>
    exec(['-i', 'web', '-c', 'nginx', '--', 'sh', '-c', script], options);

  it('shows what programs print, and their exit codes', async () => {
    expect(await exec(['web', '-c', 'nginx', '--', 'echo', 'one', 'two'])).toEqual({
      code: 0,
      stdout: 'one two\n',
      stderr: '',
    });
    const failed = await sh('echo out; echo err >&2; exit 7');
    expect(failed).toEqual({ code: 7, stdout: 'out\n', stderr: 'err\ncommand terminated with exit code 7\n' });
    expect((await exec(['web', '-c', 'nginx', '--', 'nope-program'])).stderr).toContain(
      'exec: "nope-program": executable file not found in $PATH',
    );
    expect((await sh('no-such-tool')).stderr).toBe(
      'sh: no-such-tool: not found\ncommand terminated with exit code 127\n',
    );
  });

  it('reads what is typed', async () => {
    expect((await sh('cat', { input: 'a\nb\n' })).stdout).toBe('a\nb\n');
    expect((await sh('while read line; do echo "<$line>"; done', { input: 'x\ny\n' })).stdout).toBe('<x>\n<y>\n');
    const script = exec(['-i', 'web', '-c', 'nginx', '--', 'sh'], {
      input: 'A=1\nfor i in 1 2; do\necho $i$A\ndone\nexit 3\n',
    });
    expect(await script).toMatchObject({ code: 3, stdout: '11\n21\n' });
    const big = 'x'.repeat(300_000);
    expect((await sh('wc -c', { input: big })).stdout).toBe('300000\n');
    expect((await sh('cat', { input: big })).stdout).toBe(big);
  });

  it('sees mounted volumes', async () => {
    const { stdout } = await sh('cat /etc/creds/password; echo; ls -al /etc/creds; cat /etc/creds/none');
    expect(stdout.replaceAll(/\d{4}_[\d_.]+/g, '<time>').replaceAll(/[A-Z][a-z]{2} [ \d]\d \d\d:\d\d/g, '<date>')).toBe(
      `hunter2
total 12
drwxrwxrwt    2 root     root          4096 <date> .
drwxr-xr-x    2 root     root          4096 <date> ..
drwxr-xr-x    2 root     root          4096 <date> ..<time>
lrwxrwxrwx    1 root     root            31 <date> ..data -> ..<time>
lrwxrwxrwx    1 root     root            15 <date> password -> ..data/password
lrwxrwxrwx    1 root     root            11 <date> user -> ..data/user
`,
    );
    expect((await sh('echo x > /etc/creds/new')).stderr).toContain('Read-only file system');
    expect((await sh('env | grep -E "COLOUR|KUBERNETES_SERVICE_HOST" | sort')).stdout).toBe(
      'COLOUR=blue\nKUBERNETES_SERVICE_HOST=10.96.0.1\n',
    );
    const token = (await sh('cat /var/run/secrets/kubernetes.io/serviceaccount/token')).stdout;
    expect(token.split('.')).toHaveLength(3);
    const who = await fixture.kubectl([
      'auth',
      'whoami',
      '-o',
      'jsonpath={.status.userInfo.username}',
      '--token',
      token,
    ]);
    expect(who.code).toBe(0);
  });

  it('keeps what is written, and shares volumes', async () => {
    await sh('echo kept > /tmp/a; mkdir -p /tmp/d/e; echo shared > /shared/s');
    expect((await sh('cat /tmp/a; ls /tmp/d')).stdout).toBe('kept\ne\n');
    expect((await exec(['web', '-c', 'side', '--', 'cat', '/shared/s'])).stdout).toBe('shared\n');
    expect((await exec(['web', '-c', 'side', '--', 'cat', '/tmp/a'])).code).toBe(1);
  });

  it('asks servers', async () => {
    expect((await sh('wget -qO- http://web:8080/')).stdout).toBe('<h1>Hello</h1>\n');
    expect((await sh('curl -s localhost')).stdout).toBe('<h1>Hello</h1>\n');
    expect((await sh('curl http://web:9')).code).toBe(7);
    expect((await sh('wget http://nowhere:80')).stderr).toContain("wget: bad address 'nowhere'");
  });

  it('copies files in and out', async () => {
    const bytes = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7) & 0xff));
    writeFileSync(join(fixture.folder, 'in.bin'), bytes);
    const cp = (...args: readonly string[]): Promise<Run> => fixture.kubectl(['cp', ...args, '-c', 'nginx'], { env });
    expect(await cp('in.bin', 'web:/tmp/out.bin')).toMatchObject({ code: 0 });
    expect((await sh('wc -c < /tmp/out.bin')).stdout).toBe('5000\n');
    expect(await cp('web:/tmp/out.bin', 'back.bin')).toMatchObject({ code: 0 });
    expect(readFileSync(join(fixture.folder, 'back.bin')).equals(bytes)).toBe(true);
    const none = await cp('web:/tmp/none', 'none.bin');
    expect(none.stdout + none.stderr).toContain('No such file or directory');
  });

  it('forwards ports', async () => {
    const forward = spawn(realTools().kubectl, ['port-forward', 'service/web', ':8080'], {
      env: { ...fixture.env, ...env },
      cwd: fixture.folder,
    });
    try {
      const port = await new Promise<number>((resolve, reject) => {
        let text = '';
        forward.stdout.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          const found = /127\.0\.0\.1:(\d+) ->/.exec(text)?.[1];
          if (found !== undefined) resolve(Number(found));
        });
        forward.stderr.on('data', (chunk: Buffer) => reject(new Error(chunk.toString())));
      });
      expect(await fetchText(port, '/')).toEqual({ status: 200, text: '<h1>Hello</h1>\n' });
      const all = await Promise.all([1, 2, 3].map(() => fetchText(port, '/missing')));
      expect(all.map(({ status }) => status)).toEqual([200, 200, 200]);
    } finally {
      forward.kill();
    }
  });
});

function fetchText(port: number, path: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    http
      .get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      })
      .on('error', reject);
  });
}

describe('attach', () => {
  it('talks to a shell that was run for it', async () => {
    const run = await fixture.kubectl(
      ['run', 'box', '--image=busybox:1.36', '--restart=Never', '-i', '--rm', '--quiet', '--', 'sh'],
      { input: 'echo hello from $HOSTNAME\nexit 4\n' },
    );
    expect(run.stdout).toContain('hello from box');
    expect(run.code).toBe(4);
  });

  it('is refused for what does not run', async () => {
    await fixture.kubectl(['run', 'broken', '--image=registry.invalid/none', '--restart=Never']);
    const exec = await fixture.kubectl(['exec', 'broken', '--', 'ls']);
    expect(exec.code).toBe(1);
    expect(exec.stderr).toContain('container not found ("broken")');
    const missing = await fixture.kubectl(['exec', 'web', '-c', 'nothing', '--', 'ls']);
    expect(missing.stderr).toContain('container nothing is not valid for pod web');
    const nobody = await fixture.kubectl(['exec', 'web', '-c', 'nginx', '--as=jane', '--', 'ls']);
    expect(nobody.stderr).toContain('User "jane" cannot');
  });
});

describe('the proxy', () => {
  const raw = (path: string): Promise<Run> => fixture.kubectl(['get', '--raw', `/api/v1/${path}`]);
  const SPACE = 'namespaces/default';

  it.each([
    [`${SPACE}/pods/web/proxy/`, '<h1>Hello</h1>\n'],
    [`${SPACE}/pods/web:80/proxy/index.html?a=b`, '<h1>Hello</h1>\n'],
    [`${SPACE}/services/web/proxy/`, '<h1>Hello</h1>\n'],
    [`${SPACE}/services/http:web:8080/proxy/`, '<h1>Hello</h1>\n'],
    ['nodes/pintle-1/proxy/healthz', 'ok'],
  ])('of %s answers', async (path, text) => {
    expect(await raw(path)).toMatchObject({ code: 0, stdout: text });
  });

  it.each([
    [`${SPACE}/pods/none/proxy/`, '(NotFound): pods "none" not found'],
    [`${SPACE}/services/none/proxy/`, '(NotFound): services "none" not found'],
    [`${SPACE}/services/web:9/proxy/`, '(ServiceUnavailable): no service port "9" found for service "web"'],
    [`${SPACE}/services/kubernetes/proxy/`, '(ServiceUnavailable): no endpoints available for service "kubernetes"'],
    [`${SPACE}/pods/idle:9/proxy/`, 'connect: connection refused'],
    [`${SPACE}/pods/web:x/proxy/`, '(BadRequest): invalid port "x"'],
    [`${SPACE}/pods/a:b:c:d/proxy/`, '(BadRequest): invalid request name "a:b:c:d"'],
    ['nodes/none/proxy/healthz', '(NotFound): nodes "none" not found'],
  ])('of %s refuses', async (path, text) => {
    const { code, stderr } = await raw(path);
    expect([code, stderr]).toEqual([1, expect.stringContaining(text)]);
  });

  it.each([
    ['dir/', '/dir/'],
    ['a%20b/c:d%2C(1)?q=%2F', '/a%20b/c:d,%281%29?q=%2F'],
    ['a//b/', '/a/b/'],
    ['a%2Fb', '/a/b'],
    ['a%2F', '/a/'],
    ['', '/'],
  ])('asks for /%s as %s', async (asked, passed) => {
    expect((await raw(`${SPACE}/pods/web/proxy/${asked}`)).stderr).not.toContain('unable');
    const { stdout } = await fixture.kubectl(['logs', 'web', '-c', 'nginx', '--tail=1']);
    expect(JSON.parse(stdout)).toMatchObject({ path: passed });
  });

  it('leads to the root when there is no path', async () => {
    const headers = { authorization: `Bearer ${fixture.served.keys.token}` };
    for (const path of [`${SPACE}/pods/web/proxy`, `${SPACE}/services/web/proxy`, 'nodes/pintle-1/proxy']) {
      const { code, headers: got } = await get(fixture, `/api/v1/${path}?a=b`, headers);
      expect([code, got['location']]).toEqual([301, `/api/v1/${path}/?a=b`]);
    }
    const posted = await get(fixture, `/api/v1/${SPACE}/pods/web/proxy`, headers, { method: 'POST', body: '' });
    expect(posted.code).not.toBe(301);
    expect((await get(fixture, `/api/v1/${SPACE}/pods/none/proxy`, headers)).code).toBe(404);
  });

  it('lists the pods of a node', async () => {
    const { stdout } = await raw('nodes/pintle-1/proxy/pods');
    const { kind, items } = JSON.parse(stdout) as { readonly kind: string; readonly items: readonly unknown[] };
    expect(kind).toBe('PodList');
    expect(items.length).toBeLessThanOrEqual(2);
  });

  it('leaves a line in the log of the container, which one can follow', async () => {
    const follow = spawn(realTools().kubectl, ['logs', '-f', 'web', '-c', 'nginx', '--tail=0'], {
      env: fixture.env,
      cwd: fixture.folder,
    });
    try {
      const seen = new Promise<string>((resolve) => {
        let text = '';
        follow.stdout.on('data', (bytes: Buffer) => {
          text += bytes.toString();
          if (/\/followed.*\n/.test(text)) resolve(text);
        });
      });
      let told = false;
      const line = seen.finally(() => {
        told = true;
      });
      // Nobody hears when the follower has begun, so it is asked until it tells.
      for (let i = 0; i < 100 && !told; i += 1) await raw(`${SPACE}/pods/web/proxy/followed`);
      const [first = ''] = (await line).split('\n').filter((each) => each !== '');
      expect(JSON.parse(first)).toMatchObject({ method: 'GET', path: '/followed' });
    } finally {
      follow.kill();
    }
    const { stdout } = await fixture.kubectl(['logs', 'web', '-c', 'nginx', '--since=24h']);
    expect(stdout).toContain('"path":"/index.html?a=b"');
  });
});

describe('clients that break the rules', () => {
  /** Sends a handshake and, once it is answered, bytes; resolves with all that came when the connection ends. */
  async function talk(path: string, bytes: Buffer, key = 'AAAAAAAAAAAAAAAAAAAAAA=='): Promise<string> {
    const { port, keys } = fixture.served;
    const socket = tls.connect({
      host: '127.0.0.1',
      port,
      ca: keys.authority.certificate,
      ALPNProtocols: ['http/1.1'],
    });
    const lines = [
      `GET /api/v1/namespaces/default/pods/web/${path} HTTP/1.1`,
      'Host: x',
      `Authorization: Bearer ${keys.token}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${key}`,
      'Sec-WebSocket-Protocol: v5.channel.k8s.io',
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    return await new Promise((resolve) => {
      let text = '';
      socket.on('data', (chunk: Buffer) => {
        if (text === '') socket.write(bytes);
        text += chunk.toString('latin1');
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(text));
    });
  }

  /** A message as clients send it. */
  const masked = (...bytes: readonly number[]): readonly number[] => [0x82, 0x80 | bytes.length, 0, 0, 0, 0, ...bytes];
  const UNMASKED = Buffer.from([0x82, 1, 0]);

  it.each([
    [
      'typing after the end of the input',
      'exec?command=cat&stdin=true&container=nginx',
      Buffer.from([...masked(255, 0), ...masked(0, 120)]),
    ],
    ['frames that are none, while a program runs', 'exec?command=cat&stdin=true&container=nginx', UNMASKED],
    ['frames that are none, while ports are forwarded', 'portforward?ports=80', UNMASKED],
  ])('end their own connection alone: %s', async (_, path, bytes) => {
    expect(await talk(path, bytes)).toMatch(/^HTTP\/1\.1 101 /);
    expect((await get(fixture, '/version', {})).code).toBe(200);
  });

  it('leave nothing behind when their handshake is no good', async () => {
    expect(await talk('portforward?ports=80', UNMASKED, 'short')).toMatch(/^HTTP\/1\.1 400 /);
    const headers = { authorization: `Bearer ${fixture.served.keys.token}` };
    await vi.waitFor(
      async () =>
        expect((await get(fixture, '/metrics', headers)).text).toMatch(
          /^apiserver_current_inflight_requests\{request_kind="any"\} 0$/m,
        ),
      { timeout: 60_000 },
    );
  });
});
