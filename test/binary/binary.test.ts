import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const hasBun =
  existsSync(join(ROOT, 'node_modules', 'bun')) || spawnSync('bun', ['--version'], { stdio: 'ignore' }).status === 0;

describe.skipIf(!hasBun)('the single executable', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pintle-binary-test-'));
  const binary = join(folder, 'pintle');

  beforeAll(() => {
    execFileSync(process.execPath, [join(ROOT, 'scripts', 'build-binary.mjs'), binary], { stdio: 'inherit' });
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs a program away from the repository, so that nothing of it is found by chance. */
  function run(program: string, args: readonly string[]): { code: number | null; out: string; err: string } {
    const env = { ...process.env, PINTLE_HOME: join(folder, 'home'), KUBECONFIG: '', HOME: folder };
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, env, encoding: 'utf8' });
    return { code: status, out: stdout, err: stderr };
  }

  const ours = (...args: string[]): ReturnType<typeof run> => run(binary, args);
  const nodes = (...args: string[]): ReturnType<typeof run> =>
    run(process.execPath, [join(ROOT, 'bin', 'pintle.js'), ...args]);

  it.each([
    ['version'],
    ['template', 'web', join(ROOT, 'charts', 'guestbook')],
    ['template', 'web', join(ROOT, 'charts', 'reports'), '--set', 'x=1'],
    ['template', 'web', join(ROOT, 'charts', 'hello-hbs')],
    ['template', 'web', join(ROOT, 'charts', 'guestbook'), '--explain', 'Deployment/web-guestbook.spec.replicas'],
    ['lint', join(ROOT, 'charts', 'guestbook')],
    ['show', 'values', join(ROOT, 'charts', 'guestbook')],
    ['template', 'web', join(folder, 'nothing')],
    ['nonsense'],
  ])('does what Node does: %s', (...args) => {
    expect(ours(...args)).toEqual(nodes(...args));
  });

  it('keeps an embedded cluster', () => {
    expect(ours('install', 'web', join(ROOT, 'charts', 'guestbook'), '--embedded')).toMatchObject({ code: 0 });
    expect(ours('list', '--embedded').out).toContain('guestbook-1.2.0');
    expect(ours('uninstall', 'web', '--embedded')).toMatchObject({ code: 0 });
  });
});
