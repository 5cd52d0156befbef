import { expect, test } from 'vitest';
import { type FaultCase, faultCharts, countCalls, runFault, scenarios } from './fault-matrix.ts';
import { FAULTS } from './faulty-client.ts';

/** `FAULT_MATRIX=all` runs every case; otherwise each of this many, by another remainder for each scenario. */
const STRIDE = process.env['FAULT_MATRIX'] === 'all' ? 1 : 29;

test('after any fault at any call the release is whole', { timeout: 1_200_000 }, async () => {
  const charts = await faultCharts();
  const cases: FaultCase[] = [];
  let all = 0;
  for (const scenario of scenarios()) {
    const calls = await countCalls(scenario, charts);
    for (const fault of FAULTS) {
      for (let at = 1; at <= calls; at += 1) {
        all += 1;
        if (all % STRIDE === 0) cases.push({ ...scenario, fault, at });
      }
    }
  }
  const wrong: string[] = [];
  for (const one of cases) {
    const faults = await runFault(one, charts);
    if (faults.length > 0) wrong.push(`${JSON.stringify(one)}: ${faults.join('; ')}`);
  }
  console.log(`fault matrix: ${cases.length} of ${all} cases, ${wrong.length} wrong`);
  expect(wrong.slice(0, 20)).toEqual([]);
});
