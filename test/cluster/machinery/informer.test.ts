import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/base/logger.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { createInformerFactory } from '../../../src/cluster/machinery/informer.ts';
import type { Informer } from '../../../src/cluster/machinery/interfaces.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { StatusError } from '../../../src/kube/status-error.ts';
import { FakeClient, object } from './fake-client.ts';

function setUp(): { fake: FakeClient; clock: VirtualClock; informer: Informer; heard: string[] } {
  const fake = new FakeClient();
  const clock = new VirtualClock({ start: 0 });
  const factory = createInformerFactory({ client: fake.client, clock, logger: silentLogger });
  const informer = factory.informer(RESOURCES.configMaps);
  const heard: string[] = [];
  informer.onEvent(({ type, object: { metadata } }) => heard.push(`${type} ${metadata.name ?? ''}`));
  return { fake, clock, informer, heard };
}

const names = (objects: readonly KubeObject[]): string[] => objects.map(({ metadata }) => metadata.name ?? '');

describe('informer', () => {
  it('is synced by the first bookmark and keeps lists sorted', async () => {
    const { fake, informer, heard } = setUp();
    fake.tell('ADDED', object('b'), object('a', { namespace: 'z' }), object('c'));
    fake.bookmark();
    await informer.synced;
    expect(names(informer.list())).toEqual(['b', 'c', 'a']);
    const before = informer.list('default');
    fake.tell('ADDED', object('a'), object('bb'));
    fake.tell('DELETED', object('c'));
    expect(names(informer.list('default'))).toEqual(['a', 'b', 'bb']);
    expect(names(before)).toEqual(['b', 'c']);
    expect(heard).toEqual(['added b', 'added a', 'added c', 'added a', 'added bb', 'deleted c']);
    expect(informer.get({ namespace: 'z', name: 'a' })?.metadata.namespace).toBe('z');
    expect(informer.list('nowhere')).toEqual([]);
  });

  it('sorts by namespace before name, whatever characters they hold', () => {
    const { fake, informer } = setUp();
    fake.tell('ADDED', object('x', { namespace: 'a-b' }), object('y', { namespace: 'a' }));
    expect(names(informer.list())).toEqual(['y', 'x']);
  });

  it('finds objects by indexes declared early, late and twice', () => {
    const { fake, informer } = setUp();
    informer.addIndex('app', ({ metadata }) => [metadata.labels?.['app'] ?? '']);
    fake.tell('ADDED', object('b', { labels: { app: 'web' } }), object('a', { labels: { app: 'web' } }));
    informer.addIndex('app', () => ['other']);
    informer.addIndex('first', ({ metadata }) => [(metadata.name ?? '').charAt(0)]);
    expect(names(informer.byIndex('app', 'web'))).toEqual(['a', 'b']);
    fake.tell('MODIFIED', object('a', { labels: { app: 'db' } }));
    expect(names(informer.byIndex('app', 'web'))).toEqual(['b']);
    expect(names(informer.byIndex('app', 'db'))).toEqual(['a']);
    expect(names(informer.byIndex('first', 'a'))).toEqual(['a']);
    fake.tell('DELETED', object('a'));
    expect(informer.byIndex('app', 'db')).toEqual([]);
    expect(() => informer.byIndex('none', '')).toThrow('informer configmaps: no index none');
  });

  it('tells late handlers what is there, and lets none disturb the others', () => {
    const { fake, informer } = setUp();
    fake.tell('ADDED', object('a'));
    const late: string[] = [];
    informer.onEvent(() => {
      throw new Error('broken');
    });
    informer.onEvent(({ type }) => late.push(type));
    fake.tell('MODIFIED', object('a'));
    expect(late).toEqual(['added', 'modified']);
  });

  it('opens a watch that ended again and tells what it missed', async () => {
    const { fake, clock, informer, heard } = setUp();
    const kept = object('kept');
    fake.tell('ADDED', kept, object('gone'), object('changed'), object('remade'));
    fake.bookmark();
    heard.length = 0;
    const expired = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: 410 } as const;
    fake.observer.closed?.(new StatusError(expired));
    await clock.advance(0);
    expect(fake.observers).toHaveLength(2);
    fake.tell('ADDED', kept, object('changed'), object('remade', { uid: 'another' }), object('new'));
    fake.bookmark();
    expect(heard).toEqual(['modified changed', 'deleted remade', 'added remade', 'added new', 'deleted gone']);
    expect(names(informer.list())).toEqual(['changed', 'kept', 'new', 'remade']);
  });

  it('waits longer and longer before it opens a watch that fails', async () => {
    const { fake, clock } = setUp();
    fake.observer.closed?.(new Error('refused'));
    await clock.advance(799);
    expect(fake.observers).toHaveLength(1);
    await clock.advance(1);
    expect(fake.observers).toHaveLength(2);
    fake.observer.closed?.(new Error('refused'));
    await clock.advance(1599);
    expect(fake.observers).toHaveLength(2);
    await clock.advance(1);
    expect(fake.observers).toHaveLength(3);
  });
});
