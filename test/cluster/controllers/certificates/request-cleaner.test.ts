import { afterEach, describe, expect, it } from 'vitest';
import { createCertificateRequestCleaner } from '../../../../src/cluster/controllers/certificates/request-cleaner.ts';
import { formatTime } from '../../../../src/cluster/machinery/time.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { START, type WorkloadCluster, workloadCluster } from '../support/workload-cluster.ts';

let cluster: WorkloadCluster | undefined;

afterEach(() => cluster?.stop());

const TYPE = RESOURCES.certificateSigningRequests;
const HOUR = 3600;
const request = '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n';
const certificate = Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n').toString('base64');

interface Case {
  readonly conditions?: readonly string[];
  readonly issued?: boolean;
  readonly expirationSeconds?: number;
}

async function start(given: Case): Promise<WorkloadCluster> {
  const running = await workloadCluster({ controllers: [createCertificateRequestCleaner], runPods: false });
  cluster = running;
  const { conditions = [], issued = false, expirationSeconds } = given;
  const made = await running.create<{ readonly metadata: object }>(TYPE, {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'jane' },
    spec: {
      request: Buffer.from(request).toString('base64'),
      signerName: 'example.com/mine',
      usages: ['client auth'],
      ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
    },
  });
  const list = conditions.map((type) => ({ type, status: 'True', reason: 'Test', lastUpdateTime: formatTime(START) }));
  const approved = { ...made, status: { conditions: list } };
  if (list.length > 0) await running.client.update(TYPE, approved, { subresource: 'approval' });
  if (issued) await running.patch(TYPE, 'jane', { status: { certificate } }, 'status');
  return running;
}

describe('a request for a certificate', () => {
  it.each<[string, Case, number | undefined]>([
    ['that nobody answers is kept for a day', {}, 24 * HOUR],
    ['that was denied is kept for an hour', { conditions: ['Denied'] }, HOUR],
    ['that was signed is kept for an hour', { conditions: ['Approved'], issued: true }, HOUR],
    ['whose certificate is over goes with it', { conditions: ['Approved'], issued: true, expirationSeconds: 600 }, 600],
    ['that was approved and waits for its signer is kept', { conditions: ['Approved'] }, undefined],
  ])('%s', async (_, given, seconds) => {
    const running = await start(given);
    await running.pass((seconds ?? 72 * HOUR) - 1);
    expect(await running.find(TYPE, 'jane')).toBeDefined();
    await running.pass(2);
    expect((await running.find(TYPE, 'jane')) === undefined).toBe(seconds !== undefined);
  });
});
