import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createCatalogue } from '../../../src/cluster/kubelet/images/catalogue.ts';
import { BUILTIN_IMAGES } from '../../../src/cluster/kubelet/images/builtin-images.ts';

/** Images of the default values of public charts with the number of charts that name them or a build of the same. */
const IMAGES = JSON.parse(readFileSync(join(import.meta.dirname, 'most-used-images.json'), 'utf8')) as readonly {
  readonly image: string;
  readonly charts: number;
}[];
const PAGE = join(import.meta.dirname, '../../../docs/image-list.md');
const catalogue = createCatalogue();

describe('the images that public charts use most', () => {
  it('are more than a hundred', () => expect(IMAGES.length).toBeGreaterThanOrEqual(100));

  it.each(IMAGES)('$image is described', ({ image }) => {
    const { exists, known, behaviour } = catalogue.find(image);
    expect({ exists, known }).toEqual({ exists: true, known: true });
    expect(behaviour.size).toBeGreaterThan(0);
    expect(behaviour.memory).toBeGreaterThan(0);
    expect(behaviour.cpu).toBeGreaterThan(0);
    if (behaviour.entrypoint === undefined) expect(behaviour.logs).toBeDefined();
  });

  it('stand in docs/image-list.md', () => {
    const rows = IMAGES.map(({ image, charts }) => {
      const {
        ports = [],
        memory = 0,
        cpu = 0,
        needsEnv = [],
        needsFiles = [],
        entrypoint,
      } = catalogue.find(image).behaviour;
      const does = entrypoint === undefined ? ports.join(', ') || 'all' : entrypoint === 'shell' ? 'shell' : 'ends';
      const needs = [...needsEnv, ...needsFiles].map((need) => `\`${need.replaceAll('|', '\\|')}\``).join(' ');
      return `| ${image} | ${charts} | ${does} | ${Math.max(1, Math.round(memory / 1024 / 1024))}Mi | ${cpu}m | ${needs} |`;
    });
    const page = readFileSync(PAGE, 'utf8');
    const [head = ''] = page.split('\n| image |');
    const table = `${head}\n| image | charts | ports | memory | cpu | needs |\n|---|---|---|---|---|---|\n${rows.join('\n')}\n`;
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(PAGE, table);
    expect(readFileSync(PAGE, 'utf8')).toBe(table);
  });
});

it('describes each image by its exact name once', () => {
  const names = BUILTIN_IMAGES.map(({ image }) => image);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});
