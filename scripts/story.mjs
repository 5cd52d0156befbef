// `npm start`: the main job on the embedded cluster, with the commands as they run. Everything happens in a temporary folder.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const home = mkdtempSync(join(tmpdir(), 'pintle-story-'));
const env = { ...process.env, PINTLE_HOME: home, KUBECONFIG: '', HELM_DRIVER: '', HELM_NAMESPACE: '' };
const bold = process.stdout.isTTY ? (text) => `\u001b[1m${text}\u001b[0m` : (text) => text;

/** Tells what comes, runs the commands, and ends the story if one does not end as it should. */
function chapter(title, ...commands) {
  process.stdout.write(`\n${bold(`# ${title}`)}\n`);
  for (const { args, code } of commands) {
    process.stdout.write(`\n${bold(`$ pintle ${args.join(' ')}`)}\n`);
    const { status, error } = spawnSync(process.execPath, [join(root, 'bin', 'pintle.js'), ...args], {
      cwd: root,
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (error !== undefined) throw error;
    if (status !== code) {
      process.stdout.write(`\nexpected exit code ${code}, got ${status}\n`);
      rmSync(home, { recursive: true, force: true });
      process.exit(1);
    }
  }
}

const run = (...args) => ({ args, code: 0 });
const fails = (...args) => ({ args, code: 1 });

chapter(
  'Install a chart on the embedded cluster and wait until it is ready',
  run('install', 'shop', 'charts/guestbook', '--wait'),
);
chapter('What runs', run('cluster', 'get', 'deployments,pods,services,cronjobs'));
chapter('Upgrade it', run('upgrade', 'shop', 'charts/guestbook', '--set', 'replicaCount=3', '--wait', '--hide-notes'));
chapter(
  'Upgrade it to an image that does not exist: it fails for the reason it would fail for in production, and is undone',
  fails(
    'upgrade',
    'shop',
    'charts/guestbook',
    '--set',
    'replicaCount=3',
    '--set',
    'image.tag=does-not-exist',
    '--atomic',
  ),
);
chapter('It is back as it was', run('history', 'shop'), run('cluster', 'get', 'deployments,pods'));
chapter('An hour passes; the CronJobs run', run('cluster', 'advance', '1h'), run('cluster', 'get', 'cronjobs,jobs'));
chapter('Remove it', run('uninstall', 'shop', '--wait'), run('list'));

rmSync(home, { recursive: true, force: true });
process.stdout.write(`\n${bold('Done.')} The next steps stand in README.md.\n`);
