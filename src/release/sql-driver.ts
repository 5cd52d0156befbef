import type { Clock } from '../base/clock.ts';
import { PintleError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { decodeRelease, encodeRelease } from './codec.ts';
import { alreadyExists, notFound } from './kube-record-driver.ts';
import { isSealed, type RecordCipher } from './record-cipher.ts';
import { recordLabels, userLabels } from './record-labels.ts';
import type { ReleaseDriver } from './release-driver.ts';
import type { Release } from './release.ts';
import { RECORD_TYPE } from './secret-driver.ts';
import type { SqlDatabase, SqlSession } from './sql-database.ts';

/** What the driver on a database works with. */
export interface SqlDriverOptions {
  readonly database: SqlDatabase;
  readonly clock: Clock;
  /** '' for lists over all namespaces. */
  readonly namespace: string;
  readonly logger: Logger;
  /** Encrypts records; absent: they are kept as Helm keeps them. */
  readonly cipher?: RecordCipher | undefined;
}

/** A row of releases_v1, with the labels of custom_labels_v1. */
interface Row {
  readonly key: string;
  readonly namespace: string;
  readonly body: string;
  readonly createdat: number;
  readonly modifiedat: number;
  readonly labels: Readonly<Record<string, string>> | null;
}

const SELECT = `SELECT key, namespace, body, createdAt, modifiedAt,
  (SELECT json_object_agg(l.key, l.value) FROM custom_labels_v1 l
    WHERE l.releaseKey = r.key AND l.releaseNamespace = r.namespace) AS labels
  FROM releases_v1 r`;
/** Labels that are columns. */
const COLUMNS: ReadonlySet<string> = new Set(['name', 'owner', 'status', 'version', 'createdAt', 'modifiedAt']);
/** Violation of a unique key. */
const DUPLICATE = '23505';

/** Keeps releases in a PostgreSQL database, in Helm's tables. helm: pkg/storage/driver/sql.go. */
export class SqlDriver implements ReleaseDriver {
  readonly name = 'SQL';
  readonly #options: SqlDriverOptions;

  constructor(options: SqlDriverOptions) {
    this.#options = options;
  }

  async create(key: string, release: Release): Promise<void> {
    const { database, clock } = this.#options;
    const { namespace } = this.#keyOf(release);
    const { name, version, info } = release;
    const now = Math.floor(clock.now() / 1000);
    try {
      await database.transaction(async (session) => {
        await session.query(
          `INSERT INTO releases_v1 (key, type, body, name, namespace, version, status, owner, createdAt)
           VALUES ($1, $2, $3, $4, $5, $6, $7, 'helm', $8)`,
          [key, RECORD_TYPE, this.#seal(release), name, namespace, version, info.status, now],
        );
        await writeLabels(session, { key, namespace }, release);
      });
    } catch (error) {
      if (codeOf(error) === DUPLICATE) throw alreadyExists(key, error);
      throw error;
    }
  }

  async update(key: string, release: Release): Promise<void> {
    const { database, clock } = this.#options;
    const { namespace } = this.#keyOf(release);
    const { name, version, info } = release;
    const now = Math.floor(clock.now() / 1000);
    await database.transaction(async (session) => {
      const { count } = await session.query(
        `UPDATE releases_v1 SET body = $3, name = $4, version = $5, status = $6, owner = 'helm', modifiedAt = $7
         WHERE key = $1 AND namespace = $2`,
        [key, namespace, this.#seal(release), name, version, info.status, now],
      );
      if (count === 0) throw notFound();
      await session.query('DELETE FROM custom_labels_v1 WHERE releaseKey = $1 AND releaseNamespace = $2', [
        key,
        namespace,
      ]);
      await writeLabels(session, { key, namespace }, release);
    });
  }

  async get(key: string): Promise<Release> {
    const { database, namespace } = this.#options;
    const { rows } = await database.query<Row>(`${SELECT} WHERE key = $1 AND namespace = $2`, [key, namespace]);
    const [row] = rows;
    if (row === undefined) throw notFound();
    return { ...this.#read(row), labels: userLabels(row.labels ?? {}) };
  }

  async list(filter: (release: Release) => boolean = () => true): Promise<Release[]> {
    return (await this.#select([['owner', 'helm']])).filter(filter);
  }

  async query(labels: Readonly<Record<string, string>>): Promise<Release[]> {
    const wanted = Object.entries(labels);
    const found = await this.#select(wanted.filter(([label]) => COLUMNS.has(label)));
    const rest = wanted.filter(([label]) => !COLUMNS.has(label));
    return found.filter((release) => rest.every(([label, value]) => release.labels?.[label] === value));
  }

  async delete(key: string): Promise<Release> {
    const { database, namespace } = this.#options;
    return await database.transaction(async (session) => {
      const { rows } = await session.query<Row>(`${SELECT} WHERE key = $1 AND namespace = $2 FOR UPDATE`, [
        key,
        namespace,
      ]);
      const [row] = rows;
      if (row === undefined) throw notFound();
      await session.query('DELETE FROM releases_v1 WHERE key = $1 AND namespace = $2', [key, namespace]);
      await session.query('DELETE FROM custom_labels_v1 WHERE releaseKey = $1 AND releaseNamespace = $2', [
        key,
        namespace,
      ]);
      return { ...this.#read(row), labels: userLabels(row.labels ?? {}) };
    });
  }

  /** Records that meet conditions on columns, with all their labels; those that cannot be read are told of and left out. */
  async #select(conditions: readonly (readonly [label: string, value: string])[]): Promise<Release[]> {
    const { database, namespace, logger } = this.#options;
    const all = namespace === '' ? conditions : [...conditions, ['namespace', namespace] as const];
    // The names of columns are ours, the values are parameters; a text that is no number is no version.
    const where = all.map(([column], i) => `${column}::text = $${i + 1}`).join(' AND ');
    const text = `${SELECT}${where === '' ? '' : ` WHERE ${where}`} ORDER BY namespace, name, version`;
    const { rows } = await database.query<Row>(
      text,
      all.map(([, value]) => value),
    );
    const releases: Release[] = [];
    for (const row of rows) {
      try {
        releases.push(this.#labelled(row));
      } catch (error) {
        if (!(error instanceof PintleError) || error.code !== 'release-corrupt') throw error;
        logger.log('warn', error.message);
      }
    }
    return releases;
  }

  #labelled(row: Row): Release {
    const release = this.#read(row);
    const { createdAt: _, ...own } = recordLabels(release, 'createdAt', this.#options.clock);
    const stamps = {
      createdAt: String(row.createdat),
      ...(row.modifiedat === 0 ? {} : { modifiedAt: String(row.modifiedat) }),
    };
    return { ...release, labels: { ...userLabels(row.labels ?? {}), ...own, ...stamps } };
  }

  #read({ key, body }: Row): Release {
    const { cipher } = this.#options;
    if (!isSealed(body)) return decodeRelease(body, key);
    if (cipher === undefined) {
      throw new PintleError(
        'release-corrupt',
        `cannot read ${key}: it is encrypted with key ${body.split(':')[1] ?? ''}`,
        {
          hint: 'PINTLE_RECORD_KEY_FILE must name the file of that key',
        },
      );
    }
    return decodeRelease(cipher.open(body, key), key);
  }

  #seal(release: Release): string {
    const text = encodeRelease(release);
    return this.#options.cipher?.seal(text) ?? text;
  }

  /** Records lie in the namespace of their release, as Helm has it. */
  #keyOf(release: Release): { readonly namespace: string } {
    const namespace = release.namespace === '' ? this.#options.namespace : release.namespace;
    return { namespace: namespace === '' ? 'default' : namespace };
  }
}

async function writeLabels(
  session: SqlSession,
  { key, namespace }: { readonly key: string; readonly namespace: string },
  release: Release,
): Promise<void> {
  for (const [label, value] of Object.entries(userLabels(release.labels))) {
    await session.query(
      'INSERT INTO custom_labels_v1 (releaseKey, releaseNamespace, key, value) VALUES ($1, $2, $3, $4)',
      [key, namespace, label, value],
    );
  }
}

function codeOf(error: unknown): unknown {
  const cause = error instanceof PintleError ? error.cause : error;
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}
