import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PintleError } from '../../../src/base/errors.ts';
import { formatLocation } from '../../../src/base/source.ts';
import { parseCatalogue } from '../../../src/cluster/kubelet/images/catalogue.ts';
import { CONDITION_FIELDS } from '../../../src/cluster/kubelet/images/read-cases.ts';
import { BEHAVIOUR_FIELDS } from '../../../src/cluster/kubelet/images/read-behaviour.ts';
import { compileSchema } from '../../../src/schema/compile-schema.ts';
import { fromYaml } from '../../../src/yaml/index.ts';

const root = join(import.meta.dirname, '../../..');
const schema = JSON.parse(readFileSync(join(root, 'schemas/image-catalogue.schema.json'), 'utf8')) as {
  readonly definitions: {
    readonly names: { readonly enum: readonly string[] };
    readonly fields: { readonly properties: object };
    readonly condition: { readonly properties: object };
  };
};
const validator = await compileSchema(schema);

/** The YAML of the page that is a catalogue. */
const EXAMPLES = [...readFileSync(join(root, 'docs/images.md'), 'utf8').matchAll(/```yaml\n([^]*?)```/g)]
  .map(([, text = '']) => text)
  .filter((text) => /^images:/m.test(text));

function isValid(text: string): boolean {
  return validator.validate(fromYaml(text)) === undefined;
}

describe('the schema of catalogue files', () => {
  it('knows the fields that the code knows', () => {
    const { names, fields, condition } = schema.definitions;
    expect([...names.enum].sort()).toEqual([...BEHAVIOUR_FIELDS].sort());
    expect(Object.keys(fields.properties).sort()).toEqual([...BEHAVIOUR_FIELDS].sort());
    expect(Object.keys(condition.properties).sort()).toEqual([...CONDITION_FIELDS].sort());
  });

  it('is shipped', () => {
    const { files, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      readonly files: readonly string[];
      readonly exports: object;
    };
    expect(files).toContain('schemas');
    expect(exports).toHaveProperty(['./schemas/*']);
  });

  it('takes the examples of the page, as the code does', () => {
    expect(EXAMPLES.length).toBeGreaterThanOrEqual(2);
    for (const text of EXAMPLES) {
      expect({ text, valid: isValid(text) }).toEqual({ text, valid: true });
      expect(parseCatalogue(text, 'example.yaml').images?.length).toBeGreaterThan(0);
    }
  });

  it.each([
    'strikt: true',
    'images: [{ start: 5s }]',
    'images: [{ image: a, colour: red }]',
    'images: [{ image: a, start: soon }]',
    'images: [{ image: a, memory: much }]',
    'images: [{ image: a, ports: [70000] }]',
    'images: [{ image: a, entrypoint: sleep }]',
    'images: [{ image: a, leak: 20Mi }]',
    'images: [{ image: a, cases: [{ exitCode: 1 }] }]',
    'images: [{ image: a, cases: [{ if: { env: { A: b }, weather: rain }, exitCode: 1 }] }]',
    'images: [{ image: a, changes: [{ paths: { /: 500 } }] }]',
    'images: [{ image: a, runs: [{ exitcode: 1 }] }]',
    'images: [{ image: a, commands: { ready: fine } }]',
  ])('refuses what the code refuses: %s', (text) => {
    expect(isValid(text)).toBe(false);
    expect(() => parseCatalogue(text, 'c.yaml')).toThrow(PintleError);
  });
});

it('tells every fault of a file with its place', () => {
  const text = [
    'strict: yes please',
    'images:',
    '  - image: shop/web',
    '    start: soon',
    '    runs:',
    '      - {exitCode: 1, colour: red}',
    '',
  ].join('\n');
  try {
    parseCatalogue(text, 'images.yaml');
    expect.unreachable();
  } catch (error) {
    if (!(error instanceof PintleError)) throw error;
    const all = [error, ...error.related];
    expect(
      all.map(({ message, location }) => `${location === undefined ? '' : formatLocation(location)} ${message}`),
    ).toEqual([
      'images.yaml:1:1 images.yaml: strict: must be true or false',
      'images.yaml:4:5 images.yaml: images[0].start: must be a duration such as 1m30s',
      expect.stringMatching(/^images\.yaml:6:23 images\.yaml: images\[0\]\.runs\[0\]\.colour: there is no such field/),
    ]);
  }
  expect(() => parseCatalogue('images: [', 'images.yaml')).toThrow(/did not find expected/);
  expect(() => parseCatalogue('- a', 'images.yaml')).toThrow('must be a mapping with images');
});
