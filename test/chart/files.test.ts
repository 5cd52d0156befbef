import fs, {
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
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { replaceFile, writeNew, writePrivate, writeWhole } from '../../src/chart/files.ts';

/** Lets writes fail before the first byte, when the file is there, until the test is over. */
function breakDisk(code: string): void {
  vi.spyOn(fs, 'writeFileSync').mockImplementation((path) => {
    if (typeof path === 'string') fs.closeSync(fs.openSync(path, 'wx'));
    throw Object.assign(new Error(`${code}: the disk says no, write`), { code });
  });
  // What modules have imported by name follows.
  syncBuiltinESMExports();
}

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pintle-files-'));
});

afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
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
    breakDisk(fault);
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
