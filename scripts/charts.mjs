// Installs the public charts of docs/charts.md anew, each on a fresh cluster of five nodes, and compares the verdicts:
//   node scripts/charts.mjs [--fetch] FOLDER [CHART...]
// FOLDER holds REPOSITORY/CHART (prometheus-community/prometheus, …); --fetch brings them there with git, at the commits
// that the page names, and builds their dependencies. Exit code 1 when a verdict is another than the page's.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = join(import.meta.dirname, '..');
const pintle = join(root, 'bin', 'pintle.js');
const page = readFileSync(join(root, 'docs', 'charts.md'), 'utf8');
const args = process.argv.slice(2);
const fetches = args.includes('--fetch');
const [folder, ...only] = args.filter((arg) => arg !== '--fetch');
if (folder === undefined) {
  process.stderr.write('usage: node scripts/charts.mjs [--fetch] FOLDER [CHART...]\n');
  process.exit(2);
}
const base = resolve(folder);

/** `| repository/chart | verdict | reason |` */
const rows = [...page.matchAll(/^\| ([\w.-]+\/[\w.-]+) \| (ready|refused|not ready) \| (.*?) ?\|$/gm)].map(
  ([, chart = '', verdict = '']) => ({ chart, verdict }),
);
/** `| repository | address | commit |` */
const sources = [...page.matchAll(/^\| ([\w.-]+) \| (https:\S+) \| `([0-9a-f]{40})` \| (\S+) \|$/gm)].map(
  ([, repository = '', address = '', commit = '', path = '']) => ({ repository, address, commit, path }),
);
if (fetches) for (const source of sources) fetchSource(source);
const wanted =
  only.length > 0 ? only.map((chart) => rows.find((row) => row.chart === chart) ?? { chart, verdict: '' }) : rows;
const home = mkdtempSync(join(tmpdir(), 'pintle-charts-'));
let differing = 0;
try {
  for (const { chart, verdict } of wanted) {
    const found = installed(chart);
    const differs = verdict !== '' && found.verdict !== verdict;
    if (differs) differing += 1;
    process.stdout.write(
      `${differs ? `DIFFERS (${verdict})` : 'as told'}\t${chart}\t${found.verdict}\t${found.reason}\n`,
    );
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}
process.stdout.write(`${wanted.length - differing} of ${wanted.length} verdicts are as docs/charts.md has them\n`);
process.exit(differing === 0 ? 0 : 1);

function run(...command) {
  return spawnSync(process.execPath, [pintle, ...command], {
    env: { PATH: process.env.PATH, HOME: home, PINTLE_HOME: home },
    encoding: 'utf8',
    timeout: 300_000,
  });
}

function installed(chart) {
  const path = join(base, chart);
  if (!existsSync(path)) return { verdict: 'missing', reason: `${path} is not there` };
  run('cluster', 'reset', '--nodes', '5');
  const { status, stderr } = run('install', 'r', path, '--wait', '--timeout', '10m');
  if (status === 0) return { verdict: 'ready', reason: '' };
  const reason = /^Error: (?:INSTALLATION FAILED: )?(.*)$/m.exec(stderr)?.[1] ?? stderr.trim().slice(-300);
  return {
    verdict: /not ready|deadline exceeded|timed out/.test(stderr) ? 'not ready' : 'refused',
    reason,
  };
}

function fetchSource({ repository, address, commit, path }) {
  const clone = join(base, `.${repository}`);
  if (!existsSync(clone)) {
    mkdirSync(clone, { recursive: true });
    git(clone, 'init', '--quiet');
    git(clone, 'fetch', '--quiet', '--depth', '1', address, commit);
    git(clone, 'checkout', '--quiet', 'FETCH_HEAD');
  }
  for (const { chart } of rows.filter((row) => row.chart.startsWith(`${repository}/`))) {
    const target = join(base, chart);
    if (existsSync(target)) continue;
    cpSync(join(clone, path, chart.slice(repository.length + 1)), target, { recursive: true });
    const built = run('dependency', 'build', target);
    if (built.status !== 0) process.stderr.write(`${chart}: ${built.stderr}`);
  }
}

function git(cwd, ...command) {
  execFileSync('git', command, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
}
