import { parseReleaseKey } from '../release/release-key.ts';
import type { Release } from '../release/release.ts';
import type { RecordRow, SqlDriver } from '../release/sql-driver.ts';
import { ReleaseStore } from '../release/store.ts';
import { failure } from './failure.ts';
import {
  checkHistories,
  makeIt,
  otherRevision,
  type RecordFinding,
  type VerifyRequest,
  wrongLabels,
} from './verify-records.ts';

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
    findings.push(isBroken ? await outOfTheWay(row, repaired, { record, text }) : { record, text, repaired: false });
    return undefined;
  }
  const text = otherRevision(held, told);
  if (text !== undefined && held.name !== told.name) {
    findings.push(await outOfTheWay(row, repaired, { record, text }));
    return undefined;
  }
  const release = { ...held, version: told.revision, namespace: row.namespace };
  if (text !== undefined) {
    if (repaired) await store.update(release);
    findings.push({ record, text, repair: makeIt(told), repaired });
    return release;
  }
  const { name, status, version, owner } = row;
  const wrong = wrongLabels(release, { name, status, version: String(version), owner });
  if (wrong.length > 0) {
    if (repaired) await store.update(release);
    const columns = `its columns do not say what it holds: ${wrong.join(', ')}`;
    findings.push({ record, text: columns, repair: 'write the columns anew', repaired });
  }
  return release;
}

/** A row that is of no use where it is; one that was written meanwhile stays, and is not repaired. */
async function outOfTheWay(
  row: RecordRow,
  repair: boolean,
  finding: Pick<RecordFinding, 'record' | 'text'>,
): Promise<RecordFinding> {
  const repaired = repair && (await row.putAside());
  return { ...finding, repair: `keep it as ${row.aside}, out of the way`, repaired };
}
