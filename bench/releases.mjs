// `node bench/releases.mjs [runs]`: verbs on a release of 300 objects, by both programs in turn on a served cluster. Prints medians,
// their ratio, and how many requests each program sent. Nothing here is a test.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { realTools } from '../scripts/real-tools.mjs';

const OBJECTS = 300;
const RELEASES = 1000;
const REVISIONS = 500;
const runs = Number(process.argv[2] ?? '7');
const root = join(import.meta.dirname, '..');
const bin = join(root, 'bin', 'pintle.js');
const work = mkdtempSync(join(tmpdir(), 'pintle-bench-releases-'));
const { NODE_EXTRA_CA_CERTS: _, HELM_DRIVER: __, ...outside } = process.env;
const env = {
  ...outside,
  HOME: work,
  PINTLE_HOME: join(work, 'pintle'),
  HELM_CACHE_HOME: work,
  HELM_CONFIG_HOME: work,
  HELM_DATA_HOME: work,
  HELM_DRIVER: 'secret',
  KUBECONFIG: join(work, 'kubeconfig'),
};
const programs = { helm: [realTools().helm], pintle: [process.execPath, bin] };

function writeChart() {
  mkdirSync(join(work, 'large', 'templates'), { recursive: true });
  writeFileSync(join(work, 'large', 'Chart.yaml'), 'apiVersion: v2\nname: large\nversion: 1.0.0\n');
  writeFileSync(join(work, 'large', 'values.yaml'), 'value: one\n');
  writeFileSync(
    join(work, 'large', 'templates', 'all.yaml'),
    `{{- range $i := until ${OBJECTS} }}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ $.Release.Name }}-{{ $i }}, labels: {app: large}}
data: {index: "{{ $i }}", value: {{ if eq $i 7 }}{{ $.Values.value | quote }}{{ else }}"same"{{ end }}}
{{- end }}
`,
  );
}

/** Wall milliseconds of a command that must succeed. */
function run(program, args) {
  const [command, ...rest] = programs[program];
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...rest, ...args], { cwd: work, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    child.on('exit', (code) => {
      if (code === 0) resolve(performance.now() - started);
      else reject(new Error(`${program} ${args.join(' ')}: exit code ${code}\n${errors}`));
    });
  });
}

async function startCluster() {
  const server = spawn(
    process.execPath,
    [bin, 'cluster', 'start', '--speed', '60', '--use', '--kubeconfig', env.KUBECONFIG],
    {
      cwd: work,
      env: { ...env, KUBECONFIG: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  await new Promise((resolve, reject) => {
    server.stdout.once('data', resolve);
    server.once('exit', (code) => reject(new Error(`the cluster ended with ${code}`)));
    server.stderr.on('data', () => {});
  });
  return server;
}

/** Asks the cluster for something. */
function access() {
  const text = readFileSync(env.KUBECONFIG, 'utf8');
  const field = (name) => new RegExp(`${name}: "?([^"\\s]+)`).exec(text)?.[1] ?? '';
  const ca = Buffer.from(field('certificate-authority-data'), 'base64');
  const agent = new https.Agent({ keepAlive: true, maxSockets: 16, ca });
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const headers = { Authorization: `Bearer ${field('token')}`, 'Content-Type': 'application/json' };
      const request = https.request(`${field('server')}${path}`, { method, agent, headers }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          const answer = JSON.parse(Buffer.concat(chunks).toString('utf8'));
          if (response.statusCode < 300) resolve(answer);
          else reject(new Error(`${method} ${path}: ${answer.message}`));
        });
      });
      request.on('error', reject);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
}

/** Records made of one: other releases, or other revisions of it. */
async function copyRecords(ask, namespace, count, change) {
  await ask('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
  await run('helm', ['create', 'starter']);
  await run('helm', ['install', 'first', './starter', '-n', namespace, '--no-hooks']);
  const secrets = `/api/v1/namespaces/${namespace}/secrets`;
  const record = await ask('GET', `${secrets}/sh.helm.release.v1.first.v1`);
  const packed = Buffer.from(Buffer.from(record.data.release, 'base64').toString('utf8'), 'base64');
  const release = JSON.parse(gunzipSync(packed).toString('utf8'));
  const make = async (i) => {
    const next = change(release, i);
    const text = gzipSync(JSON.stringify(next)).toString('base64');
    const labels = { owner: 'helm', name: next.name, status: next.info.status, version: String(next.version) };
    await ask('POST', secrets, {
      metadata: { name: `sh.helm.release.v1.${next.name}.v${next.version}`, labels },
      type: 'helm.sh/release.v1',
      data: { release: Buffer.from(text).toString('base64') },
    });
  };
  for (let i = 0; i < count; i += 20) {
    await Promise.all(Array.from({ length: Math.min(20, count - i) }, (_, k) => make(i + k + 1)));
  }
}

/** A case: what is measured, and what comes before it, outside of the measurement. */
const cases = [
  { name: 'install', args: ['install', 'web', './large'], after: ['uninstall', 'web', '--wait'] },
  { name: 'no-op upgrade', before: ['install', 'web', './large'], args: ['upgrade', 'web', './large'] },
  { name: 'upgrade of one field', args: ['upgrade', 'web', './large', '--set', 'value={run}'] },
  { name: 'rollback', args: ['rollback', 'web'], last: ['uninstall', 'web'] },
  { name: `list with ${RELEASES} releases`, args: ['list', '-m', '0'], namespace: 'many' },
  { name: `history of ${REVISIONS} revisions`, args: ['history', 'first', '--max', '1000'], namespace: 'long' },
];

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

async function measure({ args, before, after, last, namespace }) {
  const times = { helm: [], pintle: [] };
  const inPlace = (program, line, turn = 0) =>
    run(program, [...line.map((word) => word.replace('{run}', `v${turn}`)), '-n', namespace ?? program]);
  for (const program of ['helm', 'pintle']) if (before !== undefined) await inPlace(program, before);
  for (let turn = 0; turn <= runs; turn += 1) {
    for (const program of turn % 2 === 0 ? ['helm', 'pintle'] : ['pintle', 'helm']) {
      const time = await inPlace(program, args, turn);
      // The first turn warms caches.
      if (turn > 0) times[program].push(time);
      if (after !== undefined) await inPlace(program, after);
    }
  }
  for (const program of ['helm', 'pintle']) if (last !== undefined) await inPlace(program, last);
  return { helm: median(times.helm), pintle: median(times.pintle) };
}

writeChart();
const server = await startCluster();
try {
  const ask = access();
  for (const name of ['helm', 'pintle']) await ask('POST', '/api/v1/namespaces', { metadata: { name } });
  await copyRecords(ask, 'many', RELEASES, (release, i) => ({ ...release, name: `release-${i}` }));
  await copyRecords(ask, 'long', REVISIONS, (release, i) => ({
    ...release,
    version: i + 1,
    info: { ...release.info, status: 'superseded' },
  }));
  const ms = (value) => `${value.toFixed(0)} ms`.padStart(9);
  process.stdout.write(`${OBJECTS} objects, medians of ${runs} runs in turn\n`);
  process.stdout.write(`${'case'.padEnd(28)} ${'helm'.padStart(9)} ${'pintle'.padStart(9)}  ratio\n`);
  for (const each of cases) {
    const { helm, pintle } = await measure(each);
    process.stdout.write(`${each.name.padEnd(28)} ${ms(helm)} ${ms(pintle)}  ${(pintle / helm).toFixed(2)}\n`);
  }
} finally {
  server.kill('SIGTERM');
  await new Promise((resolve) => server.once('exit', resolve));
  rmSync(work, { recursive: true, force: true });
}
