import { parseReleaseKey } from '../release/release-key.ts';
import type { Release } from '../release/release.ts';
import type { RecordRow, SqlDriver } from '../release/sql-driver.ts';
import { ReleaseStore } from '../release/store.ts';
import { failure } from './failure.ts';
import { checkHistories, type RecordFinding, type VerifyRequest, wrongLabels } from './verify-records.ts';

/**
 * Looks through the records of a database: every row must be readable, hold the revision that its key names, say in its columns what
 * it holds, and tell one story with the others.
 */
export async function verifyRows(
  driver: SqlDriver,
  request: Pick<VerifyRequest, 'name' | 'repair'>,
): Promise<RecordFinding[]> {
  const findings: RecordFinding[] = [];
  const store = new ReleaseStore(driver);
  const releases: Release[] = [];
  for (const row of await driver.rows(request.name)) {
    const release = await verifyRow(row, request.repair, { store, findings });
    if (release !== undefined) releases.push(release);
  }
  await checkHistories(releases, request, { store, findings, place: 'SQL ' });
  return findings;
}

/** What a row holds, once it is put right; undefined when it cannot be read. */
async function verifyRow(
  row: RecordRow,
  repaired: boolean,
  { store, findings }: { readonly store: ReleaseStore; readonly findings: RecordFinding[] },
): Promise<Release | undefined> {
  const record = `SQL ${row.key}`;
  const told = parseReleaseKey(row.key);
  if (told === undefined) {
    findings.push({ record, text: 'its key is not that of a record', repaired: false });
    return undefined;
  }
  let held: Release;
  try {
    held = row.read();
  } catch (error) {
    const { code, message: text } = failure(error);
    // What is encrypted with a key that is missing is not broken.
    const isBroken = code === 'release-corrupt' && !row.isSealed;
    if (isBroken && repaired) await row.putAside();
    const repair = `keep it as ${row.aside}, out of the way`;
    findings.push({ record, text, ...(isBroken ? { repair } : {}), repaired: isBroken && repaired });
    return undefined;
  }
  const release = { ...held, name: told.name, version: told.revision, namespace: row.namespace };
  if (held.name !== told.name || held.version !== told.revision) {
    if (repaired) await store.update(release);
    const text = `it holds revision ${held.version} of "${held.name}"`;
    findings.push({ record, text, repair: `make it revision ${told.revision} of "${told.name}"`, repaired });
    return release;
  }
  const { name, status, version, owner } = row;
  const wrong = wrongLabels(release, { name, status, version: String(version), owner });
  if (wrong.length > 0) {
    if (repaired) await store.update(release);
    const text = `its columns do not say what it holds: ${wrong.join(', ')}`;
    findings.push({ record, text, repair: 'write the columns anew', repaired });
  }
  return release;
}
