import { describe, expect, test } from 'vitest';
import { openSqlDatabase } from '../../src/release/sql-database.ts';
import { POSTGRES, startPostgres } from '../support/postgres.ts';
import {
  countCalls,
  type FaultCase,
  faultCharts,
  type RecordPlace,
  runFault,
  scenarios,
  type Setting,
} from './fault-matrix.ts';
import { FAULTS } from './faulty-client.ts';

const ALL = process.env['FAULT_MATRIX'] === 'all';

/** `FAULT_MATRIX=all` runs every case; otherwise each of `stride`, by another remainder for each scenario. */
async function check(places: readonly RecordPlace[], stride: number, setting: Setting): Promise<void> {
  const cases: FaultCase[] = [];
  let all = 0;
  for (const scenario of scenarios(places)) {
    const calls = await countCalls(scenario, setting);
    for (const fault of FAULTS) {
      for (let at = 1; at <= calls; at += 1) {
        all += 1;
        if (ALL || all % stride === 0) cases.push({ ...scenario, fault, at });
      }
    }
  }
  const wrong: string[] = [];
  for (const one of cases) {
    const faults = await runFault(one, setting);
    if (faults.length > 0) wrong.push(`${JSON.stringify(one)}: ${faults.join('; ')}`);
  }
  console.log(`fault matrix, ${places.join(' and ')}: ${cases.length} of ${all} cases, ${wrong.length} wrong`);
  expect(wrong.slice(0, 20)).toEqual([]);
}

describe('after any fault at any call the release is whole', () => {
  test('records on the cluster', { timeout: 7_200_000 }, async () => {
    await check(['configmap', 'secret'], 29, await faultCharts());
  });

  test.skipIf(POSTGRES === undefined)('records in a database', { timeout: 7_200_000 }, async () => {
    const server = await startPostgres();
    const database = await openSqlDatabase(await server.database());
    try {
      await check(['sql'], 251, { ...(await faultCharts()), database });
    } finally {
      await database.close();
      await server.stop();
    }
  });
});
