import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PintleError } from '../../../src/base/errors.ts';
import { formatLocation } from '../../../src/base/source.ts';
import { parseCatalogue } from '../../../src/cluster/kubelet/images/catalogue.ts';
import { CONDITION_FIELDS } from '../../../src/cluster/kubelet/images/read-cases.ts';
import { BEHAVIOUR_FIELDS, CHANGE_FIELDS } from '../../../src/cluster/kubelet/images/read-behaviour.ts';
import { compileSchema } from '../../../src/schema/compile-schema.ts';
import { fromYaml } from '../../../src/yaml/index.ts';

const root = join(import.meta.dirname, '../../..');
const schema = JSON.parse(readFileSync(join(root, 'schemas/image-catalogue.schema.json'), 'utf8')) as {
  readonly definitions: {
    readonly names: { readonly enum: readonly string[] };
    readonly fields: {
      readonly properties: {
        readonly changes: { readonly items: { readonly propertyNames: { readonly enum: readonly string[] } } };
      };
    };
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
    const { enum: changing } = fields.properties.changes.items.propertyNames;
    expect([...changing].sort()).toEqual(['after', ...CHANGE_FIELDS].sort());
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
    'images: [{ image: a, changes: [{ after: 1m, exitCode: 1 }] }]',
    'images: [{ image: a, changes: [{ after: 1m, memory: 1Gi }] }]',
    'images: [{ image: a, changes: [{ after: 1m, start: 1m }] }]',
    'images: [{ image: a, changes: [{ after: 1m, cases: [{ if: { env: { A: b } }, paths: { /: 500 } }] }] }]',
    'images: [{ image: a, runs: [{ exitcode: 1 }] }]',
    'images: [{ image: a, runs: [{ runs: [{ exitCode: 1 }] }] }]',
    'images: [{ image: a, cases: [{ if: { env: { A: b } }, runs: [{ exitCode: 1 }] }] }]',
    'images: [{ image: a, commands: { ready: fine } }]',
    'images: [{ image: a, commands: { ready: { exitCode: 1, after: 1m } } }]',
    'images: [{ image: a, commands: { ready: { output: 1 } } }]',
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
    '  - image: Shop/Web',
    '    changes: [{after: 1m, exitCode: 1}]',
    '  - {image: "shop/Web/*"}',
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
      'images.yaml:7:5 images.yaml: images[1].image: must be the name of an image: invalid reference format: repository name (Web) must be lowercase',
      'images.yaml:8:27 images.yaml: images[1].changes[0].exitCode: does not change while a container runs; what does are ports, paths, grpc, commands, answer',
      'images.yaml:9:6 images.yaml: images[2].image: must be the name of an image: invalid reference format: repository name (shop/Web/0) must be lowercase',
    ]);
  }
  expect(() => parseCatalogue('images: [', 'images.yaml')).toThrow(/did not find expected/);
  expect(() => parseCatalogue('- a', 'images.yaml')).toThrow('must be a mapping with images');
});

it.each(['*', 'shop/*', '*/web', 'shop/web*:1.*', '127.0.0.1:*/web', '*.example.com/*', 'registry:5000/*-debug'])(
  'takes the pattern %s',
  (image) => {
    const { images } = parseCatalogue(`images: [{ image: ${JSON.stringify(image)} }]`, 'c.yaml');
    expect(images?.map((each) => each.image)).toEqual([image]);
  },
);

it('knows commands by any name', () => {
  const { images } = parseCatalogue('images: [{ image: a, commands: { __proto__: 3 } }]', 'c.yaml');
  expect(Object.entries(images?.[0]?.behaviour.commands ?? {})).toEqual([['__proto__', { exitCode: 3 }]]);
});
