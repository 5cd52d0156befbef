import { describe, expect, it } from 'vitest';
import { codeFrame } from '../../src/base/source.ts';

const frame = (source: string, line: number, column?: number): string[] =>
  codeFrame({ file: 'f', line, source, ...(column === undefined ? {} : { column }) }).split('\n');

describe('codeFrame', () => {
  it('marks the column', () => {
    expect(frame('a\nbc: d\ne', 2, 4)).toEqual(['  1 | a', '> 2 | bc: d', '    |    ^', '  3 | e']);
  });

  it('shows nothing that a terminal would obey', () => {
    expect(frame('a\u001b[31mb\u0007\u009b\tc', 1)).toEqual(['> 1 | a\ufffd[31mb\ufffd\ufffd c']);
  });

  it('cuts long lines around the column', () => {
    const [line = '', mark = ''] = frame(`${'x'.repeat(5000)}!${'y'.repeat(5000)}`, 1, 5001);
    expect(line.length).toBeLessThan(260);
    expect(line.charAt(mark.indexOf('^'))).toBe('!');
    expect(line).toMatch(/^> 1 \| …x+!y+…$/);
    expect(frame(`!${'y'.repeat(5000)}`, 1, 1)[0]).toMatch(/^> 1 \| !y+…$/);
    const [end = '', endMark = ''] = frame(`${'x'.repeat(5000)}!`, 1, 5001);
    expect(end.charAt(endMark.indexOf('^'))).toBe('!');
  });
});
