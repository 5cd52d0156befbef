import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ModuleLoader } from '../../src/sprig/environment.ts';
import { sprigFunctions } from '../../src/sprig/sprig-functions.ts';
import { renderOurs, testEnvironment } from './support.ts';

describe('the function library', () => {
  const functions = sprigFunctions(testEnvironment());

  it('has the functions that docs/sprig.md lists, and no others', () => {
    const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'sprig.md'), 'utf8');
    const table = text.slice(text.indexOf('## Functions by file'));
    const listed = Array.from(table.matchAll(/`([A-Za-z0-9_]+)`/g), ([, name]) => name);
    expect(new Set(listed)).toEqual(new Set(functions.keys()));
    expect(listed).toHaveLength(functions.size);
    expect(functions.size).toBe(216);
  });

  it('has them under their names', () => {
    for (const [name, each] of functions) expect(each.name).toBe(name);
  });

  it('loads nothing before a function needs it', () => {
    const load: ModuleLoader = (name) => {
      throw new Error(`loaded ${name}`);
    };
    const environment = testEnvironment({ load });
    const [plain, heavy] = renderOurs(['{{ now | date "2006" | upper | quote }}', '{{ sha256sum "x" }}'], environment);
    expect(plain?.output).toBe('"2026"');
    expect(heavy?.error).toContain('loaded node:crypto');
  });

  it('looks hosts up only where it may', () => {
    const lookupHost = (name: string): string[] => (name === 'known' ? ['10.0.0.1'] : []);
    const templates = ['{{ getHostByName "known" }}', '{{ getHostByName "other" }}'];
    expect(renderOurs(templates).map((outcome) => outcome.output)).toEqual(['', '']);
    const [known, other] = renderOurs(templates, testEnvironment({ lookupHost }));
    expect(known?.output).toBe('10.0.0.1');
    expect(other?.error).toContain('invalid argument to Intn');
  });

  it('reads the clock of its environment', () => {
    const [outcome] = renderOurs([
      '{{ now }}|{{ ago (toDate "2006-01-02 15:04:05" "2026-01-01 20:04:05") }}|{{ ago 0 | trunc 6 }}|{{ date "2006" "x" }}|{{ durationRound (toDate "2006" "2020") }}',
    ]);
    expect(outcome?.output).toBe('2026-01-01 22:04:05.678 -0500 EST|2h0m1s|490923|2026|6y');
  });
});
