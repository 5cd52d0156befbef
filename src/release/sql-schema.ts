/** The tables of Helm's SQL driver, as its migrations make them. helm: pkg/storage/driver/sql.go, ensureDBSetup. */
export interface Migration {
  readonly id: string;
  readonly statements: readonly string[];
}

/** Where the applied migrations are written down, by the library that Helm uses (github.com/rubenv/sql-migrate). */
export const MIGRATIONS_TABLE = 'gorp_migrations';

export const CREATE_MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS ${MIGRATIONS_TABLE} (
  id TEXT NOT NULL PRIMARY KEY,
  applied_at TIMESTAMP WITH TIME ZONE
)`;

const indexes = (table: string, ...columns: readonly string[]): string[] =>
  columns.map((each) => `CREATE INDEX ON ${table} (${each})`);

/** What anybody may do with a table; rows are its owner's alone until somebody writes policies. */
const access = (table: string): string[] => [
  `GRANT ALL ON ${table} TO PUBLIC`,
  `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
];

const RELEASES = `CREATE TABLE releases_v1 (
  key VARCHAR(90),
  type VARCHAR(64) NOT NULL,
  body TEXT NOT NULL,
  name VARCHAR(64) NOT NULL,
  namespace VARCHAR(64) NOT NULL,
  version INTEGER NOT NULL,
  status TEXT NOT NULL,
  owner TEXT NOT NULL,
  createdAt INTEGER NOT NULL,
  modifiedAt INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (key, namespace)
)`;

const CUSTOM_LABELS = `CREATE TABLE custom_labels_v1 (
  releaseKey VARCHAR(64),
  releaseNamespace VARCHAR(67),
  key VARCHAR(317),
  value VARCHAR(63)
)`;

/** In the order in which they are applied. */
export const MIGRATIONS: readonly Migration[] = [
  {
    id: 'init',
    statements: [
      RELEASES,
      ...indexes('releases_v1', 'key, namespace', 'version', 'status', 'owner', 'createdAt', 'modifiedAt'),
      ...access('releases_v1'),
    ],
  },
  {
    id: 'custom_labels',
    statements: [
      CUSTOM_LABELS,
      ...indexes('custom_labels_v1', 'releaseKey, releaseNamespace'),
      ...access('custom_labels_v1'),
    ],
  },
];
