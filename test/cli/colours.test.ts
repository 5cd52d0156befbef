import { describe, expect, it } from 'vitest';
import { releaseColours } from '../../src/cli/release-colours.ts';
import { testIo } from './support.ts';

describe('colours', () => {
  it.each([
    [{}, undefined, true],
    [{ TERM: 'xterm' }, undefined, true],
    [{ TERM: '' }, undefined, true],
    [{ TERM: 'dumb' }, undefined, false],
    [{ TERM: 'dumb' }, 'auto', false],
    [{ TERM: 'dumb' }, 'always', true],
    [{ TERM: 'dumb', HELM_COLOR: 'always' }, undefined, true],
    [{ NO_COLOR: '1' }, undefined, false],
    [{ NO_COLOR: '1' }, 'always', true],
    [{ NO_COLOR: '', HELM_COLOR: 'never' }, undefined, false],
    [{ HELM_COLOR: 'sometimes' }, undefined, true],
  ])('on a terminal with %j and --color=%s: %s', (env, color, coloured) => {
    const { io } = testIo({ env, cwd: '/' });
    const colours = releaseColours({ ...io, interactive: true }, color === undefined ? {} : { color });
    expect(colours.status('deployed') !== 'deployed').toBe(coloured);
  });

  it('are not for files and pipes', () => {
    const { io } = testIo({ env: {}, cwd: '/' });
    expect(releaseColours({ ...io, interactive: false }, {}).status('deployed')).toBe('deployed');
  });
});
