// `node bench/http.mjs [--watchers 1000 --rate 1000 --seconds 60 --pods 100000 --connections 10000]`: a served cluster under
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
    only: { type: 'string', default: '' },
  },
});
const root = join(import.meta.dirname, '..');
const folder = join(root, `.http-bench-${process.pid}`);
mkdirSync(folder, { recursive: true });
const print = (what, text) => process.stdout.write(`${what.padEnd(48)} ${text}\n`);
const percentile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;

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
  const child = fork(outfile, { execArgv: ['--expose-gc', '--max-old-space-size=6000'] });
  const address = await new Promise((resolve) => child.once('message', resolve));
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
  const agent = new https.Agent({ ca: address.ca, keepAlive: true, maxSockets: 64 });
  return { ...address, child, ask, agent };
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

/** A watch that checks the order of what it hears. */
function openWatch(server, stats) {
  return new Promise((resolve, reject) => {
    const request = https.request(
      {
        host: '127.0.0.1',
        port: server.port,
        path: `${MAPS}?watch=true`,
        ca: server.ca,
        agent: false,
        headers: { authorization: `Bearer ${server.token}` },
      },
      (response) => {
        let rest = '';
        let last = 0;
        response.on('data', (chunk) => {
          const now = performance.timeOrigin + performance.now();
          const text = rest + chunk.toString('latin1');
          let from = 0;
          for (;;) {
            const end = text.indexOf('\n', from);
            if (end === -1) break;
            // Only what is checked is read: parsing would take longer than serving.
            const at = text.indexOf('"n":"', from);
            if (at !== -1 && at < end) {
              const version = text.indexOf('"resourceVersion":"', from) + 19;
              const revision = Number(text.slice(version, text.indexOf('"', version)));
              if (!(revision > last)) stats.disorder += 1;
              last = revision;
              stats.events += 1;
              if (stats.events % 97 === 0)
                stats.delays.push(now - Number(text.slice(at + 5, text.indexOf('"', at + 5))));
            }
            from = end + 1;
          }
          rest = text.slice(from);
        });
        response.on('error', () => {});
        resolve({ stop: () => request.destroy() });
      },
    );
    request.on('error', reject);
    request.end();
  });
}

async function watchers(server) {
  const [count, rate, seconds] = [values.watchers, values.rate, values.seconds].map(Number);
  const stats = { events: 0, disorder: 0, delays: [] };
  const watches = [];
  for (let i = 0; i < count; i += 50) {
    watches.push(
      ...(await Promise.all(Array.from({ length: Math.min(50, count - i) }, () => openWatch(server, stats)))),
    );
  }
  const total = rate * seconds;
  const started = performance.now();
  let sent = 0;
  const pending = new Set();
  while (sent < total) {
    const due = Math.min(total, Math.ceil(((performance.now() - started) / 1000) * rate));
    while (sent < due && pending.size < 256) {
      sent += 1;
      const data = { n: String(performance.timeOrigin + performance.now()), filler: 'x'.repeat(200) };
      // One after the other on one object would wait for each answer; names of their own need not.
      const put = send(server, 'POST', MAPS, { metadata: { name: `m${sent}` }, data }).finally(() =>
        pending.delete(put),
      );
      pending.add(put);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(pending);
  const writing = (performance.now() - started) / 1000;
  const until = performance.now() + 60_000;
  while (stats.events < total * count && performance.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 20));
  const delays = stats.delays.sort((a, b) => a - b);
  const lost = total * count - stats.events;
  print(
    `${count} watchers, ${rate} writes/s for ${seconds} s`,
    `${(total / writing).toFixed(0)} writes/s, ${stats.events} events, ${lost} lost, ${stats.disorder} out of order`,
  );
  print(
    '  delay of an event, p50 / p99',
    `${percentile(delays, 0.5).toFixed(0)} / ${percentile(delays, 0.99).toFixed(0)} ms`,
  );
  for (const watch of watches) watch.stop();
  return stats;
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

async function memory(server) {
  const count = Number(values.pods);
  const { heap, rss } = await server.ask('pods', count);
  print(
    `memory of a pod among ${count}`,
    `${(heap / count / 1024).toFixed(1)} KiB of heap, ${(rss / count / 1024).toFixed(1)} KiB resident`,
  );
}

try {
  for (const run of [watchers, lists, kubectl, connections, memory]) {
    if (values.only !== '' && run.name !== values.only) continue;
    const server = await start();
    await run(server);
    server.agent.destroy();
    server.child.kill();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
