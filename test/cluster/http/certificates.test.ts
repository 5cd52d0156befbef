import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signRequest } from '../../../src/cluster/serve/certificates.ts';
import { certificateRequest, keyPair, utf8 } from '../../support/certificate-requests.ts';
import { get } from './raw-request.ts';
import { type Run, type ServedFixture, serveForTest } from './served.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

let fixture: ServedFixture;
let keys: webcrypto.CryptoKeyPair;
let request: string;

beforeAll(async () => {
  fixture = await serveForTest();
  x509.cryptoProvider.set(webcrypto);
  keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const name = [{ O: ['crew'] }, { CN: ['jane'] }];
  request = (await x509.Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm: ALGORITHM })).toString(
    'pem',
  );
});
afterAll(() => fixture.close());

function ask(name: string, spec: object, pem = request): Promise<Run> {
  const object = {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: {
      request: Buffer.from(pem).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth'],
      ...spec,
    },
  };
  return fixture.kubectl(['create', '-f', '-'], { input: JSON.stringify(object) });
}

async function shown(name: string, path: string): Promise<string> {
  return (await fixture.kubectl(['get', 'csr', name, '-o', `jsonpath=${path}`])).stdout;
}

/** The columns of a request when it has become what it will. */
async function columns(name: string, condition: string): Promise<string[]> {
  const wanted =
    condition.split(',').at(-1) === 'Issued'
      ? '{.status.certificate}'
      : '{.status.conditions[?(@.type=="Failed")].type}';
  await fixture.kubectl(['wait', `--for=jsonpath=${wanted}`, `csr/${name}`, '--timeout=120s']);
  const { stdout } = await fixture.kubectl(['get', 'csr', name, '--no-headers']);
  return stdout
    .trim()
    .split(/\s{2,}/)
    .slice(2);
}

describe('requests for certificates', () => {
  it('become certificates of users when they are approved', async () => {
    expect((await ask('jane', { expirationSeconds: 86400 })).code).toBe(0);
    expect(await shown('jane', '{.spec.username}')).toBe('kubernetes-admin');
    expect((await fixture.kubectl(['certificate', 'approve', 'jane'])).code).toBe(0);
    expect(await columns('jane', 'Issued')).toEqual([
      'kubernetes.io/kube-apiserver-client',
      'kubernetes-admin',
      '24h',
      'Approved,Issued',
    ]);
    const pem = Buffer.from(await shown('jane', '{.status.certificate}'), 'base64').toString();
    const certificate = new x509.X509Certificate(pem);
    const left = certificate.notAfter.getTime() - Date.now();
    expect(left).toBeLessThan(86_401_000);
    expect(left).toBeGreaterThan(86_400_000 - 3_600_000);
    writeFileSync(join(fixture.folder, 'jane.crt'), pem);
    const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
    writeFileSync(join(fixture.folder, 'jane.key'), `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`);
    await fixture.kubectl([
      'config',
      'set-credentials',
      'jane',
      '--client-certificate=jane.crt',
      '--client-key=jane.key',
    ]);
    const who = await fixture.kubectl(['--user=jane', 'auth', 'whoami', '-o', 'jsonpath={.status.userInfo}']);
    expect(JSON.parse(who.stdout)).toMatchObject({ username: 'jane', groups: ['crew', 'system:authenticated'] });
  });

  it('name the user that the signer looked at: of several the last, without one nobody', async () => {
    const own = keyPair();
    const key = own.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    const names = [['admin', 'system:node:n1'], []];
    const answers: string[] = [];
    for (const commonNames of names) {
      const attributes = commonNames.map((name) => ['CN', utf8(name)] as const);
      const request = Buffer.from(certificateRequest([['O', utf8('crew')], ...attributes], own)).toString('base64');
      const options = { now: Date.now(), duration: 3_600_000, usages: ['client auth'] };
      const certificate = await signRequest(fixture.served.keys.authority, request, options);
      const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
      answers.push(
        (await get(fixture, path, {}, { method: 'POST', body: '{}', certificate: { certificate, key } })).text,
      );
    }
    expect(answers[0]).toContain('"username":"system:node:n1"');
    expect(answers[1]).toContain('User \\"system:anonymous\\" cannot');
  });

  it('fail when they ask for what the signer does not give', async () => {
    await ask('server', { usages: ['server auth'] });
    await fixture.kubectl(['certificate', 'approve', 'server']);
    expect((await columns('server', 'Failed')).at(-1)).toBe('Approved,Failed');
    expect(await shown('server', '{.status.conditions[?(@.type=="Failed")].message}')).toContain('server auth');
  });

  it('stay without one when they are denied, or somebody else signs', async () => {
    await ask('denied', {});
    await fixture.kubectl(['certificate', 'deny', 'denied']);
    await ask('other', { signerName: 'example.com/mine' });
    await fixture.kubectl(['certificate', 'approve', 'other']);
    const { stdout } = await fixture.kubectl(['get', 'csr', 'denied', 'other', '--no-headers']);
    expect(stdout.split('\n').map((line) => line.split(/\s+/).at(-1))).toEqual(['Denied', 'Approved', '']);
    const both = await fixture.kubectl(['certificate', 'approve', 'denied']);
    expect(both.stderr).toContain('is already Denied');
  });
});

describe('Secrets for tokens of service accounts', () => {
  it('get a token that is good, and the certificate to trust, until the Secret goes', async () => {
    const objects = [
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bot' } },
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'bot-token', annotations: { 'kubernetes.io/service-account.name': 'bot' } },
        type: 'kubernetes.io/service-account-token',
      },
    ];
    for (const object of objects) await fixture.kubectl(['create', '-f', '-'], { input: JSON.stringify(object) });
    const read = async (key: string): Promise<string> => {
      const path = `jsonpath={.data.${key.replace('.', String.raw`\.`)}}`;
      const { stdout } = await fixture.kubectl(['get', 'secret', 'bot-token', '-o', path]);
      return Buffer.from(stdout, 'base64').toString();
    };
    let token = '';
    for (let tries = 0; tries < 200 && token === ''; tries += 1) token = await read('token');
    expect(await read('ca.crt')).toContain('BEGIN CERTIFICATE');
    expect(await read('namespace')).toBe('default');
    const whoami = (): Promise<Run> =>
      fixture.kubectl([`--token=${token}`, 'auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}']);
    expect((await whoami()).stdout).toBe('system:serviceaccount:default:bot');
    await fixture.kubectl(['delete', 'secret', 'bot-token']);
    expect((await whoami()).code).not.toBe(0);
  });
});
