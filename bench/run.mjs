// `npm run bench [-- WORD]`: each case with all programs in turn, in one run; prints medians and their ratio to the real tool's.
// The executable takes part when `npm run build:binary` has made it; charts that are not ours (kube-prometheus-stack, argo-cd, a whole
// repository) when PINTLE_BENCH_CHARTS names the folder in which they lie with their dependencies.
// Nothing here is a test: times depend on the machine, ratios much less.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { realTools } from '../scripts/real-tools.mjs';
import { cases, publicCases } from './cases.mjs';
import { casesIn } from './corpus.mjs';
import { printScaling } from './scaling.mjs';

const root = join(import.meta.dirname, '..');
const tools = realTools();
const work = mkdtempSync(join(tmpdir(), 'pintle-bench-'));
const RUNS = 15;
const binary = join(root, 'dist', process.platform === 'win32' ? 'pintle.exe' : 'pintle');
/** Where charts lie that are not ours. */
const publicCharts = process.env.PINTLE_BENCH_CHARTS;

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Runs a command to its end: wall milliseconds and the peak of its memory in MiB (0 where /proc does not tell). */
function measure(command, args, env, mayFail = false) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    let peak = 0;
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    const watch = setInterval(() => {
      try {
        const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'));
        peak = Math.max(peak, Number(match?.[1] ?? '0') / 1024);
      } catch {
        // It has ended, or there is no /proc.
      }
    }, 2);
    child.on('error', reject);
    child.on('exit', (code) => {
      clearInterval(watch);
      const milliseconds = performance.now() - started;
      if (code === 0 || mayFail) resolve({ milliseconds, peak });
      else reject(new Error(`${command} ${args.join(' ')}: exit code ${code}\n${errors}`));
    });
  });
}

const fill = (args) => args.map((each) => each.replaceAll('{work}', work));

async function runCase(each) {
  for (const chart of each.create ?? []) {
    if (!existsSync(join(work, chart))) execFileSync(tools.helm, ['create', join(work, chart)], { stdio: 'ignore' });
  }
  for (const [name, make] of Object.entries(each.make ?? {})) {
    if (!existsSync(join(work, name))) make(join(work, name));
  }
  const results = new Map();
  let home = join(work, 'home');
  for (let run = -1; run < (each.runs ?? RUNS); run += 1) {
    for (const [name, command] of contestants(each)) {
      if (each.fresh === true) home = mkdtempSync(join(work, 'home-'));
      const measured = await measure(command[0], command.slice(1), environment(home));
      // The first run warms the disk's caches.
      if (run >= 0) results.set(name, [...(results.get(name) ?? []), measured]);
    }
  }
  let text = `${each.name}\n`;
  const theirs = each.theirs === undefined ? undefined : timeOf(results.get(each.theirs[0]));
  for (const [name, runs] of results) {
    const time = timeOf(runs);
    text += `  ${name} ${time.toFixed(0)} ms, ${Math.max(...runs.map((one) => one.peak)).toFixed(0)} MiB`;
    if (theirs !== undefined && name !== each.theirs[0]) text += `, ratio ${(time / theirs).toFixed(2)}`;
    text += '\n';
  }
  process.stdout.write(text);
}

/** The programs that a case compares, each with its arguments. */
function contestants(each) {
  const ours = fill(each.ours);
  return [
    ['pintle on Node', [process.execPath, join(root, 'bin', 'pintle.js'), ...ours]],
    ...(existsSync(binary) ? [['pintle as an executable', [binary, ...ours]]] : []),
    ...(each.theirs === undefined ? [] : [[each.theirs[0], [tools[each.theirs[0]], ...fill(each.theirs.slice(1))]]]),
  ];
}

function environment(home) {
  // Node reads that file before it does anything else; users seldom set it.
  const { NODE_EXTRA_CA_CERTS: _, ...outside } = process.env;
  return {
    ...outside,
    PINTLE_HOME: home,
    KUBECONFIG: '',
    HELM_CACHE_HOME: work,
    HELM_CONFIG_HOME: work,
    HELM_DATA_HOME: work,
  };
}

const timeOf = (runs) => median(runs.map((one) => one.milliseconds));

/** All charts of a folder: in one process of ours, and a process of helm's for each. */
async function runCorpus(folder) {
  const env = environment(join(work, 'home'));
  const script = join(import.meta.dirname, 'corpus.mjs');
  const { first, again, peak } = JSON.parse(
    execFileSync(process.execPath, [script, folder, 'again'], { env, encoding: 'utf8', maxBuffer: 1 << 26 }),
  );
  let helm = 0;
  for (const { chart, values } of casesIn(folder)) {
    const args = ['template', 'bench', chart, ...(values === undefined ? [] : ['-f', values])];
    helm += (await measure(tools.helm, args, env, true)).milliseconds;
  }
  const line = (name, { milliseconds }) =>
    `  ${name} ${milliseconds.toFixed(0)} ms, ratio ${(milliseconds / helm).toFixed(3)}\n`;
  process.stdout.write(
    `corpus: ${first.cases} cases, ${first.rendered} of them rendered, in one process (${peak.toFixed(0)} MiB)\n` +
      `${line('first time', first)}${line('again', again)}  helm, the sum of its processes: ${helm.toFixed(0)} ms\n`,
  );
}

/** Median milliseconds of `template` for a chart, by both programs in turn. */
async function timeTemplate(chart) {
  const env = environment(join(work, 'home'));
  const ours = [];
  const theirs = [];
  for (let run = 0; run < 5; run += 1) {
    const args = ['template', 'x', chart];
    ours.push(await measure(process.execPath, [join(root, 'bin', 'pintle.js'), ...args], env));
    theirs.push(await measure(tools.helm, args, env));
  }
  return { ours: timeOf(ours), theirs: timeOf(theirs) };
}

const word = process.argv[2];
process.stdout.write(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, node ${process.version}\n`);
try {
  const all = publicCharts === undefined ? cases : [...cases, ...publicCases(publicCharts)];
  for (const each of all) if (word === undefined || each.name.includes(word)) await runCase(each);
  if (publicCharts !== undefined && (word === undefined || word === 'corpus')) await runCorpus(publicCharts);
  if (word === undefined || 'scaling'.includes(word)) await printScaling(work, timeTemplate);
} finally {
  rmSync(work, { recursive: true, force: true });
}
