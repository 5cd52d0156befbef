import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatedCases } from './generated-cases.ts';
import { realError, renderOurs, renderReal, testEnvironment, visible } from './support.ts';

/** Templates, one a line. */
function fixture(name: string): string[] {
  const text = readFileSync(join(import.meta.dirname, 'fixtures', `${name}.txt`), 'utf8');
  return text.split('\n').filter((line) => line.trim() !== '');
}

/** Evaluates templates on both sides and collects what differs. */
function differences(templates: readonly string[], timeZone: string, zoneFiles: boolean): string[] {
  const base = testEnvironment();
  const { zoneData: _, ...withoutFiles } = base;
  const environment = zoneFiles ? { ...base, timeZone } : { ...withoutFiles, timeZone };
  const ours = renderOurs(templates, environment);
  // A failing template would end helm's only run.
  const kept = templates.flatMap((template, index) => {
    const outcome = ours[index];
    return outcome?.output === undefined ? [] : [{ template, output: outcome.output }];
  });
  const real = renderReal(
    kept.map(({ template }) => template),
    timeZone,
  );
  return kept.flatMap(({ template, output }, index) => {
    const wanted = real[index] ?? '';
    return output === wanted ? [] : [`${template}\n  ours ${visible(output)}\n  helm ${visible(wanted)}`];
  });
}

/** An error from the failing call on; helm breaks its lines. */
function tail(text: string): string {
  const joined = text.replace(/\n\nUse --debug[\s\S]*/, '').replaceAll(/>:\n\s+/g, '>: ');
  return joined.slice(joined.indexOf(' at <', joined.lastIndexOf('executing "'))).trim();
}

describe('the functions give what helm gives', () => {
  it('for values of every kind', () => {
    const cases = generatedCases();
    expect(cases.length).toBeGreaterThan(8000);
    expect(differences(cases, 'America/New_York', true)).toEqual([]);
  });

  it.each(['values', 'data', 'toml', 'dates'])('for special cases: %s', (name) => {
    const cases = fixture(name);
    expect(renderOurs(cases).filter((outcome) => outcome.error !== undefined)).toEqual([]);
    expect(differences(cases, 'America/New_York', true)).toEqual([]);
  });

  it.each(['UTC', 'Asia/Kolkata'])('in the zone %s', (zone) => {
    expect(differences(fixture('dates'), zone, true)).toEqual([]);
  });

  it('with the zones of the JS engine', () => {
    // Abbreviations of the past are unknown to it.
    const cases = fixture('dates').filter((line) => !/1883|-5000000000|15:04:05,999|toDate "" ""/.test(line));
    expect(differences(cases, 'America/New_York', false)).toEqual([]);
  });
});

describe('the functions fail as helm does', () => {
  const cases = fixture('errors');
  const ours = renderOurs(cases);

  it.each(Array.from({ length: Math.ceil(cases.length / 2) }, (_, index) => cases.slice(2 * index, 2 * index + 2)))(
    '%s %s',
    async (...pair) => {
      const real = await Promise.all(pair.map((template) => realError(template)));
      const start = cases.indexOf(pair[0] ?? '');
      const outcomes = pair.map((_, offset) => ours[start + offset]);
      expect(outcomes.map((outcome) => tail(outcome?.error ?? ''))).toEqual(real.map((text) => tail(text ?? '')));
    },
  );
});
