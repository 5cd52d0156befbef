import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PintleError } from '../../src/base/errors.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { mergeManifests, splitMerged } from '../../src/render/manifest-stream.ts';
import { manifestText } from '../../src/render/manifest-text.ts';
import { sortManifests } from '../../src/render/sort-manifests.ts';
import { isolatedEnvironment, realTools } from '../support/real-tools.ts';
import { CommentedYamlWriter } from './commented-yaml.ts';

const SEED = process.env['PINTLE_COMMENTS_SEED'] ?? 'comments';
const CASES = Number(process.env['PINTLE_COMMENTS_CASES'] ?? 400);

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pintle-stream-'));
  const plugin = join(folder, 'plugins', 'cat');
  mkdirSync(plugin, { recursive: true });
  writeFileSync(
    join(plugin, 'plugin.yaml'),
    'apiVersion: v1\ntype: postrenderer/v1\nname: cat\nversion: 0.1.0\nruntime: subprocess\nruntimeConfig:\n  platformCommand:\n  - command: cat\n',
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What real helm prints of files that went through `cat`; an error begins with `Error`. */
function helmOutput(files: ReadonlyMap<string, string>): string {
  const chart = mkdtempSync(join(folder, 'chart-'));
  mkdirSync(join(chart, 'templates'));
  writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: c\nversion: 0.1.0\n');
  for (const [name, text] of files) writeFileSync(join(chart, name), text);
  const env = { ...isolatedEnvironment(folder), HELM_PLUGINS: join(folder, 'plugins') };
  try {
    return execFileSync(realTools().helm, ['template', 'r', chart, '--post-renderer', 'cat'], {
      env,
      encoding: 'utf8',
      maxBuffer: 1e8,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    return String((error as { stderr?: string }).stderr);
  }
}

/** The same here. */
function ownOutput(files: ReadonlyMap<string, string>): string {
  try {
    const named = new Map(Array.from(files, ([name, text]) => [`c/${name}`, text]));
    const { manifests } = sortManifests(splitMerged(mergeManifests(named)));
    return `${manifestText({ manifests, crds: [] }, {}).trim()}\n`;
  } catch (error) {
    if (error instanceof PintleError) return `Error: ${error.message}`;
    throw error;
  }
}

function fileOf(text: string): Map<string, string> {
  return new Map([['templates/t.yaml', text]]);
}

const MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n';

describe('manifests on their way through a program are as in helm', () => {
  it('documents with comments by chance', () => {
    const files = new Map<string, string>();
    const refused: string[] = [];
    for (let i = 0; i < CASES; i += 1) {
      const text = new CommentedYamlWriter(new SeededRandom(`${SEED}/${i}`)).next(`n${i}`);
      const name = `templates/f${String(i).padStart(5, '0')}.yaml`;
      if (ownOutput(fileOf(text)).startsWith('Error')) refused.push(text);
      else files.set(name, text);
    }
    for (const text of refused.slice(0, 20))
      expect(helmOutput(fileOf(text)), `${ownOutput(fileOf(text))}\n${text}`).toMatch(/^Error/);
    expect(files.size).toBeGreaterThan(CASES / 2);
    const parts = (text: string): string[] => text.split(/^(?=---\n# Source: )/m);
    const own = parts(ownOutput(files));
    const helm = parts(helmOutput(files));
    const differences = own.flatMap((part, i) => {
      const name = /# Source: c\/(.*)/.exec(part)?.[1] ?? '';
      return part === helm[i] ? [] : [{ source: files.get(name), own: part, helm: helm[i] }];
    });
    expect(differences.slice(0, 3)).toEqual([]);
    expect(own.length).toBe(helm.length);
  });

  it.each([
    ['annotations of its own', `${MAP}  annotations:\n    a: b # c\n`],
    ['annotations in flow', `${MAP}  annotations: {a: b}\n`],
    ['empty annotations', `${MAP}  annotations: {}\ndata: {}\n`],
    ['no annotations', `${MAP}  annotations:\ndata: {}\n`],
    ['empty metadata', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {}\ndata: {a: b}\n'],
    ['no metadata', 'apiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n# end\n'],
    ['a list alone', 'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap # c\n'],
    ['a list among others', 'apiVersion: v1\nkind: List\nitems:\n- a: b\n---\napiVersion: v1\nkind: List\nitems: []\n'],
    ['separators without break', '---apiVersion: v1\nkind: ConfigMap\n---kind: ConfigMap\n'],
    ['separators with comments', '--- # one\nkind: ConfigMap\n--- # two\nkind: ConfigMap\n'],
    ['separators with text', 'kind: ConfigMap\n--- x\nkind: ConfigMap\n'],
    ['separators one after the other', '---\n---\nkind: ConfigMap\n---\n---\n---\nkind: ConfigMap\na: b\n'],
    ['carriage returns', 'kind: ConfigMap\r\nb: |\r\n  x\r\n  y\r\n---\r\nkind: ConfigMap\r\n'],
    ['null documents', '~\n---\nnull\n---\nkind: ConfigMap\n'],
    ['anchors and merges', 'kind: ConfigMap\na: &x {b: 1}\nc:\n  <<: *x\nd: *x\n'],
    ['an anchor from another document', 'a: &x 1\n---\nb: *x\n'],
    [
      'annotations of the stream',
      `${MAP}  annotations:\n    config.kubernetes.io/index: "5"\n    config.kubernetes.io/path: x\n`,
    ],
    ['a file name of its own', `${MAP}  annotations:\n    postrenderer.helm.sh/postrender-filename: other.yaml\n`],
    ['a directive', '%YAML 1.1\n---\nkind: ConfigMap\n'],
    ['a later document in a part', 'kind: ConfigMap\n...\nkind: Secret\n'],
    ['keys that are no texts', 'kind: ConfigMap\n1: a\ntrue: b\n~: c\n? [x, y]\n: d\n'],
    ['long lines', `kind: ConfigMap\na: ${'word '.repeat(60)}\nb: "${'word '.repeat(60)}"\n`],
    ['equal keys', 'kind: ConfigMap\na: 1\na: 2\n'],
    ['tags', 'kind: ConfigMap\na: !!int "5"\nb: !!binary aGk=\nc: !x [y]\nd: !!map {}\ne: !<tag:x,1:y> z\nf: ! 5\n'],
  ])('%s', (_, text) => {
    const own = ownOutput(fileOf(text));
    const helm = helmOutput(fileOf(text));
    if (helm.startsWith('Error')) expect(own.split('\n')[0]).toMatch(/^Error: /);
    else expect(own).toBe(helm);
  });

  it.each([
    ['a list', '- a\n', 'wrong node kind: expected MappingNode but got SequenceNode'],
    ['a text', 'text\n', 'wrong node kind: expected MappingNode but got ScalarNode'],
    ['what is no YAML', 'a: b\n---\nc: [\n', 'parsing c/templates/t.yaml: MalformedYAMLError'],
  ])('%s is refused', (_, text, message) => {
    expect(helmOutput(fileOf(text))).toContain(message);
    expect(ownOutput(fileOf(text))).toContain(message);
  });

  it('a fault names the line in the whole file', () => {
    const run = (): string => mergeManifests(new Map([['c/templates/t.yaml', 'a: b\n---\nc: d\ne: [\n']]));
    expect(run).toThrow(expect.objectContaining({ location: { file: 'c/templates/t.yaml', line: 5 } }));
  });
});
