import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../src/kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { pod, refusal, testServer } from './support.ts';

describe('RuntimeClass', () => {
  it('gives pods what their class says', async () => {
    const { client } = await testServer();
    await client.create(RESOURCES.runtimeClasses, {
      metadata: { name: 'gvisor' },
      handler: 'runsc',
      overhead: { podFixed: { cpu: '250m', memory: '64Mi' } },
      scheduling: { nodeSelector: { sandbox: 'yes' }, tolerations: [{ key: 'sandbox', operator: 'Exists' }] },
    });
    const made = await client.create<KubeObject & Pod>(RESOURCES.pods, pod('a', { runtimeClassName: 'gvisor' }));
    expect(made.spec).toMatchObject({
      overhead: { cpu: '250m', memory: '64Mi' },
      nodeSelector: { sandbox: 'yes' },
      tolerations: expect.arrayContaining([{ key: 'sandbox', operator: 'Exists' }]) as unknown,
    });
    const refused = async (spec: object): Promise<string> =>
      (await refusal(client.create(RESOURCES.pods, pod('b', spec as Record<string, unknown>)))).message ?? '';
    expect(await refused({ runtimeClassName: 'none' })).toBe(
      'pods "b" is forbidden: pod rejected: RuntimeClass "none" not found',
    );
    expect(await refused({ runtimeClassName: 'gvisor', overhead: { cpu: '1' } })).toBe(
      "pods \"b\" is forbidden: pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
    );
    expect(await refused({ overhead: { cpu: '1' } })).toBe(
      'pods "b" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
    );
    expect(await refused({ runtimeClassName: 'gvisor', nodeSelector: { sandbox: 'no' } })).toContain(
      'conflict: runtimeClass.scheduling.nodeSelector[sandbox] = yes; pod.spec.nodeSelector[sandbox] = no',
    );
  });
});

describe('PersistentVolumeClaimResize', () => {
  it('lets claims grow where their class allows it', async () => {
    const { client } = await testServer();
    for (const allowVolumeExpansion of [true, false]) {
      const metadata = { name: allowVolumeExpansion ? 'grows' : 'stays' };
      await client.create(RESOURCES.storageClasses, { metadata, provisioner: 'x', allowVolumeExpansion });
    }
    const claim = async (storageClassName: string): Promise<{ readonly namespace: string; readonly name: string }> => {
      const key = { namespace: 'default', name: storageClassName };
      const resources = { requests: { storage: '1Gi' } };
      await client.create(RESOURCES.persistentVolumeClaims, {
        metadata: key,
        spec: { storageClassName, accessModes: ['ReadWriteOnce'], volumeName: 'v', resources },
      });
      const status = { phase: 'Bound', capacity: { storage: '1Gi' } };
      await client.patch(RESOURCES.persistentVolumeClaims, key, 'merge', { status }, { subresource: 'status' });
      return key;
    };
    const larger = { spec: { resources: { requests: { storage: '2Gi' } } } };
    await client.patch(RESOURCES.persistentVolumeClaims, await claim('grows'), 'merge', larger);
    const { message } = await refusal(
      client.patch(RESOURCES.persistentVolumeClaims, await claim('stays'), 'merge', larger),
    );
    expect(message).toBe(
      'persistentvolumeclaims "stays" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    );
  });
});
