import { describe, expect, it } from 'vitest';
import { generateCase } from './generate-charts.ts';
import { caseCount, caseSeed, Dice, helm, inFolder, type Run, template } from './support.ts';

/** Of several subcharts with values that are no maps, Helm names one by chance. */
function comparable(run: Run): Run {
  return { ...run, err: run.err.replace(/type mismatch on .*/s, 'type mismatch') };
}

describe('generated chart trees', () => {
  it('render as with real helm', async () => {
    const count = caseCount(40);
    const seed = caseSeed();
    let refused = 0;
    for (let i = 0; i < count; i += 1) {
      const title = `${seed}-${i}`;
      const { files, args } = generateCase(new Dice(title));
      await inFolder(files, async (folder) => {
        const [real, ours] = await Promise.all([
          helm(folder, ['template', 'rel', 'chart', ...args]),
          template(folder, 'chart', args),
        ]);
        expect({ title, args, ...comparable(ours) }).toEqual({ title, args, ...comparable(real) });
        if (!real.ok) refused += 1;
      });
    }
    expect(refused).toBeLessThan(count / 2);
  });
});
