import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A chart in a form that a page can take: paths and base64. */
export interface PackedChart {
  readonly name: string;
  readonly files: readonly { readonly name: string; readonly base64: string }[];
  readonly set: readonly string[];
  readonly values: string;
}

const ROOT = join(import.meta.dirname, '..', '..', 'charts');

function example(name: string, set: readonly string[] = []): PackedChart {
  const folder = join(ROOT, name);
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = entries.map((entry) => {
    const path = join(entry.parentPath, entry.name);
    return { name: relative(folder, path), base64: readFileSync(path).toString('base64') };
  });
  return { name, files, set, values: '' };
}

/** A gzipped tar archive of a chart, in the simplest form. */
function archive(folder: string, files: Readonly<Record<string, string>>): Buffer {
  const blocks: Buffer[] = [];
  for (const [name, text] of Object.entries(files)) {
    const header = Buffer.alloc(512);
    const data = Buffer.from(text);
    header.write(`${folder}/${name}`, 0);
    header.write('0000644\0', 100);
    header.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write(`${(1_700_000_000).toString(8).padStart(11, '0')}\0`, 136);
    header.write('        ', 148);
    header.write('0', 156);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    blocks.push(header, data, Buffer.alloc((512 - (data.length % 512)) % 512));
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

/** Templates that call what is done by packages, or by the platform. */
const FUNCTIONS = [
  'sha1: {{ sha1sum "x" }}',
  'sha256: {{ sha256sum "héllo" }}',
  'sha512: {{ sha512sum "x" }}',
  'adler: {{ adler32sum "x" }}',
  'bytes: {{ "héllo" | b64enc }} {{ "aGk=" | b64dec }} {{ "x" | b32enc }}',
  'password: {{ derivePassword 1 "long" "pw" "user" "example.com" }}',
  'aes: {{ encryptAES "key" "plain" | decryptAES "key" }}',
  'random: {{ randAlphaNum 12 }} {{ uuidv4 }} {{ shuffle "abcdef" }}',
  'regex: {{ regexReplaceAll "a(x*)b" "-ab-axxb-" "${1}W" }} {{ regexFindAll "[2,4,6,8]" "123456789" -1 | toJson }}',
  'semver: {{ semverCompare "^1.2.0" "1.3.4" }} {{ (semver "1.2.3-rc.1").Prerelease }}',
  'now: {{ now | date "2006-01-02T15:04:05Z07:00" }} {{ dateInZone "15:04 MST" now "America/New_York" }}',
  'toml: {{ dict "a" (list 1 2) "b" (dict "c" "d") | toToml | quote }}',
  'yaml: {{ fromYaml "a: 0o17\\nb: [1, 1e3]\\nc: !!binary aGk=" | toJson }}',
  'urls: {{ urlParse "https://u:p@h:1/p?q#f" | toJson }}',
  'printf: {{ printf "%5.2f|%-6s|%06d|%x|%q|%v" 3.14159 "é" 42 "hi" "q\\n" (list 1 "a") }}',
  'files: {{ .Files.Get "data.txt" | quote }} {{ (.Files.Glob "*.bin").AsSecrets | quote }}',
  'htpasswd: {{ htpasswd "user" "pass" | hasPrefix "user:$2a$" }}',
  'key: {{ genPrivateKey "ed25519" | hasPrefix "-----BEGIN PRIVATE KEY-----" }}',
  'ca: {{ (genCA "ca" 10).Cert | hasPrefix "-----BEGIN CERTIFICATE-----" }}',
  'order: {{ list "ß" "z" "é" "a" "😀" "\\uffee" | sortAlpha | join "," }}',
  'upper: {{ "straße ŉ ǆ" | upper }} {{ "FOO bar" | title }} {{ camelcase "foo_bar" }}',
];

function functionsChart(): PackedChart {
  const sub = archive('sub', {
    'Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 1.0.0\n',
    'values.yaml': 'x: 1\n',
    'templates/sub.yaml': 'kind: Sub\nmetadata: {name: "{{ .Values.x }}{{ .Values.global.g }}"}\n',
  });
  const files: Record<string, Buffer | string> = {
    'Chart.yaml': 'apiVersion: v2\nname: functions\nversion: 1.0.0\n',
    'values.yaml': 'global: {g: 2}\nlist: [1, 2.5, 1e6, 12345678901]\n',
    'values.schema.json':
      '{"type": "object", "properties": {"list": {"type": "array", "items": {"type": "number"}}, "mail": {"format": "email"}}}',
    'data.txt': 'line\n',
    'one.bin': Buffer.from([0, 255, 128, 10]),
    'charts/sub-1.0.0.tgz': sub,
    'templates/all.yaml': `kind: All\ndata:\n${FUNCTIONS.map((line, i) => `  line${i}: |\n    ${line}`).join('\n')}\n  list: {{ toJson .Values.list }}\n  top: {{ .Values.list }}\n`,
  };
  return {
    name: 'functions',
    files: Object.entries(files).map(([name, data]) => ({ name, base64: Buffer.from(data).toString('base64') })),
    set: ['a.b[1]=x', 'mail=a@b.c'],
    values: 'extra: yes\n',
  };
}

/** What both sides render. */
export function packedCharts(): PackedChart[] {
  return [
    example('guestbook', ['autoscaling.enabled=true']),
    example('reports'),
    example('hello-hbs'),
    functionsChart(),
    { name: 'fails', files: functionsChart().files, set: ['list=no'], values: '' },
  ];
}
