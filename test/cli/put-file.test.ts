import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PintleError } from '../../src/base/errors.ts';
import { putFile, writeNew } from '../../src/cli/put-file.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pintle-put-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function failureOf(work: Promise<void>): Promise<PintleError> {
  const error: unknown = await work.then(
    () => undefined,
    (each: unknown) => each,
  );
  if (error instanceof PintleError) return error;
  throw new Error(`no PintleError: ${String(error)}`);
}

describe('a file that is put in place', () => {
  it('is there as a whole, with its permissions', async () => {
    const path = join(folder, 'keys.json');
    await putFile(path, 'old', 0o600);
    await putFile(path, 'new', 0o600);
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['keys.json']);
  });

  // A device of Linux that is always full.
  it.runIf(existsSync('/dev/full'))('leaves what was there when the disk is full', async () => {
    const path = join(folder, 'keys.json');
    writeFileSync(path, 'old');
    symlinkSync('/dev/full', `${path}.new`);
    const error = await failureOf(putFile(path, 'new'));
    expect(error).toMatchObject({ code: 'store-full', message: `the disk has no room for ${path}.new` });
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['keys.json']);
  });

  it('says which file cannot be written, and leaves no draft', async () => {
    const path = join(folder, 'none', 'keys.json');
    expect(await failureOf(writeNew(path, 'x'))).toMatchObject({
      code: 'io',
      message: expect.stringContaining(`cannot write ${path}: ENOENT`) as string,
    });
    const taken = join(folder, 'taken');
    mkdirSync(join(taken, 'inside'), { recursive: true });
    expect(await failureOf(putFile(taken, 'x'))).toMatchObject({ code: 'io' });
    expect(readdirSync(folder)).toEqual(['taken']);
  });
});
