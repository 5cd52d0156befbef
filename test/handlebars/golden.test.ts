import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newObject } from '../../src/base/json.ts';
import type { TemplateFunction } from '../../src/base/template-function.ts';
import { loadHandlebarsEngine } from '../../src/handlebars/handlebars-engine.ts';
import { sprigFunctions } from '../../src/sprig/sprig-functions.ts';
import { fromYaml } from '../../src/yaml/index.ts';
import { testEnvironment } from '../sprig/support.ts';
import { FUNCTIONS, toData } from './support.ts';

const FOLDER = join(import.meta.dirname, 'fixtures');
const GOLDEN = join(import.meta.dirname, 'golden', 'deployment.yaml');

const DATA = {
  Release: { Name: 'production' },
  Chart: { Name: 'web-application' },
  Values: {
    nameOverride: '',
    labels: { tier: 'front', '1': 'one', quoted: 'a "b"' },
    replicas: 3,
    limit: 64,
    autoscaling: { enabled: false },
    image: { repository: 'registry.example/web' },
    ports: [
      { name: 'http', port: 8080 },
      { name: 'metrics', port: 9090 },
    ],
    resources: { limits: { memory: '64Mi', cpu: 0.5 } },
    sidecars: [{ name: 'proxy', image: { repository: 'proxy', tag: 1.25 } }],
    tolerations: [{ key: 'a', operator: 'Exists' }],
    config: { LEVEL: 'info', NUMBER: 8_000_000, HTML: '<a & b>' },
    script: 'echo "$HOME" <in >out',
  },
};

it('renders a chart with the function library', async () => {
  const engine = await loadHandlebarsEngine();
  const functions: Map<string, TemplateFunction> = sprigFunctions(testEnvironment());
  const include = FUNCTIONS.get('include');
  if (include !== undefined) functions.set('include', include);
  const sources = readdirSync(FOLDER).map((name) => ({
    name: `web/templates/${name}`,
    text: readFileSync(join(FOLDER, name), 'utf8'),
  }));
  const set = engine.compile(sources, { functions });
  const output = set.execute('web/templates/deployment.hbs', Object.assign(newObject(), toData(DATA)));
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(GOLDEN, output);
  expect(output).toBe(readFileSync(GOLDEN, 'utf8'));
  for (const document of output.split('---\n')) expect(fromYaml(document, { target: 'map' })).toHaveProperty('kind');
});
