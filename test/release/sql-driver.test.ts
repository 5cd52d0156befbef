import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { silentLogger, type Logger } from '../../src/base/logger.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { verifyRows } from '../../src/actions/verify-rows.ts';
import { createSqlDriver } from '../../src/release/choose-driver.ts';
import { recordCipher } from '../../src/release/record-cipher.ts';
import { releaseKey } from '../../src/release/release-key.ts';
import { openSqlDatabase, type SqlDatabase } from '../../src/release/sql-database.ts';
import { SqlDriver } from '../../src/release/sql-driver.ts';
import { ReleaseStore } from '../../src/release/store.ts';
import { main } from '../../src/cli/main.ts';
import { testIo } from '../cli/support.ts';
import { type ServedFixture, serveForTest } from '../cluster/http/served.ts';
import { releaseDriverContract, START_SECONDS } from '../contract/release-driver.ts';
import { POSTGRES, type PostgresServer, startPostgres } from '../support/postgres.ts';
import { sampleRelease } from './sample-release.ts';

const clock = new VirtualClock({ start: START_SECONDS * 1000 });
const logger = silentLogger;
const KEY = releaseKey('web', 1);

describe.skipIf(POSTGRES === undefined)('the driver on a database', () => {
  let server: PostgresServer;
  const open: SqlDatabase[] = [];
  const connect = async (url: string): Promise<SqlDatabase> => {
    const database = await openSqlDatabase(url);
    open.push(database);
    return database;
  };

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(async () => {
    for (const each of open) await each.close();
    await server.stop();
  });

  let shared: SqlDatabase | undefined;
  releaseDriverContract(async () => {
    shared ??= await connect(await server.database());
    const database = shared;
    await database.query('TRUNCATE releases_v1, custom_labels_v1');
    return (namespace) => new SqlDriver({ database, clock, namespace, logger });
  });

  test('makes the tables once, also when two begin at one time', async () => {
    const url = await server.database();
    const [one] = await Promise.all([connect(url), connect(url), connect(url)]);
    const { rows } = await one.query<{ id: string }>('SELECT id FROM gorp_migrations ORDER BY applied_at, id DESC');
    expect(rows.map(({ id }) => id)).toEqual(['init', 'custom_labels']);
  });

  test('keeps nothing of a creation that fails', async () => {
    const database = await connect(await server.database());
    const driver = new SqlDriver({ database, clock, namespace: 'default', logger });
    const release = sampleRelease({ labels: { good: 'x', bad: 'y'.repeat(100) } });
    await expect(driver.create(KEY, release)).rejects.toMatchObject({ code: 'api-error' });
    await expect(driver.get(KEY)).rejects.toMatchObject({ code: 'release-not-found' });
    expect((await database.query('SELECT * FROM custom_labels_v1')).count).toBe(0);
  });

  test('replaces the labels of an update, and deletes them with the record', async () => {
    const database = await connect(await server.database());
    const driver = new SqlDriver({ database, clock, namespace: 'default', logger });
    await driver.create(KEY, sampleRelease({ labels: { team: 'a' } }));
    await driver.update(KEY, sampleRelease({ labels: { team: 'b', tier: 'c' } }));
    expect((await driver.get(KEY)).labels).toEqual({ team: 'b', tier: 'c' });
    await driver.delete(KEY);
    expect((await database.query('SELECT * FROM custom_labels_v1')).count).toBe(0);
  });

  test('takes names for values, not for statements', async () => {
    const database = await connect(await server.database());
    const driver = new SqlDriver({ database, clock, namespace: 'default', logger });
    await driver.create(KEY, sampleRelease());
    expect(await driver.query({ name: "web' OR '1'='1" })).toEqual([]);
    expect(await driver.query({ version: '1; DROP TABLE releases_v1' })).toEqual([]);
    expect(await driver.list()).toHaveLength(1);
  });

  test('encrypts records, and leaves out of lists what it cannot read', async () => {
    const database = await connect(await server.database());
    const log: string[] = [];
    const telling: Logger = { log: (level, message) => log.push(`${level}: ${message}`) };
    const cipher = recordCipher(randomBytes(32));
    const options = { database, clock, namespace: 'default', logger: telling };
    await new SqlDriver({ ...options, cipher }).create(KEY, sampleRelease());
    const { rows } = await database.query<{ body: string }>('SELECT body FROM releases_v1');
    expect(rows[0]?.body).toMatch(/^pintle-aes256gcm:/);
    expect((await new SqlDriver({ ...options, cipher }).get(KEY)).name).toBe('web');
    await expect(new SqlDriver(options).get(KEY)).rejects.toMatchObject({ code: 'release-corrupt' });
    expect(await new SqlDriver(options).list()).toEqual([]);
    expect(log[0]).toContain('it is encrypted with key');
  });

  test('puts rows aside that cannot be read, and columns right', async () => {
    const database = await connect(await server.database());
    const driver = new SqlDriver({ database, clock, namespace: 'default', logger });
    const long = `a${'b'.repeat(39)}`;
    for (const name of ['web', long]) {
      for (const version of [1, 2, 3]) {
        const status = version === 3 ? 'deployed' : 'superseded';
        await driver.create(releaseKey(name, version), sampleRelease({ name, version, status, labels: { team: 'a' } }));
      }
      await database.query("UPDATE releases_v1 SET body = 'H4sI' || body WHERE name = $1 AND version = 2", [name]);
    }
    await database.query("UPDATE releases_v1 SET status = 'failed' WHERE name = 'web' AND version = 3");
    await database.query(
      "UPDATE releases_v1 SET body = (SELECT body FROM releases_v1 WHERE key = $1) WHERE name = 'web' AND version = 1",
      [releaseKey('web', 3)],
    );
    const told = async (repair: boolean): Promise<string[]> =>
      (await verifyRows(driver, { repair })).map(({ record, text, repaired }) => `${record}: ${text} (${repaired})`);
    const faults = (repaired: boolean): string[] => [
      expect.stringMatching(new RegExp(`^SQL ${releaseKey(long, 2)}: cannot read .*\\(${repaired}\\)$`)) as string,
      `SQL ${releaseKey('web', 1)}: it holds revision 3 of "web" (${repaired})`,
      expect.stringMatching(new RegExp(`^SQL ${releaseKey('web', 2)}: cannot read .*\\(${repaired}\\)$`)) as string,
      `SQL ${releaseKey('web', 3)}: its columns do not say what it holds: status is failed, not deployed (${repaired})`,
      `SQL ${releaseKey('web', 1)}: it is deployed, and so is revision 3 (${repaired})`,
    ];
    expect(await told(false)).toEqual(faults(false));
    expect(await told(true)).toEqual(faults(true));
    expect(await told(true)).toEqual([]);
    expect((await driver.list()).map(({ version }) => version)).toEqual([1, 3, 1, 3]);
    const { rows } = await database.query<{ key: string; labels: number }>(
      `SELECT key, (SELECT count(*)::int FROM custom_labels_v1 WHERE releaseKey = r.key) AS labels
       FROM releases_v1 r WHERE owner = 'pintle-unreadable'`,
    );
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row).toEqual({ key: expect.stringContaining('.unreadable-') as string, labels: 1 });
    // There is room again for the revision.
    await driver.create(releaseKey('web', 2), sampleRelease({ version: 2, status: 'superseded' }));
  });

  test('puts rows aside that hold another release, and leaves what was written meanwhile', async () => {
    const database = await connect(await server.database());
    const driver = new SqlDriver({ database, clock, namespace: 'default', logger });
    for (const version of [1, 2]) {
      await driver.create(releaseKey('web', version), sampleRelease({ name: 'web', version, labels: { team: 'a' } }));
    }
    await driver.create(releaseKey('api', 7), sampleRelease({ name: 'api', version: 7, status: 'deployed' }));
    await database.query(
      "UPDATE releases_v1 SET body = (SELECT body FROM releases_v1 WHERE name = 'api') WHERE name = 'web'",
    );
    const [, late] = await driver.rows('web');
    await driver.update(releaseKey('web', 2), sampleRelease({ name: 'web', version: 2, labels: { team: 'b' } }));
    expect(await late?.putAside()).toBe(false);
    expect((await driver.get(releaseKey('web', 2))).labels).toEqual({ team: 'b' });
    expect(await verifyRows(driver, { repair: true })).toMatchObject([
      { text: 'it holds revision 7 of "api"', repaired: true },
    ]);
    expect((await driver.list()).map(({ name, version }) => `${name} ${version}`)).toEqual(['api 7', 'web 2']);
    expect(await verifyRows(driver, { repair: false })).toEqual([]);
  });

  test('names the record where none of a release can be read', async () => {
    const database = await connect(await server.database());
    const driver = new SqlDriver({ database, clock, namespace: 'default', logger });
    await driver.create(KEY, sampleRelease());
    await database.query("UPDATE releases_v1 SET body = 'damaged'");
    const store = new ReleaseStore(driver);
    const corrupt = { code: 'release-corrupt', message: expect.stringContaining(KEY) as string };
    await expect(store.history('web')).rejects.toMatchObject(corrupt);
    await expect(store.last('web')).rejects.toMatchObject(corrupt);
    await expect(store.summaries('web', 256)).rejects.toMatchObject(corrupt);
    expect(await driver.list()).toEqual([]);
  });

  test('finds the database again after its connections broke', async () => {
    const url = await server.database();
    const database = await connect(url);
    const driver = new SqlDriver({ database, clock, namespace: 'default', logger });
    await driver.create(KEY, sampleRelease());
    const other = new Client(url.replace('?sslmode=disable', ''));
    await other.connect();
    await other.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pintle'");
    await other.end();
    expect((await driver.get(KEY)).name).toBe('web');
  });

  test('tells of a connection that breaks between the queries of a transaction, and goes on with another', async () => {
    const url = await server.database();
    const database = await connect(url);
    const other = new Client(url.replace('?sslmode=disable', ''));
    await other.connect();
    const queries = vi.spyOn(Client.prototype, 'query');
    const broken = database.transaction(async (session) => {
      const { rows } = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const broke = new Promise<void>((resolve) => {
        (queries.mock.contexts.at(-1) as Client).once('end', resolve);
      });
      await other.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
      await broke;
      await session.query('SELECT 1');
    });
    await expect(broken).rejects.toThrow();
    queries.mockRestore();
    await other.end();
    expect((await database.query<{ one: number }>('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  test('says what is wrong with where the database is', async () => {
    const request = { clock, namespace: 'default', logger };
    await expect(createSqlDriver(request)).rejects.toMatchObject({ code: 'usage' });
    const nobody = 'postgres://x:secret@127.0.0.1:1/y?sslmode=disable';
    const error: unknown = await createSqlDriver({ ...request, sqlConnection: nobody }).catch((each: unknown) => each);
    expect(error).toMatchObject({ code: 'target' });
    expect(String(error)).not.toContain('secret');
    const url = await server.database();
    const encrypted = url.replace('sslmode=disable', 'sslmode=require');
    await expect(createSqlDriver({ ...request, sqlConnection: encrypted })).rejects.toMatchObject({ code: 'target' });
  });

  describe('with helm', () => {
    let fixture: ServedFixture;
    let env: Record<string, string>;
    let chart: string;

    beforeAll(async () => {
      fixture = await serveForTest();
      env = { HELM_DRIVER: 'sql', HELM_DRIVER_SQL_CONNECTION_STRING: await server.database() };
      chart = join(fixture.folder, 'chart');
      mkdirSync(join(chart, 'templates'), { recursive: true });
      writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: box\nversion: 0.1.0\n');
      const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: box}\ndata: {x: {{ .Values.x | quote }}}\n';
      writeFileSync(join(chart, 'templates', 'map.yaml'), map);
      writeFileSync(join(chart, 'values.yaml'), 'x: a\n');
    });
    afterAll(() => fixture.close());

    const helm = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await fixture.helm(args, { env });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return stdout;
    };
    const pintle = async (...args: string[]): Promise<string> => {
      const { io, out, err } = testIo({
        env: { PINTLE_HOME: fixture.folder, KUBECONFIG: fixture.kubeconfig, ...env },
        cwd: fixture.folder,
        now: Date.now(),
      });
      const code = await main(args, io);
      expect({ code, err: code === 0 ? '' : err() }).toEqual({ code: 0, err: '' });
      return out();
    };

    test('each goes on where the other stopped', async () => {
      await helm('install', 'box', chart, '--labels', 'team=a');
      await pintle('upgrade', 'box', chart, '--set', 'x=b');
      await helm('upgrade', 'box', chart, '--set', 'x=c', '--labels', 'team=b');
      await pintle('rollback', 'box', '1');
      await helm('rollback', 'box', '2');
      const ours = JSON.parse(await pintle('history', 'box', '-o', 'json')) as { revision: number; status: string }[];
      const theirs = JSON.parse(await helm('history', 'box', '-o', 'json')) as { revision: number; status: string }[];
      expect(ours).toEqual(theirs);
      expect(theirs.map(({ revision, status }) => `${revision} ${status}`)).toEqual([
        '1 superseded',
        '2 superseded',
        '3 superseded',
        '4 superseded',
        '5 deployed',
      ]);
      expect(await pintle('get', 'values', 'box', '--revision', '3')).toBe(
        await helm('get', 'values', 'box', '--revision', '3'),
      );
      expect(await pintle('list', '-o', 'json')).toBe(await helm('list', '-o', 'json'));
      await pintle('uninstall', 'box');
      expect(await helm('list', '-q')).toBe('');
    });

    test('records move into a database and out of it', async () => {
      const sql = env;
      env = {};
      await helm('install', 'mover', chart, '--labels', 'team=a');
      await helm('upgrade', 'mover', chart, '--set', 'x=b');
      const before = await helm('history', 'mover', '-o', 'json');
      env = { HELM_DRIVER_SQL_CONNECTION_STRING: sql['HELM_DRIVER_SQL_CONNECTION_STRING'] ?? '' };
      expect(await pintle('release', 'migrate', '--to', 'sql')).toBe('moved mover 1\nmoved mover 2\n');
      expect(await helm('list', '-q')).toBe('');
      env = sql;
      expect(await helm('history', 'mover', '-o', 'json')).toBe(before);
      expect(await helm('list', '-q', '-l', 'team=a')).toBe('mover\n');
      expect(await pintle('release', 'verify')).toBe('All records are well.\n');
      const database = await connect(env['HELM_DRIVER_SQL_CONNECTION_STRING'] ?? '');
      const { rows } = await database.query<{ body: string }>('SELECT body FROM releases_v1 WHERE version = 1');
      await database.query("UPDATE releases_v1 SET body = 'damaged' WHERE version = 1");
      const { io, out, err } = testIo({
        env: { PINTLE_HOME: fixture.folder, KUBECONFIG: fixture.kubeconfig, ...env },
        cwd: fixture.folder,
      });
      expect(await main(['release', 'verify', 'mover'], io)).toBe(1);
      expect(out()).toContain('cannot read sh.helm.release.v1.mover.v1');
      expect(err()).toContain("1 of the records' faults are not repaired");
      await database.query('UPDATE releases_v1 SET body = $1 WHERE version = 1', [rows[0]?.body]);
      expect(await pintle('release', 'migrate', 'mover', '--from', 'sql', '--to', 'secret')).toContain('moved mover 2');
      expect(await helm('list', '-q')).toBe('');
      env = {};
      expect(await helm('history', 'mover', '-o', 'json')).toBe(before);
      await helm('uninstall', 'mover');
      env = sql;
    });

    test("reads tables that pintle made, and pintle those of helm's", async () => {
      env = { ...env, HELM_DRIVER_SQL_CONNECTION_STRING: await server.database() };
      await pintle('install', 'first', chart, '-n', 'default', '--labels', 'team=a');
      await helm('upgrade', 'first', chart, '--set', 'x=z');
      expect(await pintle('get', 'values', 'first')).toContain('x: z');
      await helm('uninstall', 'first');
      expect(await pintle('list', '-q')).toBe('');
    });
  });
});
