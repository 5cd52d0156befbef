import { expect, test } from 'vitest';
import { compareKinds, installOrder, sortByKind, uninstallOrder } from '../../src/kube/resource-order.ts';

test('known kinds come first, in order; others by name; equals stay', () => {
  const kinds = ['Zebra', 'Service', 'Alpaca', 'Namespace', 'Service', 'Alpaca', ''];
  const items = kinds.map((kind, i) => ({ kind, i }));
  expect(sortByKind(items).map(({ kind, i }) => `${kind}${i}`)).toEqual([
    'Namespace3',
    'Service1',
    'Service4',
    '6',
    'Alpaca2',
    'Alpaca5',
    'Zebra0',
  ]);
  expect(sortByKind(items, uninstallOrder)[0]?.kind).toBe('Service');
});

test('services go first when everything goes', () => {
  expect(uninstallOrder.slice(0, 8)).toEqual([
    'ValidatingWebhookConfiguration',
    'MutatingWebhookConfiguration',
    'APIService',
    'Ingress',
    'IngressClass',
    'Service',
    'CronJob',
    'Job',
  ]);
  expect(uninstallOrder.length).toBe(installOrder.length);
  expect(compareKinds('Ingress', 'Pod', installOrder)).toBeGreaterThan(0);
  expect(compareKinds('Ingress', 'Pod', uninstallOrder)).toBeLessThan(0);
});
