import { createHash } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { PintleError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { decodeRelease, encodeRelease } from './codec.ts';
import { alreadyExists, notFound } from './record-errors.ts';
import { isSealed, type RecordCipher } from './record-cipher.ts';
import type { HeaderRequest, RecordHeader } from './record-header.ts';
import { recordLabels, userLabels } from './record-labels.ts';
import type { ReleaseDriver } from './release-driver.ts';
import { checkKey } from './release-key.ts';
import type { Release } from './release.ts';
import { RECORD_TYPE } from './secret-driver.ts';
import type { SqlDatabase, SqlSession } from './sql-database.ts';
import { retrySql } from './sql-retry.ts';

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
  readonly name: string;
  readonly version: number;
  readonly status: string;
  readonly owner: string;
  /** null where it was not asked for. */
  readonly body: string | null;
  readonly createdat: number;
  readonly modifiedat: number;
  readonly labels: Readonly<Record<string, string>> | null;
}

/** A row as it is, for who verifies it. */
export interface RecordRow extends Pick<Row, 'key' | 'namespace' | 'name' | 'version' | 'status' | 'owner'> {
  readonly isSealed: boolean;
  /** @throws PintleError `release-corrupt` */
  read(): Release;
  /**
   * Keeps the row, under another key and owner, so that nobody takes it for a record any more.
   *
   * @returns false when it is no longer what it was, and has been left as it is
   */
  putAside(): Promise<boolean>;
  /** The key under which it would be kept. */
  readonly aside: string;
}

const select = (
  body: string,
): string => `SELECT key, namespace, name, version, status, owner, ${body}, createdAt, modifiedAt,
  (SELECT json_object_agg(l.key, l.value) FROM custom_labels_v1 l
    WHERE l.releaseKey = r.key AND l.releaseNamespace = r.namespace) AS labels
  FROM releases_v1 r`;
const SELECT = select('body');
/** The owner of rows that were put aside. */
const ASIDE = 'pintle-unreadable';
/** What keys of custom_labels_v1 hold at most. */
const MOST_KEY = 64;
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
    const body = this.#seal(release);
    let tries = 0;
    try {
      await retrySql(clock, async () => {
        tries += 1;
        await database.transaction(async (session) => {
          await session.query(
            `INSERT INTO releases_v1 (key, type, body, name, namespace, version, status, owner, createdAt)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 'helm', $8)`,
            [key, RECORD_TYPE, body, name, namespace, version, info.status, now],
          );
          await writeLabels(session, { key, namespace }, release);
        });
      });
    } catch (error) {
      if (codeOf(error) !== DUPLICATE) throw error;
      // A creation whose answer got lost has come through.
      if (tries === 1 || (await this.#find(key, namespace))?.body !== body) throw alreadyExists(key, error);
    }
  }

  async update(key: string, release: Release): Promise<void> {
    const { database, clock } = this.#options;
    const { namespace } = this.#keyOf(release);
    const { name, version, info } = release;
    const now = Math.floor(clock.now() / 1000);
    const body = this.#seal(release);
    await retrySql(clock, () =>
      database.transaction(async (session) => {
        const { count } = await session.query(
          `UPDATE releases_v1 SET body = $3, name = $4, version = $5, status = $6, owner = 'helm', modifiedAt = $7
           WHERE key = $1 AND namespace = $2`,
          [key, namespace, body, name, version, info.status, now],
        );
        if (count === 0) throw notFound();
        await session.query('DELETE FROM custom_labels_v1 WHERE releaseKey = $1 AND releaseNamespace = $2', [
          key,
          namespace,
        ]);
        await writeLabels(session, { key, namespace }, release);
      }),
    );
  }

  async get(key: string): Promise<Release> {
    const row = await this.#find(key, this.#options.namespace);
    if (row === undefined) throw notFound();
    return { ...this.#read(row), labels: userLabels(row.labels ?? {}) };
  }

  async list(filter: (release: Release) => boolean = () => true): Promise<Release[]> {
    return (await this.#select([['owner', 'helm']], (error) => this.#tell(error))).filter(filter);
  }

  async query(labels: Readonly<Record<string, string>>): Promise<Release[]> {
    const wanted = Object.entries(labels);
    const unreadable: PintleError[] = [];
    const found = await this.#select(
      wanted.filter(([label]) => COLUMNS.has(label)),
      (error) => unreadable.push(error),
    );
    const [first] = unreadable;
    // A release of which nothing can be read is not one that is not there.
    if (found.length === 0 && first !== undefined && Object.hasOwn(labels, 'name')) throw first;
    for (const error of unreadable) this.#tell(error);
    const rest = wanted.filter(([label]) => !COLUMNS.has(label));
    return found.filter((release) => rest.every(([label, value]) => release.labels?.[label] === value));
  }

  async headers({ name, newest }: HeaderRequest): Promise<RecordHeader[]> {
    const conditions: (readonly [string, string])[] = [['owner', 'helm']];
    if (name !== undefined) conditions.push(['name', name]);
    // The bodies of older rows stay where they are unless they are asked for.
    const newestBody =
      'CASE WHEN row_number() OVER (PARTITION BY namespace, name ORDER BY version DESC) = 1 THEN body END AS body';
    const rows = await this.#rows(select(newest ? newestBody : 'body'), conditions);
    return rows.map((row) => {
      const whole = async (): Promise<Release> => {
        const found = row.body === null ? await this.#find(row.key, row.namespace) : row;
        if (found === undefined) throw notFound();
        return this.#labelled(found);
      };
      return {
        name: row.name,
        namespace: row.namespace,
        revision: row.version,
        summary: whole,
        release: whole,
        leaveOut: (error) => this.#tell(error),
      };
    });
  }

  /** All rows that are records by their owner or their key, also those that cannot be read. */
  async rows(name?: string): Promise<RecordRow[]> {
    const rows = await this.#rows(SELECT, name === undefined ? [] : [['name', name]]);
    return rows
      .filter(({ owner }) => owner !== ASIDE)
      .map((row) => ({
        ...row,
        isSealed: isSealed(row.body ?? ''),
        read: () => ({ ...this.#read(row), labels: userLabels(row.labels ?? {}) }),
        aside: asideOf(row),
        putAside: () => this.#putAside(row),
      }));
  }

  async #putAside(row: Row): Promise<boolean> {
    const { database, clock } = this.#options;
    const { key, namespace, body } = row;
    const aside = asideOf(row);
    let tries = 0;
    return await retrySql(clock, () =>
      database.transaction(async (session) => {
        tries += 1;
        const { count } = await session.query(
          `UPDATE releases_v1 SET key = $3, owner = '${ASIDE}' WHERE key = $1 AND namespace = $2 AND body = $4`,
          [key, namespace, aside, body],
        );
        if (count === 0) {
          if (tries === 1) return false;
          // The answer to an earlier try may have got lost.
          const done = 'SELECT 1 FROM releases_v1 WHERE key = $1 AND namespace = $2';
          return (await session.query(done, [aside, namespace])).count > 0;
        }
        await session.query(
          'UPDATE custom_labels_v1 SET releaseKey = $3 WHERE releaseKey = $1 AND releaseNamespace = $2',
          [key, namespace, aside],
        );
        return true;
      }),
    );
  }

  async delete(key: string): Promise<Release> {
    const { database, clock, namespace } = this.#options;
    let found: Row | undefined;
    return await retrySql(clock, () =>
      database.transaction(async (session) => {
        const { rows } = await session.query<Row>(`${SELECT} WHERE key = $1 AND namespace = $2 FOR UPDATE`, [
          key,
          namespace,
        ]);
        // It was there a moment ago: the answer to an earlier try got lost.
        found = rows[0] ?? found;
        if (found === undefined) throw notFound();
        const release = { ...this.#read(found), labels: userLabels(found.labels ?? {}) };
        await session.query('DELETE FROM releases_v1 WHERE key = $1 AND namespace = $2', [key, namespace]);
        await session.query('DELETE FROM custom_labels_v1 WHERE releaseKey = $1 AND releaseNamespace = $2', [
          key,
          namespace,
        ]);
        return release;
      }),
    );
  }

  async #find(key: string, namespace: string): Promise<Row | undefined> {
    const { database, clock } = this.#options;
    const { rows } = await retrySql(clock, () =>
      database.query<Row>(`${SELECT} WHERE key = $1 AND namespace = $2`, [key, namespace]),
    );
    return rows[0];
  }

  /** Rows of the driver's namespace that meet conditions on columns, with all their labels. */
  async #rows(
    text: string,
    conditions: readonly (readonly [column: string, value: string])[],
  ): Promise<readonly Row[]> {
    const { database, clock, namespace } = this.#options;
    const all = namespace === '' ? conditions : [...conditions, ['namespace', namespace] as const];
    // The names of columns are ours, the values are parameters; a text that is no number is no version.
    const where = all.map(([column], i) => `${column}::text = $${i + 1}`).join(' AND ');
    const { rows } = await retrySql(clock, () =>
      database.query<Row>(
        `${text}${where === '' ? '' : ` WHERE ${where}`} ORDER BY namespace, name, version`,
        all.map(([, value]) => value),
      ),
    );
    return rows;
  }

  /** Records that meet conditions on columns; those that cannot be read are left out. */
  async #select(
    conditions: readonly (readonly [column: string, value: string])[],
    leaveOut: (error: PintleError) => void,
  ): Promise<Release[]> {
    const releases: Release[] = [];
    for (const row of await this.#rows(SELECT, conditions)) {
      try {
        releases.push(this.#labelled(row));
      } catch (error) {
        if (!(error instanceof PintleError) || error.code !== 'release-corrupt') throw error;
        leaveOut(error);
      }
    }
    return releases;
  }

  #tell({ message }: Error): void {
    this.#options.logger.log('warn', `${message}; it is left out`);
  }

  #labelled(row: Row): Release {
    const release = this.#read(row);
    checkKey(row.key, release, row.key);
    const { createdAt: _, ...own } = recordLabels(release, 'createdAt', this.#options.clock);
    const stamps = {
      createdAt: String(row.createdat),
      ...(row.modifiedat === 0 ? {} : { modifiedAt: String(row.modifiedat) }),
    };
    return { ...release, labels: { ...userLabels(row.labels ?? {}), ...own, ...stamps } };
  }

  #read({ key, body: given }: Row): Release {
    const { cipher } = this.#options;
    const body = given ?? '';
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

/** Short enough for either table, and another one for each content. */
function asideOf({ key, body }: Row): string {
  const digest = createHash('sha256')
    .update(`${key}\n${body ?? ''}`)
    .digest('hex')
    .slice(0, 8);
  const end = `.unreadable-${digest}`;
  return `${key.slice(0, MOST_KEY - end.length)}${end}`;
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
