import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realTools } from '../support/real-tools.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const TEMPLATE = `{{- define "r" -}}{{- if gt (int .) 0 -}}{{ include "r" (sub (int .) 1) }}{{- else -}}end{{- end -}}{{- end -}}
a: {{ include "r" (int .Values.n) }}
`;

describe('includes that nest deep', () => {
  const chart = mkdtempSync(join(tmpdir(), 'pintle-deep-'));

  beforeAll(() => {
    mkdirSync(join(chart, 'templates'));
    writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: deep\nversion: 0.1.0\n');
    writeFileSync(join(chart, 'templates', 'a.yaml'), TEMPLATE);
  });

  afterAll(() => {
    rmSync(chart, { recursive: true, force: true });
  });

  it.each([10, 900, 1000, 1001])('end where helm ends them: %i', (n) => {
    const args = ['template', 'x', chart, '--set', `n=${n}`];
    const ours = spawnSync(process.execPath, [join(ROOT, 'bin', 'pintle.js'), ...args], { encoding: 'utf8' });
    const helms = spawnSync(realTools().helm, args, { encoding: 'utf8' });
    expect({ code: ours.status, out: ours.stdout }).toEqual({ code: helms.status, out: helms.stdout });
    expect(ours.stderr.includes('nested reference name: r')).toBe(n > 1000);
  });
});
