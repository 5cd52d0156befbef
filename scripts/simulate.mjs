// `node scripts/simulate.mjs [--scenarios 1000] [--from 1] [--jobs 2]`: runs random scenarios on the simulated cluster and
// prints the seed of each that breaks an invariant, or hangs. `--seed 7` runs one and tells its story. `--patience 600`: seconds
// after which one is taken to hang, for a machine that does other work.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    scenarios: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
    seed: { type: 'string' },
    worker: { type: 'string' },
    patience: { type: 'string', default: '60' },
  },
});

/** ms without a finished scenario after which one is taken to hang. */
const PATIENCE = Number(values.patience) * 1000;

async function work(bundle, first, count, step) {
  const { runScenario } = await import(pathToFileURL(bundle).href);
  for (let seed = first; seed < first + count; seed += step) {
    process.stdout.write(`${JSON.stringify({ begun: seed })}\n`);
    const started = performance.now();
    let result;
    try {
      const { faults, digest, writes, story } = await runScenario(seed);
      result = { seed, faults, digest, writes, ...(values.seed === undefined ? {} : { story }) };
    } catch (error) {
      result = { seed, faults: [String(error.stack ?? error)], digest: '', writes: 0 };
    }
    process.stdout.write(`${JSON.stringify({ ...result, millis: performance.now() - started })}\n`);
  }
}

/** Runs every `step`th seed in a process of its own; a scenario that hangs ends it, and the next one begins behind. */
function supervise(bundle, first, end, step, finished) {
  return new Promise((resolve) => {
    if (first >= end) {
      resolve();
      return;
    }
    const args = [
      import.meta.filename,
      '--worker',
      bundle,
      '--from',
      String(first),
      '--scenarios',
      String(end - first),
    ];
    const child = spawn(process.execPath, [...args, '--jobs', String(step)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let current = first;
    let text = '';
    const hang = () => child.kill('SIGKILL');
    let timer = setTimeout(hang, PATIENCE);
    child.stdout.on('data', (chunk) => {
      clearTimeout(timer);
      timer = setTimeout(hang, PATIENCE);
      text += chunk;
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) {
        const message = JSON.parse(line);
        if (message.begun === undefined) finished(message);
        else current = message.begun;
      }
    });
    child.on('exit', (code) => {
      clearTimeout(timer);
      if (code === 0) resolve();
      else {
        finished({ seed: current, faults: ['it hangs, or ended the process'], writes: 0, millis: 0 });
        void supervise(bundle, current + step, end, step, finished).then(resolve);
      }
    });
  });
}

async function main() {
  if (values.worker !== undefined) {
    await work(values.worker, Number(values.from), Number(values.scenarios), Number(values.jobs));
    return;
  }
  // Inside the repository, so that packages are found.
  const folder = join(root, `.simulate-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  try {
    const bundle = join(folder, 'scenario.mjs');
    const entryPoints = [join(root, 'test/simulation/scenario.ts')];
    await build({
      entryPoints,
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      packages: 'external',
    });
    if (values.seed !== undefined) {
      const { runScenario } = await import(pathToFileURL(bundle).href);
      const { faults, story, digest, writes } = await runScenario(Number(values.seed));
      process.stdout.write(
        `${story.join('\n')}\n${writes} writes, ${digest}\n${faults.map((each) => `FAULT ${each}\n`).join('')}`,
      );
      process.exitCode = faults.length === 0 ? 0 : 1;
      return;
    }
    const first = Number(values.from);
    const end = first + Number(values.scenarios);
    const jobs = Number(values.jobs);
    const failed = [];
    let count = 0;
    let writes = 0;
    const started = performance.now();
    const finished = (result) => {
      count += 1;
      writes += result.writes;
      if (result.faults.length === 0) return;
      failed.push(result.seed);
      process.stdout.write(`seed ${result.seed}:\n${result.faults.map((each) => `  ${each}\n`).join('')}`);
    };
    await Promise.all(Array.from({ length: jobs }, (_, i) => supervise(bundle, first + i, end, jobs, finished)));
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(
      `${count} scenarios, ${writes} writes, ${seconds} s; ${failed.length} failed${failed.length > 0 ? `: seeds ${failed.sort((a, b) => a - b).join(' ')}` : ''}\n`,
    );
    process.exitCode = failed.length === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
