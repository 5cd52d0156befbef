import { afterEach, describe, expect, it } from 'vitest';
import type { KubeClient, WatchEvent } from '../../../src/client/kube-client.ts';
import { resourceType } from '../../../src/cluster/registry/resource-type.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { type EmbeddedCluster, embeddedCluster } from '../../support/embedded-cluster.ts';
import { refusal } from './support.ts';
import { type Review, type WebhookServer, webhookServer } from './webhook-server.ts';

const V1 = resourceType('example.com/v1', 'Widget', 'widgets');
const V2 = resourceType('example.com/v2', 'Widget', 'widgets');
const open: (WebhookServer | EmbeddedCluster)[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) await ('close' in each ? each.close() : each.stop());
});

interface Widget extends KubeObject {
  readonly spec: { readonly size?: number; readonly width?: string };
}

/** v1 has `size: 3`, v2 `width: "3cm"`. */
function converted(object: Widget, apiVersion: string): Widget {
  const { size, width } = object.spec;
  const spec = apiVersion.endsWith('v2') ? { width: `${size ?? 0}cm` } : { size: Number.parseInt(width ?? '', 10) };
  return { ...object, apiVersion, spec };
}

function convert(review: Review): object {
  const { desiredAPIVersion, objects } = review as unknown as { desiredAPIVersion: string; objects: Widget[] };
  return { result: { status: 'Success' }, convertedObjects: objects.map((each) => converted(each, desiredAPIVersion)) };
}

async function setUp(
  respond: (review: Review) => object = convert,
): Promise<{ readonly client: KubeClient; readonly hook: WebhookServer }> {
  const embedded = await embeddedCluster({ nodes: 1 });
  const hook = await webhookServer(respond);
  open.push(hook, embedded);
  const { client } = embedded.cluster;
  const version = (name: string, field: string, type: string): object => ({
    name,
    served: true,
    storage: name === 'v1',
    schema: {
      openAPIV3Schema: {
        type: 'object',
        properties: { spec: { type: 'object', properties: { [field]: { type } } } },
      },
    },
  });
  await client.create(RESOURCES.customResourceDefinitions, {
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [version('v1', 'size', 'integer'), version('v2', 'width', 'string')],
      conversion: {
        strategy: 'Webhook',
        webhook: {
          conversionReviewVersions: ['v1'],
          clientConfig: { url: hook.url('/convert'), caBundle: hook.caBundle },
        },
      },
    },
  });
  return { client, hook };
}

function widget(name: string, size: number): object {
  return { metadata: { name, namespace: 'default', labels: { a: 'b' } }, spec: { size } };
}

describe('conversion webhooks', () => {
  it('show objects in other versions, and take them in those', async () => {
    const { client, hook } = await setUp();
    await client.create(V1, widget('a', 3));
    expect(hook.asked).toHaveLength(0);
    const key = { namespace: 'default', name: 'a' };
    const shown = await client.get<Widget>(V2, key);
    expect(shown).toMatchObject({
      apiVersion: 'example.com/v2',
      spec: { width: '3cm' },
      metadata: { labels: { a: 'b' } },
    });
    await client.patch(V2, key, 'merge', { spec: { width: '7cm' } });
    expect(await client.get<Widget>(V1, key)).toMatchObject({ apiVersion: 'example.com/v1', spec: { size: 7 } });
    await client.delete(V2, key);
    expect((await client.list(V1)).items).toEqual([]);
  });

  it('convert a list in one call', async () => {
    const { client, hook } = await setUp();
    for (const [i, name] of ['a', 'b', 'c'].entries()) await client.create(V1, widget(name, i));
    const { items } = await client.list<Widget>(V2);
    expect(items.map(({ spec }) => spec.width)).toEqual(['0cm', '1cm', '2cm']);
    expect(hook.asked).toHaveLength(1);
  });

  it('keep the order of watched events', async () => {
    const { client } = await setUp();
    await client.create(V1, widget('a', 1));
    const seen: string[] = [];
    await new Promise<void>((resolve) => {
      const watch = client.watch<Widget>(
        V2,
        {},
        {
          event: (event: WatchEvent<Widget>) => {
            seen.push(event.type === 'BOOKMARK' ? 'BOOKMARK' : `${event.type} ${event.object.spec.width ?? ''}`);
            if (seen.length < 5) return;
            watch.stop();
            resolve();
          },
        },
      );
      void (async () => {
        const key = { namespace: 'default', name: 'a' };
        await client.patch(V1, key, 'merge', { spec: { size: 2 } });
        await client.patch(V1, key, 'merge', { spec: { size: 3 } });
        await client.delete(V1, key);
      })();
    });
    expect(seen).toEqual(['ADDED 1cm', 'BOOKMARK', 'MODIFIED 2cm', 'MODIFIED 3cm', 'DELETED 3cm']);
  });

  it.each([
    [() => ({ result: { status: 'Failed', message: 'cannot' } }), 'failed: cannot'],
    [() => ({ result: { status: 'Success' }, convertedObjects: [] }), 'returned 0 objects, expected 1'],
    [
      (review: Review) => {
        const [object] = (review as unknown as { objects: Widget[] }).objects;
        return {
          result: { status: 'Success' },
          convertedObjects: [{ ...object, apiVersion: 'example.com/v2', metadata: { name: 'b' } }],
        };
      },
      'returned invalid converted object at index 0: must have the same name: a != b',
    ],
  ])('are checked: %#', async (respond, text) => {
    const { client } = await setUp(respond);
    await client.create(V1, widget('a', 1));
    const status = await refusal(client.get(V2, { namespace: 'default', name: 'a' }));
    expect(status).toMatchObject({ code: 500, message: `conversion webhook for example.com/v1, Kind=Widget ${text}` });
  });

  it('are not needed to delete a definition', async () => {
    const { client, hook } = await setUp(() => ({ result: { status: 'Failed' } }));
    await client.create(V1, widget('a', 1));
    await client.delete(RESOURCES.customResourceDefinitions, { name: 'widgets.example.com' });
    expect(hook.asked).toEqual([]);
  });
});
