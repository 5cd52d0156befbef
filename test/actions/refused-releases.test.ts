import { describe, expect, it } from 'vitest';
import { runBadRelease } from '../support/bad-release.ts';
import { REFUSED_ROWS } from '../support/refused-releases.ts';

describe('a release that is refused', () => {
  it.each(REFUSED_ROWS)('$title', async (release) => {
    const undone = await runBadRelease(release, true);
    expect(undone.failure).toBeInstanceOf(Error);
    expect((undone.failure as Error).message).toMatch(release.message);
    if (release.title.startsWith('19:')) return;
    expect(undone.after).toEqual(undone.before);
    expect(undone.last[1]).toBe('deployed');
  });
});
