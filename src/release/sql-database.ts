import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import type { Pool, PoolClient } from 'pg';
import { PintleError } from '../base/errors.ts';
import { parseSqlConnection, type SqlConnection } from './sql-connection.ts';
import { CREATE_MIGRATIONS_TABLE, MIGRATIONS, MIGRATIONS_TABLE } from './sql-schema.ts';

/** What a query came to. */
export interface SqlResult<T> {
  readonly rows: readonly T[];
  /** Rows that were found or changed. */
  readonly count: number;
}

/** Where queries go. */
export interface SqlSession {
  /** @throws PintleError `api-error` that names what the server said */
  query<T extends object = object>(text: string, values?: readonly unknown[]): Promise<SqlResult<T>>;
}

/** A PostgreSQL database with Helm's tables. */
export interface SqlDatabase extends SqlSession {
  /** Does all of the work, or nothing when it throws. */
  transaction<T>(work: (session: SqlSession) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT = 10_000;
/** Connections at one time; a command needs one, and one more for what it does beside. */
const CONNECTIONS = 3;
/** Keeps two programs from making the tables at the same time: `pintle` in ASCII. */
const SETUP_LOCK = 0x70696e74;

/**
 * Connects to the database, and makes the tables if they are not there.
 *
 * @param text as HELM_DRIVER_SQL_CONNECTION_STRING holds it
 * @throws PintleError `usage` for a text that cannot be read, `target` when the database cannot be reached
 */
export async function openSqlDatabase(text: string): Promise<SqlDatabase> {
  const connection = parseSqlConnection(text);
  const { Pool: ConnectionPool } = await import('pg');
  const { host, port, user, password, database, options } = connection;
  const pool = new ConnectionPool({
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(database === undefined ? {} : { database }),
    ...(options === undefined ? {} : { options }),
    ssl: await tlsOf(connection),
    connectionTimeoutMillis: connection.connectTimeout ?? CONNECT_TIMEOUT,
    application_name: 'pintle',
    max: CONNECTIONS,
    // A command that is done does not wait for its connections.
    allowExitOnIdle: true,
  });
  // A connection that breaks while nobody uses it is replaced by the next query.
  pool.on('error', () => {});
  // One that breaks while it is used fails its queries; nobody else needs to hear of it.
  pool.on('connect', (client) => client.on('error', () => {}));
  const opened = new Database(pool);
  try {
    await opened.setUp();
  } catch (error) {
    await opened.close();
    throw error;
  }
  return opened;
}

async function tlsOf({ tls, files }: SqlConnection): Promise<false | ConnectionOptions> {
  if (tls === 'off') return false;
  const [cert, key, ca] = await Promise.all([files.certificate, files.key, files.authority].map(readIfGiven));
  const given = { ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) };
  // Who names an authority wants it to count, as with libpq.
  const verifies = tls !== 'encrypt' || ca !== undefined;
  return {
    ...given,
    ...(ca === undefined ? {} : { ca }),
    rejectUnauthorized: verifies,
    ...(tls === 'verify-host' ? {} : { checkServerIdentity: () => undefined }),
  };
}

async function readIfGiven(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new PintleError('usage', `HELM_DRIVER_SQL_CONNECTION_STRING: cannot read ${path}`, { cause: error });
  }
}

class Database implements SqlDatabase {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async query<T extends object>(text: string, values: readonly unknown[] = []): Promise<SqlResult<T>> {
    const client = await this.#connect();
    try {
      return await run<T>(client, text, values);
    } finally {
      client.release();
    }
  }

  async transaction<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    let broken = false;
    try {
      await run(client, 'BEGIN', []);
      const result = await work({ query: (text, values = []) => run(client, text, values) });
      await run(client, 'COMMIT', []);
      return result;
    } catch (error) {
      await run(client, 'ROLLBACK', []).catch(() => {
        broken = true;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  /** Makes the tables as Helm's migrations do, and writes down that they are made. */
  async setUp(): Promise<void> {
    if ((await this.#missing()).length === 0) return;
    await this.transaction(async (session) => {
      await session.query('SELECT pg_advisory_xact_lock($1)', [SETUP_LOCK]);
      await session.query(CREATE_MIGRATIONS_TABLE);
      const { rows } = await session.query<{ id: string }>(`SELECT id FROM ${MIGRATIONS_TABLE}`);
      const applied = new Set(rows.map(({ id }) => id));
      for (const { id, statements } of MIGRATIONS) {
        if (applied.has(id)) continue;
        for (const statement of statements) await session.query(statement);
        await session.query(`INSERT INTO ${MIGRATIONS_TABLE} (id, applied_at) VALUES ($1, now())`, [id]);
      }
    });
  }

  async #missing(): Promise<readonly string[]> {
    const ids = MIGRATIONS.map(({ id }) => id);
    const { rows: tables } = await this.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
      MIGRATIONS_TABLE,
    ]);
    if (tables[0]?.there !== true) return ids;
    const { rows } = await this.query<{ id: string }>(`SELECT id FROM ${MIGRATIONS_TABLE}`);
    return ids.filter((id) => rows.every((row) => row.id !== id));
  }

  async #connect(): Promise<PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new PintleError('target', `cannot reach the database of the release records: ${reason}`, {
        hint: 'HELM_DRIVER_SQL_CONNECTION_STRING says where it is',
        cause: error,
      });
    }
  }
}

async function run<T extends object>(
  client: PoolClient,
  text: string,
  values: readonly unknown[],
): Promise<SqlResult<T>> {
  try {
    const { rows, rowCount } = await client.query<T>(text, [...values]);
    return { rows, count: rowCount ?? 0 };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PintleError('api-error', `the database of the release records refuses: ${reason}`, { cause: error });
  }
}
