import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../../../src/base/logger.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { Watch } from '../../../src/client/kube-client.ts';
import { ApiServer } from '../../../src/cluster/apiserver/api-server.ts';
import { RbacAuthorizer } from '../../../src/cluster/apiserver/auth/rbac-authorizer.ts';
import { builtinStrategies } from '../../../src/cluster/registry/builtins.ts';
import { bootstrapAccess } from '../../../src/cluster/serve/bootstrap-access.ts';
import { startCertificateApprover } from '../../../src/cluster/serve/certificate-approver.ts';
import { startCertificateSigner } from '../../../src/cluster/serve/certificate-signer.ts';
import { createAuthority } from '../../../src/cluster/serve/certificates.ts';
import { MemoryStore } from '../../../src/cluster/store/memory-store.ts';
import type { CertificateSigningRequest } from '../../../src/kube/api/certificates-v1.generated.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { certificateRequest, element, utf8 } from '../../support/certificate-requests.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const START = Date.UTC(2026, 0, 1);
const KUBELET = 'kubernetes.io/kube-apiserver-client-kubelet';

let server: ApiServer;
let keys: webcrypto.CryptoKeyPair;
const running: Watch[] = [];
/** What the approver asked whether somebody may do it, as `user subresource`. */
const asked: string[] = [];

beforeAll(async () => {
  const clock = new VirtualClock({ start: START });
  const random = new SeededRandom(1);
  const common = { strategies: builtinStrategies(), clock, random, logger: silentLogger };
  server = new ApiServer({ store: new MemoryStore(), ...common });
  await bootstrapAccess(server, silentLogger);
  const authorizer = new RbacAuthorizer({
    list: (type, namespace) => server.listNow(type, namespace),
    get: (type, namespace, name) => server.readNow(type, namespace, name),
  });
  const client = server.client();
  const authority = await createAuthority('test', START);
  running.push(
    startCertificateApprover({
      client,
      mayDo: (user, wish) => {
        asked.push(`${user.name} ${wish.resource?.subresource ?? ''}`);
        return authorizer.authorize(user, wish).allowed;
      },
      logger: silentLogger,
    }),
    startCertificateSigner({ client, authority, wallClock: clock, logger: silentLogger }),
  );
  x509.cryptoProvider.set(webcrypto);
  keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
});
afterAll(() => {
  for (const each of running) each.stop();
});

interface Asked {
  readonly subject: x509.JsonName;
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly spec?: object;
}

async function ask(
  name: string,
  { subject, user = 'jane', groups = [], spec = {} }: Asked,
): Promise<CertificateSigningRequest> {
  const made = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subject,
    keys,
    signingAlgorithm: ALGORITHM,
  });
  const request = Buffer.from(made.toString('pem')).toString('base64');
  return await server
    .client({ user: { name: user, groups } })
    .create<CertificateSigningRequest>(RESOURCES.certificateSigningRequests, {
      metadata: { name },
      spec: { request, signerName: KUBELET, usages: ['digital signature', 'client auth'], ...spec },
    });
}

const read = (name: string): Promise<CertificateSigningRequest> =>
  server.client().get<CertificateSigningRequest>(RESOURCES.certificateSigningRequests, { name });

/** The conditions of a request that gets its certificate. */
async function issued(name: string): Promise<string[]> {
  await vi.waitFor(async () => expect((await read(name)).status?.certificate).toBeDefined(), { timeout: 60_000 });
  return ((await read(name)).status?.conditions ?? []).map(
    ({ type, reason, message }) => `${type} ${reason ?? ''}: ${message ?? ''}`,
  );
}

const NODE: x509.JsonName = [{ O: ['system:nodes'] }, { CN: ['system:node:n1'] }];

describe('requests of kubelets', () => {
  it('that join are approved for whom may ask for any node', async () => {
    await ask('joins', {
      subject: NODE,
      user: 'system:bootstrap:abc',
      groups: ['system:bootstrappers:kubeadm:default-node-token'],
    });
    expect(await issued('joins')).toEqual([
      'Approved AutoApproved: Auto approving kubelet client certificate after SubjectAccessReview.',
    ]);
  });

  it('that renew theirs are approved for the node itself', async () => {
    await ask('renews', {
      subject: NODE,
      user: 'system:node:n1',
      groups: ['system:nodes'],
      spec: { expirationSeconds: 600 },
    });
    expect(await issued('renews')).toEqual([
      'Approved AutoApproved: Auto approving self kubelet client certificate after SubjectAccessReview.',
    ]);
    const pem = Buffer.from((await read('renews')).status?.certificate ?? '', 'base64').toString();
    expect(new x509.X509Certificate(pem).notAfter.getTime()).toBe(START + 600_000);
  });

  it('stay open for others, other nodes, other subjects and other signers', async () => {
    asked.length = 0;
    await ask('a', { subject: NODE });
    await ask('b', { subject: NODE, user: 'system:node:n2', groups: ['system:nodes'] });
    await ask('c', {
      subject: [{ O: ['crew'] }, { CN: ['system:node:n1'] }],
      user: 'system:node:n1',
      groups: ['system:nodes'],
    });
    await ask('d', {
      subject: NODE,
      user: 'system:node:n1',
      groups: ['system:nodes'],
      spec: { usages: ['client auth'] },
    });
    await ask('e', {
      subject: NODE,
      user: 'system:node:n1',
      groups: ['system:nodes'],
      spec: { signerName: 'example.com/own' },
    });
    // One that is approved comes last: the others have been looked at. What no kubelet asks for is nothing to ask about.
    await ask('last', { subject: NODE, user: 'system:node:n1', groups: ['system:nodes'] });
    await issued('last');
    expect(asked).toEqual(['jane nodeclient', 'system:node:n2 nodeclient', 'system:node:n1 selfnodeclient']);
    for (const name of ['a', 'b', 'c', 'd', 'e']) expect((await read(name)).status?.conditions ?? []).toEqual([]);
  });

  it('fail when somebody approves what is none', async () => {
    const made = await ask('none', { subject: [{ O: ['crew'] }, { CN: ['x'] }] });
    const conditions = [{ type: 'Approved', status: 'True', reason: 'ByHand' }];
    const approved = { ...made, status: { conditions } };
    await server.client().update(RESOURCES.certificateSigningRequests, approved, { subresource: 'approval' });
    await vi.waitFor(
      async () =>
        expect((await read('none')).status?.conditions?.[1]).toMatchObject({
          type: 'Failed',
          reason: 'SignerValidationFailure',
          message: 'subject organization is not system:nodes',
        }),
      { timeout: 60_000 },
    );
  });
});

describe('requests of clients', () => {
  const spec = { signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] };

  it('are refused when they would make administrators', async () => {
    const subject = [{ O: ['crew'] }, { O: ['system:masters'] }, { CN: ['jane'] }];
    await expect(ask('masters', { subject, spec })).rejects.toThrow(
      'certificatesigningrequests.certificates.k8s.io "masters" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
    );
    expect((await ask('crew', { subject: [{ O: ['crew'] }, { CN: ['system:masters'] }], spec })).metadata.name).toBe(
      'crew',
    );
  });

  const GOOD = certificateRequest([
    ['O', utf8('crew')],
    ['CN', utf8('jane')],
  ]);
  const EVIL = certificateRequest([
    ['O', utf8('system:masters')],
    ['CN', utf8('jane')],
  ]);
  const MASTERS = 'use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed';

  /** What becomes of a request that somebody approves without looking. */
  async function approved(name: string, pem: string): Promise<CertificateSigningRequest['status']> {
    const client = server.client({ user: { name: 'jane', groups: [] } });
    const request = Buffer.from(pem).toString('base64');
    const made = await client.create(RESOURCES.certificateSigningRequests, {
      metadata: { name },
      spec: { ...spec, request },
    });
    const conditions = [{ type: 'Approved', status: 'True', reason: 'ByHand' }];
    const update = { ...made, status: { conditions } };
    await server.client().update(RESOURCES.certificateSigningRequests, update, { subresource: 'approval' });
    return await vi.waitFor(
      async () => {
        const { status } = await read(name);
        expect(status?.certificate ?? status?.conditions?.[1]).toBeDefined();
        return status;
      },
      { timeout: 60_000 },
    );
  }

  it.each<readonly [title: string, organization: Buffer, message: string]>([
    ['in UTF-16', element(0x1e, Buffer.from('system:masters', 'utf16le').swap16()), MASTERS],
    ['behind a long length', element(0x0c, 'system:masters', true), MASTERS],
    ['in a string of digits', element(0x12, 'system:masters', true), 'invalid subject: unsupported string type'],
  ])('fail when they hide administrators %s', async (title, organization, message) => {
    const pem = certificateRequest([
      ['O', organization],
      ['CN', utf8('jane')],
    ]);
    const status = await approved(`hides-${title.length}`, pem);
    expect(status?.conditions?.[1]).toMatchObject({ type: 'Failed', message });
    expect(status?.certificate).toBeUndefined();
  });

  it('are what the first block holds, which must be of their type', async () => {
    const other = EVIL.replaceAll('CERTIFICATE REQUEST', 'FOO');
    const refused = 'PEM block type must be CERTIFICATE REQUEST';
    await expect(approved('first', other + GOOD)).rejects.toThrow(refused);
    await expect(approved('new', GOOD.replaceAll('CERTIFICATE', 'NEW CERTIFICATE'))).rejects.toThrow(refused);
    await expect(approved('evil', EVIL + GOOD)).rejects.toThrow(MASTERS);
    const status = await approved('good', `read by hand\n${GOOD}${EVIL}${other}`);
    const certificate = new x509.X509Certificate(Buffer.from(status?.certificate ?? '', 'base64').toString());
    expect(certificate.subjectName.getField('O')).toEqual(['crew']);
  });

  it('are refused for the signer of old', async () => {
    await expect(ask('old', { subject: NODE, spec: { signerName: 'kubernetes.io/legacy-unknown' } })).rejects.toThrow(
      'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": this signerName is not allowed via this API version',
    );
  });
});
