// `node scripts/crash.mjs [--rounds 200] [--seed N]`: serves a cluster, kills its process (SIGKILL) under load at some moment, starts
// it again, and checks that every write that was acknowledged is there, and nothing that nobody sent. Prints one line a round of ten
// and a summary; the exit code is 1 when anything was lost.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});
const rounds = Number(values.rounds);
const WORKERS = 24;
const KEYS_PER_WORKER = 8;
const home = mkdtempSync(join(tmpdir(), 'pintle-crash-'));
const kubeconfig = join(home, 'kubeconfig');
/** Of its own: neither where clusters are served that somebody else starts meanwhile, nor where connections begin. */
const port = 20_000 + (process.pid % 12_000);

/** Numbers in [0, 1), the same for the same seed. */
function mulberry(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
const random = mulberry(Number(values.seed));

/** A served cluster: its process and how to talk to it. */
async function start() {
  const child = spawn(
    process.execPath,
    [join(root, 'bin/pintle.js'), 'cluster', 'start', '--name', 'crash', '--nodes', '1', '--port', `${port}`],
    {
      env: { ...process.env, PINTLE_HOME: home, KUBECONFIG: kubeconfig, NODE_EXTRA_CA_CERTS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let out = '';
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const url = await new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      out += chunk;
      const match = /is served at (https:\/\/\S+)/.exec(out);
      if (match !== null) resolve(match[1]);
    });
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}: ${errors}${out}`)));
  });
  child.removeAllListeners('exit');
  const text = readFileSync(kubeconfig, 'utf8');
  const token = /token: (\S+)/.exec(text)?.[1] ?? '';
  const ca = Buffer.from(/certificate-authority-data: (\S+)/.exec(text)?.[1] ?? '', 'base64');
  return { child, url, token, agent: new https.Agent({ ca, keepAlive: true, maxSockets: WORKERS }) };
}

/** One request: its code and body; rejects when the connection breaks. */
function send({ url, token, agent }, method, path, body) {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const request = https.request(`${url}${path}`, {
      method,
      agent,
      headers: {
        authorization: `Bearer ${token}`,
        ...(text === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(text) }),
      },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('close', () => reject(new Error('cut off')));
      response.on('end', () =>
        resolve({ code: response.statusCode, body: JSON.parse(Buffer.concat(chunks).toString()) }),
      );
    });
    request.end(text);
  });
}

const MAPS = '/api/v1/namespaces/default/configmaps';
/** What was acknowledged last, and what was on its way, by name: the number in the object, or null for none. */
const known = new Map();
let sequence = 0;
let acknowledged = 0;
let newestRevision = 0;

/** Writes one object after the other until the connection breaks. */
async function work(server, worker) {
  for (;;) {
    const name = `w${worker}-${Math.floor(random() * KEYS_PER_WORKER)}`;
    const state = known.get(name) ?? { acked: null };
    known.set(name, state);
    sequence += 1;
    const number = sequence;
    const deletes = state.acked !== null && random() < 0.2;
    state.pending = { value: deletes ? null : number };
    try {
      const data = { n: String(number), filler: 'x'.repeat(200) };
      const answer = deletes
        ? await send(server, 'DELETE', `${MAPS}/${name}`)
        : state.acked === null
          ? await send(server, 'POST', MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data })
          : await send(server, 'PATCH', `${MAPS}/${name}`, { data });
      if (answer.code >= 300) throw Object.assign(new Error(JSON.stringify(answer.body)), { refused: true });
      state.acked = state.pending.value;
      delete state.pending;
      acknowledged += 1;
      newestRevision = Math.max(newestRevision, Number(answer.body.metadata?.resourceVersion ?? 0));
    } catch (error) {
      if (error.refused) throw error;
      return;
    }
  }
}

const faults = [];

/** Holds what the server has against what it has acknowledged. */
async function check(server, round) {
  const { body } = await send(server, 'GET', MAPS);
  const found = new Map(
    body.items
      .filter(({ metadata }) => metadata.name.startsWith('w'))
      .map(({ metadata, data }) => [metadata.name, Number(data.n)]),
  );
  const fault = (text) => faults.push(`round ${round}: ${text}`);
  for (const [name, state] of known) {
    const actual = found.get(name) ?? null;
    const possible = state.pending === undefined ? [state.acked] : [state.acked, state.pending.value];
    if (!possible.includes(actual)) fault(`${name} is ${actual}, it must be ${possible.join(' or ')}`);
    state.acked = actual;
    delete state.pending;
    found.delete(name);
  }
  for (const name of found.keys()) fault(`${name} was never sent`);
  const revision = Number(body.metadata.resourceVersion);
  if (revision < newestRevision) fault(`revision ${revision} is older than ${newestRevision}, which was acknowledged`);
}

try {
  let server = await start();
  for (let round = 1; round <= rounds; round += 1) {
    const load = Array.from({ length: WORKERS }, (_, worker) => work(server, worker));
    await new Promise((resolve) => setTimeout(resolve, 200 + random() * 800));
    const ended = new Promise((resolve) => server.child.once('exit', resolve));
    server.child.kill('SIGKILL');
    await Promise.all([ended, ...load]);
    server.agent.destroy();
    server = await start();
    await check(server, round);
    if (round % 10 === 0)
      process.stdout.write(`${round} kills, ${acknowledged} writes acknowledged, ${faults.length} lost\n`);
  }
  server.child.kill('SIGTERM');
  await new Promise((resolve) => server.child.once('exit', resolve));
  server.agent.destroy();
} finally {
  rmSync(home, { recursive: true, force: true });
}
process.stdout.write(JSON.stringify({ kills: rounds, acknowledged, lost: faults.length }) + '\n');
if (faults.length > 0) {
  process.stderr.write(`${faults.slice(0, 20).join('\n')}\n`);
  process.exitCode = 1;
}
