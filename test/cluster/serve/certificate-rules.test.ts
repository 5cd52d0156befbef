import { describe, expect, it } from 'vitest';
import {
  isKubeletClientRequest,
  type RequestFacts,
  signerFault,
} from '../../../src/cluster/serve/certificate-rules.ts';

const NODE: RequestFacts = {
  commonName: 'system:node:n1',
  organizations: ['system:nodes'],
  dnsNames: [],
  addresses: [],
  emails: [],
  uris: [],
};
const SERVER: RequestFacts = { ...NODE, dnsNames: ['n1'] };
const CLIENT_USAGES = ['key encipherment', 'digital signature', 'client auth'];
const SERVER_USAGES = ['key encipherment', 'digital signature', 'server auth'];

describe('requests of kubelets as clients', () => {
  it.each<[string, Partial<RequestFacts>, readonly string[], string | undefined]>([
    ['as they are', {}, CLIENT_USAGES, undefined],
    ['without RSA', {}, ['digital signature', 'client auth'], undefined],
    ['another organization', { organizations: ['crew'] }, CLIENT_USAGES, 'subject organization is not system:nodes'],
    [
      'two organizations',
      { organizations: ['system:nodes', 'x'] },
      CLIENT_USAGES,
      'subject organization is not system:nodes',
    ],
    ['another name', { commonName: 'jane' }, CLIENT_USAGES, 'subject common name does not begin with system:node:'],
    ['a host', { dnsNames: ['n1'] }, CLIENT_USAGES, 'DNS subjectAltNames are not allowed'],
    ['an e-mail address', { emails: ['a@b.c'] }, CLIENT_USAGES, 'Email subjectAltNames are not allowed'],
    ['an address', { addresses: ['10.0.0.1'] }, CLIENT_USAGES, 'IP subjectAltNames are not allowed'],
    ['a URI', { uris: ['https://n1'] }, CLIENT_USAGES, 'URI subjectAltNames are not allowed'],
    ['too few usages', {}, ['client auth'], 'usages did not match [client auth digital signature key encipherment]'],
    [
      'too many usages',
      {},
      [...CLIENT_USAGES, 'server auth'],
      'usages did not match [client auth digital signature key encipherment]',
    ],
  ])('%s', (_, facts, usages, expected) => {
    const signer = 'kubernetes.io/kube-apiserver-client-kubelet';
    expect(signerFault(signer, { ...NODE, ...facts }, usages)).toBe(expected);
    expect(isKubeletClientRequest(signer, { ...NODE, ...facts }, usages)).toBe(expected === undefined);
    expect(isKubeletClientRequest('kubernetes.io/kubelet-serving', { ...NODE, ...facts }, usages)).toBe(false);
  });
});

describe('requests of kubelets as servers', () => {
  it.each<[string, Partial<RequestFacts>, readonly string[], string | undefined]>([
    ['with a host', {}, SERVER_USAGES, undefined],
    ['with an address', { dnsNames: [], addresses: ['10.0.0.1'] }, ['digital signature', 'server auth'], undefined],
    ['with neither', { dnsNames: [] }, SERVER_USAGES, 'DNS or IP subjectAltName is required'],
    ['with an e-mail address', { emails: ['a@b.c'] }, SERVER_USAGES, 'Email subjectAltNames are not allowed'],
    ['with a URI', { uris: ['https://n1'] }, SERVER_USAGES, 'URI subjectAltNames are not allowed'],
    ['of another organization', { organizations: [] }, SERVER_USAGES, 'subject organization is not system:nodes'],
    ['under another name', { commonName: 'n1' }, SERVER_USAGES, 'subject common name does not begin with system:node:'],
    ['as a client', {}, CLIENT_USAGES, 'usages did not match [digital signature key encipherment server auth]'],
  ])('%s', (_, facts, usages, expected) => {
    expect(signerFault('kubernetes.io/kubelet-serving', { ...SERVER, ...facts }, usages)).toBe(expected);
  });
});

describe('requests of other clients', () => {
  it.each<[readonly string[], string | undefined]>([
    [['client auth'], undefined],
    [CLIENT_USAGES, undefined],
    [['digital signature'], 'missing required usage for client certificate: client auth'],
    [['client auth', 'server auth'], 'invalid usage for client certificate: server auth'],
  ])('for %j', (usages, expected) => {
    const facts = { ...NODE, commonName: 'jane', organizations: [] };
    expect(signerFault('kubernetes.io/kube-apiserver-client', facts, usages)).toBe(expected);
  });

  it('that would be administrators', () => {
    const facts = { ...NODE, organizations: ['crew', 'system:masters'] };
    expect(signerFault('kubernetes.io/kube-apiserver-client', facts, ['client auth'])).toBe(
      'use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
    );
  });
});
