import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isolatedEnvironment, realTools } from '../support/real-tools.ts';
import { commandLine, type CommandLine } from './run.ts';

let cli: CommandLine;
let folder: string;
beforeEach(() => {
  cli = commandLine();
  folder = mkdtempSync(join(tmpdir(), 'pintle-rendering-'));
});
afterEach(() => {
  cli.close();
  rmSync(folder, { recursive: true, force: true });
});

function chart(files: Readonly<Record<string, string>>): string {
  const all = { 'Chart.yaml': 'apiVersion: v2\nname: c\nversion: 0.1.0\n', ...files };
  for (const [path, text] of Object.entries(all)) {
    const file = join(folder, 'c', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return join(folder, 'c');
}

function program(name: string, script: string): string {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

const MAP = 'apiVersion: v1\nkind: ConfigMap # why\nmetadata:\n  name: x\n';

describe('--post-renderer', () => {
  it('sends manifests through programs, one after the other, and keeps comments', async () => {
    const path = chart({ 'templates/a.yaml': MAP });
    const first = program('first.sh', "sed 's/name: x/name: y/'");
    const second = program('second.sh', "sed 's/name: y/name: yz # two/'");
    const { code, out } = await cli.run('template', path, '--post-renderer', first, '--post-renderer', second);
    expect({ code, out }).toEqual({
      code: 0,
      out: '---\n# Source: c/templates/a.yaml\napiVersion: v1\nkind: ConfigMap # why\nmetadata:\n  name: yz # two\n',
    });
  });

  it('gives arguments, and shows what the program says', async () => {
    const path = chart({ 'templates/a.yaml': MAP });
    const shout = program('args.sh', 'echo "args: $*" >&2; cat');
    const args = ['--post-renderer', shout, '--post-renderer-args', 'a', '--post-renderer-args', 'b'];
    expect((await cli.run('template', path, ...args)).err).toContain('args: a b');
  });

  it('installs what the program wrote', async () => {
    const path = chart({ 'templates/a.yaml': MAP });
    const change = program('change.sh', "sed 's/name: x/name: changed/'");
    expect((await cli.run('install', 'r', path, '--post-renderer', change)).code).toBe(0);
    expect((await cli.run('get', 'manifest', 'r')).out).toContain('name: changed');
  });

  it.each([
    ['exit 3', 'exit status 3'],
    ['cat >/dev/null', 'produced empty output'],
    ['cat; echo "a: ["', 'error while parsing post rendered output'],
  ])('refuses a program that runs %j', async (script, message) => {
    const path = chart({ 'templates/a.yaml': MAP });
    const { code, out, err } = await cli.run('template', path, '--post-renderer', program('bad.sh', script));
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toContain(message);
  });

  it('says that there is no such program', async () => {
    const { code, err } = await cli.run('template', chart({ 'templates/a.yaml': MAP }), '--post-renderer', '/no/such');
    expect(code).toBe(1);
    expect(err).toContain('--post-renderer names a program');
  });
});

describe('warnings about values', () => {
  const files = {
    'Chart.yaml':
      'apiVersion: v2\nname: c\nversion: 0.1.0\ndependencies:\n- name: s\n  version: "*"\n  condition: cond.x\n  import-values: [nothing]\n',
    'values.yaml': 'm: 3\ns: {t: {u: 1}}\ncond: {x: 5}\n',
    'charts/s/Chart.yaml': 'apiVersion: v2\nname: s\nversion: 0.1.0\n',
    'charts/s/values.yaml': 't: 5\n',
    'templates/a.yaml': MAP,
  };

  it.each([['template'], ['install', 'r'], ['lint']])('%s tells of them on stderr', async (...args) => {
    const { err } = await cli.run(...args, chart(files), '--set', 'm.x=3');
    expect(err).toContain('Warning: skipped value for c.m: Not a table.');
    expect(err).toContain('Warning: returned non-bool value (path: cond.x, chart: s)');
    expect(err).toContain('Warning: ImportValues missing table (error: "exports" is not a table)');
  });
});

describe('limits', () => {
  it.each([
    ['--max-steps', '100', '{{ range 1000 }}{{ end }}', 'takes too many steps'],
    ['--max-steps', '100', '{{ define "a" }}{{ end }}{{ range 60 }}{{ include "a" . }}{{ end }}', 'too many steps'],
    ['--max-output', '1k', '{{ range 1000 }}xxxxxxxx{{ end }}', 'writes too much'],
    [
      '--max-include-depth',
      '10',
      '{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}',
      'nested reference',
    ],
  ])('%s %s', async (flag, value, template, message) => {
    const path = chart({ 'templates/a.yaml': `a: b\n# ${template}\n` });
    for (const command of ['template', 'lint']) {
      const { code, err, out } = await cli.run(command, path, flag, value);
      expect(code).toBe(1);
      expect(err + out).toContain(message);
      expect(err + out).toContain('templates/a.yaml:2');
    }
  });

  it('has none that a chart of good will reaches', async () => {
    const path = chart({ 'templates/a.yaml': 'a: {{ range 100000 }}x{{ end }}\n' });
    expect((await cli.run('template', path)).code).toBe(0);
  });

  it('refuses what is no number', async () => {
    const { code, err } = await cli.run('template', chart({}), '--max-steps', 'many');
    expect(code).toBe(1);
    expect(err).toContain('invalid argument "many" for "--max-steps"');
  });

  it.each([
    ['seq 1 9223372036854775807', 'a list of'],
    ['untilStep 0 9223372036854775807 1 | len', 'a list of'],
    ['until 2000000000 | len', 'a list of'],
    ['repeat 2000000000 "xx"', 'a text of'],
    ['indent 1000000000 "x"', 'a text of'],
    ['randAlphaNum 1000000000', 'a text of'],
    ['replace "a" (repeat 100000 "b") (repeat 100000 "a")', 'a text of'],
    ['$d', 'the value contains itself'],
    ['print $d', 'the value contains itself'],
    ['deepCopy $d', 'the value contains itself'],
  ])('refuses %s', async (call, message) => {
    const template = `{{ $d := dict }}{{ $_ := set $d "self" $d }}\na: {{ ${call} }}\n`;
    const { code, err } = await cli.run('template', chart({ 'templates/a.yaml': template }));
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(err).toContain('c/templates/a.yaml:2');
  });

  it('refuses lists that double for ever', async () => {
    const template = 'a:\n{{ $l := list 1 }}{{ range 40 }}{{ $l = concat $l $l }}{{ end }}\n';
    const { code, err } = await cli.run('template', chart({ 'templates/a.yaml': template }));
    expect(code).toBe(1);
    expect(err).toContain('a list of');
  });
});

describe('schemas on the network', () => {
  let server: Server;
  let url: string;
  beforeEach(async () => {
    server = createServer((request, response) => {
      if (request.url === '/s.json') response.end('{"properties": {"n": {"type": "integer"}}}');
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => server.close());

  const files = (ref: string): Record<string, string> => ({
    'values.yaml': 'n: 1\n',
    'values.schema.json': JSON.stringify({ $ref: ref }),
    'templates/a.yaml': MAP,
  });

  it('are refused by default, with the flag that allows them', async () => {
    const { code, err } = await cli.run('template', chart(files(`${url}/s.json`)));
    expect(code).toBe(1);
    expect(err).toContain('--allow-remote-schemas');
  });

  it('are read where that is allowed', async () => {
    const path = chart(files(`${url}/s.json`));
    expect((await cli.run('template', path, '--allow-remote-schemas')).code).toBe(0);
    expect((await cli.run('lint', path, '--allow-remote-schemas')).code).toBe(0);
    const { code, err } = await cli.run('template', path, '--allow-remote-schemas', '--set', 'n=x');
    expect(code).toBe(1);
    expect(err).toContain("at '/n': got string, want integer");
  });

  it('that cannot be read are named', async () => {
    const { code, err } = await cli.run('template', chart(files(`${url}/missing.json`)), '--allow-remote-schemas');
    expect(code).toBe(1);
    expect(err).toContain('the server answers 404');
  });
});

describe('show values --jsonpath', () => {
  const VALUES = 'image: {repository: nginx, tag: "1.27"}\nlist: [{k: a}, {k: b}]\nnumber: 3\n';

  it.each([
    '{.image.repository}:{.image.tag}',
    '{.number}|{.image.tag}|',
    '{.number} {.missing}|',
    '{.list[*].missing}|',
    '{.list[?(@.k=="c")].k}|',
    '{.image}',
    '{.list[*].k}{"\\n"}',
    '{range .list[*]}<{.k}>{end}',
    '{.list[?(@.k=="b")].k}',
    "{.image['tag']}",
  ])('%s as in helm', async (template) => {
    const path = chart({ 'values.yaml': VALUES });
    const args = ['show', 'values', path, '--jsonpath', template];
    const helm = execFileSync(realTools().helm, args, { env: isolatedEnvironment(folder), encoding: 'utf8' });
    expect((await cli.run(...args)).out).toBe(helm);
  });

  it.each(['{', '{range .list[*]}x', 'x{end}', '{.list[}'])('refuses %s', async (template) => {
    const { code, err } = await cli.run('show', 'values', chart({}), '--jsonpath', template);
    expect({ code, err: err.includes('error parsing jsonpath') }).toEqual({ code: 1, err: true });
  });
});

describe('flags that charts on disk have no use for', () => {
  it('are taken where helm takes them', async () => {
    const path = chart({ 'templates/a.yaml': MAP });
    const plain = (await cli.run('template', path)).out;
    const flags = ['--create-namespace', '--wait', '--timeout', '3m', '--devel', '--username', 'x', '--plain-http'];
    expect((await cli.run('template', path, ...flags)).out).toBe(plain);
    expect((await cli.run('show', 'chart', path, '--version', '1', '--devel')).code).toBe(0);
  });

  it.each([
    ['template', '--verify'],
    ['show', 'chart', '--verify'],
    ['package', '--sign'],
    ['template', '--output-dir', 'out', '-s', 'templates/a.yaml'],
    ['template', '--explain', 'ConfigMap/x', '--post-renderer', 'cat'],
  ])('refuses %s %s', async (...args) => {
    const { code, err } = await cli.run(...args, chart({ 'templates/a.yaml': MAP }));
    expect(code).toBe(1);
    expect(err).toContain('Hint: ');
  });
});

it('tells of links that lead out of a chart', async () => {
  const path = chart({ 'templates/a.yaml': MAP, 'inside.txt': 'x' });
  writeFileSync(join(folder, 'secret.txt'), 'x');
  symlinkSync(join(folder, 'secret.txt'), join(path, 'link.txt'));
  symlinkSync(join(path, 'inside.txt'), join(path, 'other.txt'));
  const { code, err } = await cli.run('template', path);
  expect(code).toBe(0);
  expect(err.match(/Warning: the link/g)).toHaveLength(1);
  expect(err).toContain(`${join(path, 'link.txt')} leads out of the chart`);
});
