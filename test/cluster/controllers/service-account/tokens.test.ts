import { afterEach, describe, expect, it } from 'vitest';
import { createTokenController } from '../../../../src/cluster/controllers/service-account/token-controller.ts';
import type { Secret } from '../../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { NAMESPACE, type WorkloadCluster, workloadCluster } from '../support/workload-cluster.ts';

let cluster: WorkloadCluster | undefined;

afterEach(() => cluster?.stop());

const PEM = '-----BEGIN CERTIFICATE-----\n';

async function start(): Promise<WorkloadCluster> {
  cluster = await workloadCluster({
    controllers: [(context, informers) => createTokenController(context, informers, PEM)],
    runPods: false,
  });
  return cluster;
}

const account = (name: string): object => ({ metadata: { name, namespace: NAMESPACE } });

const secret = (name: string, owner: string, more: object = {}): object => ({
  metadata: { name, namespace: NAMESPACE, annotations: { 'kubernetes.io/service-account.name': owner } },
  type: 'kubernetes.io/service-account-token',
  ...more,
});

const decoded = (text: string | undefined): string => Buffer.from(text ?? '', 'base64').toString();

describe('a Secret for a token', () => {
  it('is completed for its account', async () => {
    const running = await start();
    const made = await running.create<{ metadata: { uid: string } }>(RESOURCES.serviceAccounts, account('bot'));
    await running.create(RESOURCES.secrets, secret('bot-token', 'bot'));
    await running.pass(1);
    const { metadata, data } = await running.get<Secret>(RESOURCES.secrets, 'bot-token');
    expect(metadata.annotations).toEqual({
      'kubernetes.io/service-account.name': 'bot',
      'kubernetes.io/service-account.uid': made.metadata.uid,
    });
    expect(Object.keys(data ?? {}).sort()).toEqual(['ca.crt', 'namespace', 'token']);
    expect([decoded(data?.['ca.crt']), decoded(data?.['namespace'])]).toEqual([PEM, NAMESPACE]);
  });

  it('keeps what it has', async () => {
    const running = await start();
    await running.create(RESOURCES.serviceAccounts, account('bot'));
    const data = { token: 'YQ==', namespace: 'Yg==', 'ca.crt': 'Yw==', more: 'ZA==' };
    await running.create(RESOURCES.secrets, secret('bot-token', 'bot', { data }));
    await running.pass(1);
    expect((await running.get<Secret>(RESOURCES.secrets, 'bot-token')).data).toEqual(data);
  });

  it('goes when its account is not there, is another one of the name, or goes', async () => {
    const running = await start();
    await running.create(RESOURCES.serviceAccounts, account('bot'));
    await running.create(RESOURCES.secrets, secret('absent', 'nobody'));
    const annotations = { 'kubernetes.io/service-account.name': 'bot', 'kubernetes.io/service-account.uid': 'other' };
    await running.create(
      RESOURCES.secrets,
      secret('earlier', 'bot', { metadata: { name: 'earlier', namespace: NAMESPACE, annotations } }),
    );
    await running.create(RESOURCES.secrets, secret('own', 'bot'));
    await running.create(RESOURCES.secrets, { metadata: { name: 'plain', namespace: NAMESPACE, annotations } });
    await running.pass(1);
    const names = async (): Promise<(string | undefined)[]> =>
      (await running.list<Secret>(RESOURCES.secrets)).map(({ metadata }) => metadata.name);
    expect(await names()).toEqual(['own', 'plain']);
    await running.delete(RESOURCES.serviceAccounts, 'bot');
    await running.pass(1);
    expect(await names()).toEqual(['plain']);
  });
});
