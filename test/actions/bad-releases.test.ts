import { describe, expect, it } from 'vitest';
import { runBadRelease } from '../support/bad-release.ts';
import { SHOWN_ROWS } from '../support/shown-releases.ts';

describe('a bad release', () => {
  it.each(SHOWN_ROWS)('$title', async (release) => {
    const left = await runBadRelease(release, false);
    expect(left.failure).toBeInstanceOf(Error);
    expect((left.failure as Error).message).toMatch(release.message);
    for (const line of release.shows ?? []) expect(left.lines).toContainEqual(expect.stringMatching(line));
    const undone = await runBadRelease(release, true);
    expect((undone.failure as Error).message).toMatch(release.message);
    expect(undone.after).toEqual(undone.before);
    expect(undone.last[1]).toBe('deployed');
  });
});
