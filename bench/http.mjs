// `node bench/http.mjs [--watchers 1000 --rate 1000 --seconds 60 --protocol 1 --pods 100000 --connections 10000]`: a served cluster under
// watchers, lists and connections. Nothing here is a test: client and server share the machine.
import { execFileSync, fork } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import tls from 'node:tls';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { realTools } from '../scripts/real-tools.mjs';

const number = (value) => ({ type: 'string', default: String(value) });
const { values } = parseArgs({
  options: {
    watchers: number(1000),
    rate: number(1000),
    seconds: number(60),
    pods: number(100_000),
    connections: number(10_000),
    protocol: number(1),
    profile: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
});
const root = join(import.meta.dirname, '..');
const folder = join(root, `.http-bench-${process.pid}`);
mkdirSync(folder, { recursive: true });
const print = (what, text) => process.stdout.write(`${what.padEnd(48)} ${text}\n`);
const percentile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;

/** A child that answers commands. */
function asked(child) {
  let id = 0;
  const ask = (command, argument) =>
    new Promise((resolve) => {
      id += 1;
      const own = id;
      const hear = (message) => {
        if (message.id !== own) return;
        child.off('message', hear);
        resolve(message.result);
      };
      child.on('message', hear);
      child.send({ id: own, command, argument });
    });
  return { child, ask };
}

async function start() {
  const outfile = join(folder, 'http-server.mjs');
  const entryPoints = [join(root, 'bench/http-server.ts')];
  await build({
    entryPoints,
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
  });
  const profile = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${root}`] : [];
  const child = fork(outfile, { execArgv: ['--expose-gc', '--max-old-space-size=6000', ...profile] });
  const address = await new Promise((resolve) => child.once('message', resolve));
  const agent = new https.Agent({ ca: address.ca, keepAlive: true, maxSockets: 64 });
  return { ...address, ...asked(child), agent };
}

function send({ port, token, agent }, method, path, body) {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${token}`,
      ...(text === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const request = https.request({ host: '127.0.0.1', port, path, method, agent, headers }, (response) => {
      let length = 0;
      response.on('data', (chunk) => {
        length += chunk.length;
      });
      response.on('end', () => resolve({ code: response.statusCode, length }));
    });
    request.on('error', reject);
    request.end(text);
  });
}

const MAPS = '/api/v1/namespaces/default/configmaps';

/** Writes as fast as asked for, over bare keep-alive connections, one request at a time on each. */
class Writers {
  #idle = [];
  #waiting = [];
  #answered = 0;
  failed = 0;

  constructor({ port, ca, token }) {
    this.options = { host: '127.0.0.1', port, ca, ALPNProtocols: ['http/1.1'] };
    this.head = `POST ${MAPS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
  }

  get answered() {
    return this.#answered;
  }

  async open(count) {
    await Promise.all(Array.from({ length: count }, () => this.#connect()));
  }

  #connect() {
    return new Promise((resolve, reject) => {
      const socket = tls.connect(this.options, () => {
        this.#idle.push(socket);
        resolve();
      });
      socket.on('error', reject);
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.latin1Slice();
        const end = text.indexOf('\r\n\r\n');
        if (end === -1) return;
        const length = Number(/content-length: (\d+)/i.exec(text)[1]);
        if (text.length < end + 4 + length) return;
        if (!text.startsWith('HTTP/1.1 201')) this.failed += 1;
        text = '';
        this.#answered += 1;
        const next = this.#waiting.shift();
        if (next === undefined) this.#idle.push(socket);
        else this.#send(socket, next);
      });
    });
  }

  #send(socket, name) {
    const n = String(performance.timeOrigin + performance.now());
    const body = JSON.stringify({ metadata: { name }, data: { n, filler: 'x'.repeat(200) } });
    socket.write(`${this.head}Content-Length: ${body.length}\r\n\r\n${body}`);
  }

  /** False when as many wait as there are connections. */
  write(name) {
    const socket = this.#idle.pop();
    if (socket === undefined) return false;
    this.#send(socket, name);
    return true;
  }
}

const seconds = ({ user, system }, before = { user: 0, system: 0 }) =>
  (user + system - before.user - before.system) / 1e6;

async function watchers(server) {
  const [count, rate, duration, protocol] = [values.watchers, values.rate, values.seconds, values.protocol].map(Number);
  const client = asked(fork(join(root, 'bench/http-watchers.mjs'), { execArgv: [] }));
  const { port, ca, token } = server;
  const writers = new Writers(server);
  await writers.open(256);
  const clientBefore = await client.ask('open', {
    count,
    protocol,
    port,
    ca,
    token,
    path: `${MAPS}?watch=true`,
  });
  const base = await client.ask('report');
  const serverBefore = await server.ask('cpu');
  const writerBefore = process.cpuUsage();
  const total = rate * duration;
  const started = performance.now();
  let sent = 0;
  while (sent < total) {
    const due = Math.min(total, Math.ceil(((performance.now() - started) / 1000) * rate));
    while (sent < due && writers.write(`m${sent}`)) sent += 1;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  while (writers.answered < total) await new Promise((resolve) => setTimeout(resolve, 1));
  const writing = (performance.now() - started) / 1000;
  const until = performance.now() + 60_000;
  let report = await client.ask('report');
  while (report.deliveries < total * count && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    report = await client.ask('report');
  }
  const hearing = (performance.now() - started) / 1000;
  const deliveries = report.deliveries - base.deliveries;
  print(
    `${count} watchers, ${rate} writes/s for ${duration} s, HTTP/${protocol}`,
    `${(total / writing).toFixed(0)} writes/s, ${(deliveries / hearing).toFixed(0)} deliveries/s, ${(report.bytes / report.events).toFixed(0)} bytes each`,
  );
  const faults = [
    `${total * count - deliveries} of ${total * count} lost`,
    `${report.disorder} out of order`,
    `${report.differing} different between watchers`,
    `${report.closed} cut off`,
    `${writers.failed} writes refused`,
  ];
  print('  faults', faults.join(', '));
  print('  delay of an event, p50 / p99 / longest', `${report.p50} / ${report.p99} / ${report.longest} ms`);
  const processes = {
    server: seconds(await server.ask('cpu'), serverBefore),
    watchers: seconds(report.cpu, clientBefore),
    writers: seconds(process.cpuUsage(), writerBefore),
  };
  print(
    '  processor time',
    Object.entries(processes)
      .map(([name, time]) => `${name} ${time.toFixed(1)} s (${((time / total) * 1e6).toFixed(0)} us a write)`)
      .join(', '),
  );
  client.child.kill();
}

async function lists(server) {
  await server.ask('pods', 10_000);
  const times = [];
  for (let i = 0; i < 7; i += 1) {
    const started = performance.now();
    await send(server, 'GET', '/api/v1/namespaces/n10000/pods');
    times.push(performance.now() - started);
  }
  print(
    'list of 10,000 pods',
    `${percentile(
      times.sort((a, b) => a - b),
      0.5,
    ).toFixed(0)} ms`,
  );
}

async function kubectl(server) {
  await server.ask('pods', 100);
  const kubeconfig = join(folder, 'kubeconfig');
  const ca = Buffer.from(server.ca).toString('base64');
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'b',
      clusters: [
        { name: 'b', cluster: { server: `https://127.0.0.1:${server.port}`, 'certificate-authority-data': ca } },
      ],
      users: [{ name: 'b', user: { token: server.token } }],
      contexts: [{ name: 'b', context: { cluster: 'b', user: 'b' } }],
    }),
  );
  const run = () =>
    execFileSync(realTools().kubectl, [
      'get',
      'pods',
      '-n',
      'n100',
      '--kubeconfig',
      kubeconfig,
      '--cache-dir',
      join(folder, 'cache'),
    ]);
  run();
  const times = [];
  for (let i = 0; i < 7; i += 1) {
    await server.ask('requests');
    run();
    const all = await server.ask('requests');
    times.push(all.reduce((sum, { milliseconds }) => sum + milliseconds, 0));
  }
  print(
    'kubectl get pods (100), time in the server',
    `${percentile(
      times.sort((a, b) => a - b),
      0.5,
    ).toFixed(1)} ms`,
  );
}

async function connections(server) {
  const count = Number(values.connections);
  const before = await server.ask('memory');
  const sockets = [];
  let failed = 0;
  const open = () =>
    new Promise((resolve) => {
      const socket = tls.connect(
        { host: '127.0.0.1', port: server.port, ca: server.ca, servername: 'localhost' },
        () => {
          socket.write(`GET /version HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${server.token}\r\n\r\n`);
        },
      );
      socket.once('data', () => resolve());
      socket.once('error', () => {
        failed += 1;
        resolve();
      });
      sockets.push(socket);
    });
  const started = performance.now();
  for (let i = 0; i < count; i += 100) await Promise.all(Array.from({ length: 100 }, open));
  const seconds = (performance.now() - started) / 1000;
  const after = await server.ask('memory');
  const started2 = performance.now();
  await send(server, 'GET', '/version');
  const one = performance.now() - started2;
  const each = (after.rss - before.rss) / count / 1024;
  print(
    `${count} connections, all answered and kept`,
    `${seconds.toFixed(1)} s, ${failed} failed, ${each.toFixed(0)} KiB each; one more request ${one.toFixed(0)} ms`,
  );
  for (const socket of sockets) socket.destroy();
}

/** Connections that never finish what they began: heads that come a byte at a time. */
async function slow(server) {
  const count = Number(values.connections);
  const before = await server.ask('memory');
  const head = `GET /version HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${server.token}\r\nx-slow: ${'x'.repeat(1000)}`;
  const ends = [];
  let longest = 0;
  const sockets = [];
  const open = () =>
    new Promise((resolve) => {
      const socket = tls.connect(
        { host: '127.0.0.1', port: server.port, ca: server.ca, servername: 'localhost' },
        () => {
          const began = performance.now();
          let sent = 20;
          socket.write(head.slice(0, sent));
          const timer = setInterval(() => {
            socket.write(head[sent]);
            sent += 1;
          }, 5000);
          socket.once('close', () => {
            clearInterval(timer);
            ends.push((performance.now() - began) / 1000);
          });
          resolve();
        },
      );
      socket.resume();
      socket.on('error', () => {});
      sockets.push(socket);
    });
  for (let i = 0; i < count; i += 100) await Promise.all(Array.from({ length: 100 }, open));
  const during = await server.ask('memory');
  const until = performance.now() + 180_000;
  while (ends.length < count && performance.now() < until) {
    const started = performance.now();
    await send(server, 'GET', '/version');
    longest = Math.max(longest, performance.now() - started);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  ends.sort((a, b) => a - b);
  print(
    `${count} connections that never finish a request`,
    `${ends.length} cut off after ${ends[0]?.toFixed(0)} to ${ends.at(-1)?.toFixed(0)} s, ${((during.rss - before.rss) / count / 1024).toFixed(0)} KiB each; meanwhile a request took at most ${longest.toFixed(0)} ms`,
  );
  for (const socket of sockets) socket.destroy();
}

async function memory(server) {
  const count = Number(values.pods);
  const { heap, rss } = await server.ask('pods', count);
  print(
    `memory of a pod among ${count}`,
    `${(heap / count / 1024).toFixed(1)} KiB of heap, ${(rss / count / 1024).toFixed(1)} KiB resident`,
  );
}

try {
  for (const run of [watchers, lists, kubectl, connections, memory, slow]) {
    // The last takes minutes of waiting, and is asked for by name.
    if (run.name !== values.only && (values.only !== '' || run === slow)) continue;
    const server = await start();
    await run(server);
    server.agent.destroy();
    const ended = new Promise((resolve) => server.child.once('exit', resolve));
    await server.ask('end');
    await ended;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
