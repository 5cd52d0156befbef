// `npm run bench [-- WORD]`: each case with both programs in turn, in one run; prints medians and their ratio.
// Nothing here is a test: times depend on the machine, ratios much less.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { realTools } from '../scripts/real-tools.mjs';
import { cases } from './cases.mjs';
import { printScaling } from './scaling.mjs';

const root = join(import.meta.dirname, '..');
const tools = realTools();
const work = mkdtempSync(join(tmpdir(), 'pintle-bench-'));
const RUNS = 15;

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Runs a command to its end: wall milliseconds and the peak of its memory in MiB (0 where /proc does not tell). */
function measure(command, args, env) {
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
      if (code === 0) resolve({ milliseconds, peak });
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
  const ours = [];
  const theirs = [];
  let home = join(work, 'home');
  for (let run = -1; run < (each.runs ?? RUNS); run += 1) {
    if (each.fresh === true) home = mkdtempSync(join(work, 'home-'));
    // Node reads that file before it does anything else; users seldom set it.
    const { NODE_EXTRA_CA_CERTS: _, ...outside } = process.env;
    const env = {
      ...outside,
      PINTLE_HOME: home,
      KUBECONFIG: '',
      HELM_CACHE_HOME: work,
      HELM_CONFIG_HOME: work,
      HELM_DATA_HOME: work,
    };
    const mine = await measure(process.execPath, [join(root, 'bin', 'pintle.js'), ...fill(each.ours)], env);
    const real =
      each.theirs === undefined ? undefined : await measure(tools[each.theirs[0]], fill(each.theirs.slice(1)), env);
    // The first run warms the disk's caches.
    if (run < 0) continue;
    ours.push(mine);
    if (real !== undefined) theirs.push(real);
  }
  const time = median(ours.map((one) => one.milliseconds));
  const peak = Math.max(...ours.map((one) => one.peak));
  let line = `${each.name}\n  pintle ${time.toFixed(0)} ms, ${peak.toFixed(0)} MiB`;
  if (theirs.length > 0) {
    const other = median(theirs.map((one) => one.milliseconds));
    line += `; ${each.theirs[0]} ${other.toFixed(0)} ms, ${Math.max(...theirs.map((one) => one.peak)).toFixed(0)} MiB; ratio ${(time / other).toFixed(2)}`;
    if (each.limit !== undefined) line += ` (aim: at most ${each.limit.ratio})`;
  }
  process.stdout.write(`${line}\n`);
}

/** Median milliseconds of `template` for a chart, by both programs in turn. */
async function timeTemplate(chart) {
  const env = { ...process.env, KUBECONFIG: '', HELM_CACHE_HOME: work, HELM_CONFIG_HOME: work, HELM_DATA_HOME: work };
  const ours = [];
  const theirs = [];
  for (let run = 0; run < 5; run += 1) {
    const args = ['template', 'x', chart];
    ours.push((await measure(process.execPath, [join(root, 'bin', 'pintle.js'), ...args], env)).milliseconds);
    theirs.push((await measure(tools.helm, args, env)).milliseconds);
  }
  return { ours: median(ours), theirs: median(theirs) };
}

const word = process.argv[2];
process.stdout.write(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, node ${process.version}\n`);
try {
  for (const each of cases) if (word === undefined || each.name.includes(word)) await runCase(each);
  if (word === undefined || 'scaling'.includes(word)) await printScaling(work, timeTemplate);
} finally {
  rmSync(work, { recursive: true, force: true });
}
