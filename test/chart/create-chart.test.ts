import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createChart } from '../../src/chart/create-chart.ts';
import { helm, inFolder } from '../values/support.ts';
import { faultOf } from './support.ts';

/** Flags with which a new chart must render what helm's own renders. */
const FLAGS: readonly (readonly string[])[] = [
  [],
  ['--set', 'ingress.enabled=true,ingress.className=x,ingress.annotations.a=b'],
  ['--set', 'ingress.enabled=true,ingress.tls[0].secretName=s,ingress.tls[0].hosts={a,b}'],
  ['--set', 'autoscaling.enabled=true,autoscaling.targetMemoryUtilizationPercentage=70'],
  ['--set', 'autoscaling.enabled=true,autoscaling.targetCPUUtilizationPercentage=0'],
  ['--set', 'httpRoute.enabled=true,httpRoute.annotations.a=b'],
  ['--set', 'httpRoute.enabled=true,httpRoute.hostnames=null,httpRoute.rules[0].filters[0].type=x'],
  ['--set', 'serviceAccount.create=false'],
  ['--set', 'serviceAccount.create=false,serviceAccount.name=own'],
  ['--set', 'serviceAccount.name=own,serviceAccount.annotations.a=b,serviceAccount.automount=false'],
  ['--set', 'fullnameOverride=other,podAnnotations.a=b,podLabels.c=d,imagePullSecrets[0].name=x'],
  ['--set', 'podSecurityContext.fsGroup=2,securityContext.runAsUser=5,resources.limits.cpu=1,affinity.x=y'],
  ['--set', 'volumes[0].name=v,volumeMounts[0].name=v,nodeSelector.a=b,tolerations[0].key=x'],
  ['--set', 'nameOverride=rel,livenessProbe=null,readinessProbe=null,image.tag=5'],
  ['--set', `nameOverride=${'long-'.repeat(20)}`],
];

describe('createChart', () => {
  it('writes the same set of files as helm create, and they lint', async () => {
    await inFolder({ 'theirs/x': '', 'ours/x': '' }, async (folder) => {
      await helm(join(folder, 'theirs'), ['create', 'web']);
      const made = await createChart(join(folder, 'ours', 'web'));
      expect(made).toBe(join(folder, 'ours', 'web'));
      const list = (path: string): string[] =>
        readdirSync(join(folder, path), { recursive: true, encoding: 'utf8' }).sort();
      expect(list('ours/web')).toEqual(list('theirs/web'));
      const lint = await helm(folder, ['lint', '--strict', 'ours/web']);
      expect(lint.out).toContain('1 chart(s) linted, 0 chart(s) failed');
      for (const flags of FLAGS) {
        const [theirs, ours] = await Promise.all(
          ['theirs', 'ours'].map((which) => helm(folder, ['template', 'rel', `./${which}/web`, ...flags])),
        );
        expect({ flags, ...ours }).toEqual({ flags, ...theirs });
      }
    });
  });

  it('tells what users get told', async () => {
    await inFolder({ x: '' }, async (folder) => {
      await createChart(join(folder, 'web'));
      const notes = async (flags: string): Promise<string> =>
        (await helm(folder, ['install', 'rel', './web', '--dry-run=client', '--set', flags])).out.split(
          'NOTES:\n',
        )[1] ?? '';
      expect(await notes('a=b')).toContain('kubectl port-forward service/rel-web --namespace default 8080:80');
      expect(await notes('ingress.enabled=true')).toContain('http://chart-example.local/');
      expect(await notes('service.type=NodePort')).toContain('NODE=');
      expect(await notes('service.type=LoadBalancer')).toContain('--watch');
      expect(await notes('httpRoute.enabled=true')).toContain('http://chart-example.local');
    });
  });

  it('overwrites with a warning, and refuses bad names', async () => {
    await inFolder({ 'web/values.yaml': 'mine', file: '' }, async (folder) => {
      const warnings: string[] = [];
      await createChart(join(folder, 'web'), { warn: (message) => warnings.push(message.replace(folder, '.')) });
      expect(warnings).toEqual(['WARNING: File "./web/values.yaml" already exists. Overwriting.']);
      expect(readFileSync(join(folder, 'web', 'values.yaml'), 'utf8')).toContain('replicaCount: 1');
      const fault = (name: string) => faultOf(folder, () => createChart(join(folder, name)));
      expect(await fault('a b')).toMatchObject({
        code: 'chart-invalid',
        message: 'chart name must match the regular expression "^[a-zA-Z0-9._-]+$"',
      });
      expect(await fault('x'.repeat(251))).toMatchObject({
        message: 'chart name must be between 1 and 250 characters',
      });
      expect(await fault('none/web')).toMatchObject({ code: 'io', message: 'no such directory ./none' });
      expect(await fault('file')).toMatchObject({ message: 'file ./file already exists and is not a directory' });
    });
  });

  it('begins with a starter, as helm create does', async () => {
    await inFolder({ 'ours/x': '', 'theirs/x': '' }, async (folder) => {
      const starter = join(folder, 'starter');
      await createChart(starter);
      writeFileSync(join(starter, 'templates', 'own.yaml'), 'name: <CHARTNAME>\n');
      writeFileSync(join(starter, 'values.yaml'), '# <CHARTNAME>\nowner: <CHARTNAME>\n');
      await helm(join(folder, 'theirs'), ['create', 'web', '--starter', starter]);
      await createChart(join(folder, 'ours', 'web'), { starter });
      const files = (which: string): Record<string, string> => {
        const root = join(folder, which, 'web');
        const paths = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
        return Object.fromEntries(
          paths.map((entry) => {
            const path = join(entry.parentPath, entry.name);
            return [path.slice(root.length), readFileSync(path, 'utf8')];
          }),
        );
      };
      expect(files('ours')).toEqual(files('theirs'));
    });
  });
});
