import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { helm, inFolder, template } from '../values/support.ts';

const CHARTS = join(import.meta.dirname, '..', '..', 'charts');

const FLAGS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  guestbook: [
    [],
    ['--set', 'autoscaling.enabled=true,ingress.enabled=false'],
    ['--set', 'redis.enabled=false,redis.externalHost=redis.example.com,redis.port=6380'],
    ['--set', 'service.port=99999,page.colour=1'],
    ['--set', 'redis.enabled=false'],
    ['--set', 'global.labels=null,report.enabled=false,resources=null'],
  ],
  reports: [[], ['--set', 'reports.extra.schedule=@daily,reports.extra.message=x,reports.audit=null']],
};

describe('the example charts', () => {
  it('are all known here', () => {
    expect(
      readdirSync(CHARTS)
        .filter((name) => !name.startsWith('.'))
        .sort(),
    ).toEqual(['guestbook', 'hello-hbs', 'reports']);
  });

  it.each(Object.keys(FLAGS))('%s lints and renders as with real helm', async (name) => {
    await inFolder({ x: '' }, async (folder) => {
      const lint = await helm(folder, ['lint', join(CHARTS, name)]);
      expect(lint.out).toContain('1 chart(s) linted, 0 chart(s) failed');
      expect(lint.out).not.toContain('[WARNING]');
      for (const flags of FLAGS[name] ?? []) {
        const [real, ours] = await Promise.all([
          helm(folder, ['template', 'rel', join(CHARTS, name), '--no-hooks', ...flags]),
          template(folder, join(CHARTS, name), flags),
        ]);
        const err = real.err.trim().split('\n').sort();
        expect({ ...ours, err: ours.err.trim().split('\n').sort() }).toEqual({ ...real, err });
      }
    });
  });

  it('hello-hbs renders', async () => {
    const { ok, out } = await template('/', join(CHARTS, 'hello-hbs'), ['--set', 'name=Ada,env.A=1']);
    expect(ok).toBe(true);
    expect(out.match(/^kind: .*$/gm)).toEqual(['kind: ConfigMap', 'kind: Service', 'kind: Deployment']);
    expect(out).toContain('    <p lang="en">Hello, Ada!</p>\n');
    expect(out).toContain('            - name: A\n              value: "1"\n');
  });
});
