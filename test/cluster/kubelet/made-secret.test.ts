import { afterEach, describe, expect, it } from 'vitest';
import type { Secret } from '../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { bench, type Bench } from './support.ts';

let kubelet: Bench | undefined;
afterEach(() => {
  kubelet?.stop();
  kubelet = undefined;
});

describe('jobs that make Secrets', () => {
  it.each([
    {
      title: 'certificates of webhooks',
      image: 'registry.k8s.io/ingress-nginx/kube-webhook-certgen:v1.6.0',
      args: [
        'create',
        '--host=web,web.default.svc',
        '--namespace=default',
        '--secret-name=admission',
        '--cert-name=tls.crt',
        '--key-name=tls.key',
      ],
      name: 'admission',
      keys: ['ca', 'tls.crt', 'tls.key'],
    },
    {
      title: 'the password of the Redis of Argo CD',
      image: 'quay.io/argoproj/argocd:v3.4.4',
      command: ['argocd', 'admin', 'redis-initial-password'],
      name: 'argocd-redis',
      keys: ['auth'],
    },
  ])('make $title, once', async ({ image, command, args, name, keys }) => {
    kubelet = await bench();
    const { client, clock } = kubelet;
    const container = { image, ...(command === undefined ? {} : { command }), ...(args === undefined ? {} : { args }) };
    await kubelet.run('first', container, { restartPolicy: 'Never' });
    await clock.advance(10_000);
    const secret = await client.get<Secret>(RESOURCES.secrets, { namespace: 'default', name });
    expect(Object.keys(secret.data ?? {}).sort()).toEqual(keys);
    await kubelet.run('second', container, { restartPolicy: 'Never' });
    await clock.advance(10_000);
    expect((await kubelet.pod('second')).status?.phase).toBe('Succeeded');
    expect(await client.get<Secret>(RESOURCES.secrets, { namespace: 'default', name })).toEqual(secret);
  });
});
