import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { otherProgram } from '../../support/other-programs.ts';
import { type ServedFixture, serveForTest } from '../http/served.ts';

const PACKAGE = '/usr/lib/python3/dist-packages/kubernetes/__init__.py';
const CLIENT = otherProgram("Debian's python3-kubernetes", [PACKAGE]);

let fixture: ServedFixture;

beforeAll(async () => {
  fixture = await serveForTest();
});
afterAll(() => fixture.close());

describe.skipIf(CLIENT === undefined)("Debian's python3-kubernetes", () => {
  it('creates, patches, watches, deletes, looks into containers, and reads what it does not know', async () => {
    const seen = await new Promise<string>((resolve, reject) => {
      // The first `python3` of PATH may be another one, without the package.
      execFile(
        '/usr/bin/python3',
        [join(import.meta.dirname, 'python-client.py'), fixture.kubeconfig],
        { env: { ...fixture.env, PYTHONDONTWRITEBYTECODE: '1' }, timeout: 150_000 },
        (error, stdout, stderr) => (error === null ? resolve(stdout) : reject(new Error(stderr))),
      );
    });
    expect(JSON.parse(seen)).toEqual({
      version: 'v1.35.2',
      typed: { strategy: 'RollingUpdate', ready: 2, patched: 1, scale: 1, deleted: 'V1Status', age: true },
      failures: [
        [404, 'NotFound'],
        [422, 'Invalid'],
      ],
      watched: [
        ['ADDED', 'm0', '0'],
        ['ADDED', 'm1', '1'],
        ['ADDED', 'm2', '2'],
        ['MODIFIED', 'm1', 'ten'],
        ['DELETED', 'm0', '0'],
      ],
      streams: {
        out: 'out typed\n',
        err: 'err\n',
        code: 3,
        log: expect.stringContaining('ready for start up') as string,
        forwarded: 'HTTP/1.1 200 OK',
      },
      dynamic: [['k', 4]],
    });
  });
});
