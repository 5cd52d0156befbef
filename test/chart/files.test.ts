import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type * as NodeFs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { replaceFile, writeNew, writePrivate, writeWhole } from '../../src/chart/files.ts';

/** What the disk says to the next write, after half of the content. */
const disk = vi.hoisted(() => ({ fault: undefined as string | undefined }));
vi.mock('node:fs', async (original) => {
  const actual = await original<typeof NodeFs>();
  const write: typeof actual.writeFileSync = (path, content, options) => {
    if (disk.fault === undefined) return actual.writeFileSync(path, content, options);
    actual.writeFileSync(path, Buffer.from(content as string).subarray(0, 1), options);
    throw Object.assign(new Error(`${disk.fault}: the disk says no, write`), { code: disk.fault });
  };
  return { ...actual, writeFileSync: write };
});

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pintle-files-'));
});

afterEach(() => {
  disk.fault = undefined;
  rmSync(folder, { recursive: true, force: true });
});

describe('a file that is put in place', () => {
  it('is there as a whole, with its permissions', () => {
    const path = join(folder, 'keys.json');
    writeFileSync(path, 'old', { mode: 0o644 });
    replaceFile(path, 'new', 0o600);
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['keys.json']);
  });

  it('is what a link leads to', () => {
    const path = join(folder, 'repositories.yaml');
    const target = join(folder, 'elsewhere', 'kept.yaml');
    writeWhole(target, 'old');
    symlinkSync(target, path);
    writePrivate(path, 'new');
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, 'utf8')).toBe('new');
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual(['kept.yaml']);
  });

  it.each(['ENOSPC', 'EDQUOT'])('stays as it was when the disk is full: %s', (fault) => {
    const path = join(folder, 'keys.json');
    writeFileSync(path, 'old');
    disk.fault = fault;
    const message = `the disk has no room for ${path}`;
    expect(() => replaceFile(path, 'new')).toThrow(expect.objectContaining({ code: 'store-full', message }));
    expect(() => writeNew(`${path}.2`, 'new')).toThrow(expect.objectContaining({ code: 'store-full' }));
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['keys.json']);
  });

  it('tells what is in its way, and leaves no draft', () => {
    const io = (text: string): object =>
      expect.objectContaining({ name: 'PintleError', code: 'io', message: expect.stringContaining(text) as string });
    mkdirSync(join(folder, 'taken', 'inside'), { recursive: true });
    writeFileSync(join(folder, 'file'), 'x');
    expect(() => replaceFile(join(folder, 'none', 'a'), 'x')).toThrow(io('/none/a: no such file or directory'));
    expect(() => replaceFile(join(folder, 'taken'), 'x')).toThrow(io('/taken: '));
    expect(() => replaceFile(join(folder, 'file', 'a'), 'x')).toThrow(io('/file/a: not a directory'));
    expect(() => writeWhole(join(folder, 'file', 'a'), 'x')).toThrow(io('write '));
    expect(() => replaceFile(join(folder, 'a\0b'), 'x')).toThrow(io('write '));
    expect(() => writeNew(join(folder, 'file'), 'y')).toThrow(io('/file: file exists'));
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('x');
    expect(readdirSync(folder)).toEqual(['file', 'taken']);
  });
});
