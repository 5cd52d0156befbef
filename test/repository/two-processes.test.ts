import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withFileLock } from '../../src/cli/file-lock.ts';
import { lockPathOf } from '../../src/repository/exclusively.ts';
import { fromYaml } from '../../src/yaml/index.ts';
import { testIo } from '../cli/support.ts';
import { isolatedEnvironment, realTools } from '../support/real-tools.ts';
import { serveFolder } from './two-clients.ts';

const PINTLE = join(import.meta.dirname, '..', '..', 'bin', 'pintle.js');
let folder: string;
let server: Server;
let url: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pintle-two-'));
  writeFileSync(join(folder, 'index.yaml'), 'apiVersion: v1\nentries: {}\n');
  ({ server, url } = await serveFolder(folder));
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

function run(program: string, args: readonly string[]): Promise<{ readonly code: number; readonly err: string }> {
  const env = isolatedEnvironment(folder);
  return new Promise((resolve) => {
    execFile(program, [...args], { env }, (error, _, err) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), err }),
    );
  });
}

const names = (path: string): string[] =>
  (fromYaml(readFileSync(path, 'utf8')) as { repositories: { name: string }[] }).repositories
    .map(({ name }) => name)
    .sort();

it('keeps what several processes add at one time, helm among them', async () => {
  const repositories = ['--repository-config', join(folder, 'repositories.yaml')];
  const add = (name: string): string[] => ['repo', 'add', name, url, ...repositories];
  const ours = ['a', 'b', 'c', 'd'].map((name) => run(process.execPath, [PINTLE, ...add(name)]));
  const theirs = ['x', 'y'].map((name) => run(realTools().helm, add(name)));
  for (const { code, err } of await Promise.all([...ours, ...theirs])) expect({ code, err }).toMatchObject({ code: 0 });
  expect(names(join(folder, 'repositories.yaml'))).toEqual(['a', 'b', 'c', 'd', 'x', 'y']);
  const gone = ['a', 'b', 'c'].map((name) => run(process.execPath, [PINTLE, 'repo', 'remove', name, ...repositories]));
  for (const { code, err } of await Promise.all(gone)) expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(names(join(folder, 'repositories.yaml'))).toEqual(['d', 'x', 'y']);
});

it.each([
  ['by flock', process.env['PATH'] ?? ''],
  ['where there is no flock', ''],
])('lets one process after the other change a file: %s', async (_, path) => {
  const { io } = testIo({ env: { PATH: path } });
  const lock = join(folder, 'sub', 'a.lock');
  let inside = 0;
  let most = 0;
  const seen: number[] = [];
  await Promise.all(
    [1, 2, 3].map((i) =>
      withFileLock(io, lock, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(i);
        inside -= 1;
      }),
    ),
  );
  expect(most).toBe(1);
  expect(seen.sort((a, b) => a - b)).toEqual([1, 2, 3]);
  await expect(withFileLock(io, lock, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(existsSync(`${lock}.pintle`)).toBe(false);
});

it('names the lock as helm does', () => {
  expect(lockPathOf('/a/repositories.yaml')).toBe('/a/repositories.lock');
  expect(lockPathOf('/a.b/config')).toBe('/a.b/config.lock');
});
