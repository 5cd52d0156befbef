import { describe, expect, it } from 'vitest';
import { normalizeByHighest } from '../../../src/cluster/scheduler/cycle.ts';
import { imageLocality, nodePreference, taintPreference } from '../../../src/cluster/scheduler/scores/scores.ts';
import type { Taint } from '../../../src/kube/api/core-v1.generated.ts';
import { type NodeLine, type PodLine, scoresOf } from './world.ts';

const MB = 1024 * 1024;
const image = (sizeMb: number, ...names: string[]): { names: string[]; sizeBytes: number } => ({
  names,
  sizeBytes: sizeMb * MB,
});

describe('images that are there', () => {
  const FIRST: NodeLine = {
    images: [
      image(40, 'gcr.io/40:latest', 'gcr.io/40:v1'),
      image(300, 'gcr.io/300:latest', 'gcr.io/300:v1'),
      image(2000, 'gcr.io/2000:latest'),
    ],
  };
  const SECOND: NodeLine = { images: [image(250, 'gcr.io/250:latest'), image(10, 'gcr.io/10:latest', 'gcr.io/10:v1')] };
  const SAME: NodeLine = { images: [image(30, 'gcr.io/30:latest'), image(20, 'gcr.io/20:latest')] };
  const pod = (...images: string[]): PodLine => ({
    spec: { containers: images.map((name, i) => ({ name: `c${i}`, image: name })) },
  });

  it.each<[string, Readonly<Record<string, NodeLine>>, PodLine, Readonly<Record<string, number>> | undefined]>([
    ['the larger of two images counts', { a: FIRST, b: SECOND }, pod('gcr.io/40', 'gcr.io/250'), { a: 0, b: 5 }],
    ['two images on one node count together', { a: FIRST, b: SECOND }, pod('gcr.io/40', 'gcr.io/300'), { a: 7, b: 0 }],
    [
      'an image counts less the fewer nodes have it',
      { a: FIRST, b: SECOND, c: {} },
      pod('gcr.io/10', 'gcr.io/2000'),
      { a: 32, b: 0, c: 0 },
    ],
    ['an image counts for at most 1000Mi a container', { a: FIRST }, pod('gcr.io/2000'), { a: 100 }],
    ['small images count nothing', { a: SAME, b: SAME }, pod('gcr.io/20'), { a: 0, b: 0 }],
    [
      'names are compared as they are, with the tag latest',
      { a: { images: [image(300, 'docker.io/library/nginx:latest')] }, b: {} },
      pod('nginx'),
      { a: 0, b: 0 },
    ],
    [
      'a port of a registry is no tag',
      { a: { images: [image(300, 'reg:5000/app:latest')] } },
      pod('reg:5000/app'),
      { a: 28 },
    ],
    ['nodes that tell of no images are not judged', { a: {}, b: {} }, pod('nginx'), undefined],
  ])('%s', (_title, nodes, line, expected) => {
    expect(scoresOf(imageLocality, { nodes, pod: line })).toEqual(expected);
  });

  it('count those of init containers', () => {
    const { spec } = pod('gcr.io/40');
    const initContainers = [{ name: 'i', image: 'gcr.io/300' }];
    expect(
      scoresOf(imageLocality, { nodes: { a: FIRST, b: SECOND }, pod: { spec: { ...spec, initContainers } } }),
    ).toEqual({
      a: 7,
      b: 0,
    });
  });
});

describe('taints that only ask pods to stay away', () => {
  const taint = (key: string, value: string, effect = 'PreferNoSchedule'): Taint => ({ key, value, effect });
  const tolerates = (key: string, value: string, effect = 'PreferNoSchedule') => ({
    key,
    operator: 'Equal',
    value,
    effect,
  });

  it.each<
    [
      string,
      readonly object[],
      Readonly<Record<string, readonly Taint[]>>,
      Readonly<Record<string, number>> | undefined,
    ]
  >([
    [
      'a node whose taint is tolerated is better',
      [tolerates('foo', 'bar')],
      { a: [taint('foo', 'bar')], b: [taint('foo', 'blah')] },
      { a: 100, b: 0 },
    ],
    [
      'taints that are tolerated do not count, however many',
      [tolerates('cpu', 'arm'), tolerates('disk', 'ssd')],
      { a: [], b: [taint('cpu', 'arm')], c: [taint('cpu', 'arm'), taint('disk', 'ssd')], d: [taint('x', '')] },
      { a: 100, b: 100, c: 100, d: 0 },
    ],
    [
      'more taints that are not tolerated are worse',
      [tolerates('foo', 'bar')],
      { a: [], b: [taint('cpu', 'arm')], c: [taint('cpu', 'arm'), taint('disk', 'ssd')] },
      { a: 100, b: 50, c: 0 },
    ],
    [
      'tolerations of another effect do not count',
      [tolerates('cpu', 'arm', 'NoSchedule'), tolerates('disk', 'ssd', 'NoSchedule')],
      { a: [], b: [taint('cpu', 'arm', 'NoSchedule')], c: [taint('cpu', 'arm'), taint('disk', 'ssd')] },
      { a: 100, b: 100, c: 0 },
    ],
    ['nodes without such taints are not judged', [], { a: [], b: [taint('cpu', 'arm', 'NoSchedule')] }, undefined],
  ])('%s', (_title, tolerations, taints, expected) => {
    const nodes = Object.fromEntries(Object.entries(taints).map(([name, list]) => [name, { taints: list }]));
    expect(scoresOf(taintPreference, { nodes, pod: { spec: { tolerations } } })).toEqual(expected);
  });
});

describe('nodes that the pod would rather be on', () => {
  const wish = (weight: number, ...pairs: (readonly [string, string])[]): object => ({
    weight,
    preference: { matchExpressions: pairs.map(([key, value]) => ({ key, operator: 'In', values: [value] })) },
  });
  const NODES: Readonly<Record<string, NodeLine>> = {
    a: { labels: { foo: 'bar' } },
    b: { labels: { key: 'value' } },
    c: { labels: { az: 'az1' } },
    d: { labels: { abc: 'az11', def: 'az22' } },
    e: { labels: { foo: 'bar', key: 'value', az: 'az1' } },
  };

  it.each<[string, readonly object[], readonly string[], Readonly<Record<string, number>> | undefined]>([
    ['no wishes', [], ['a', 'b', 'c'], undefined],
    ['no node has what is wished', [wish(2, ['missing', 'x'])], ['a', 'b', 'c'], { a: 0, b: 0, c: 0 }],
    ['one node has it', [wish(2, ['foo', 'bar'])], ['a', 'b', 'c'], { a: 100, b: 0, c: 0 }],
    [
      'weights of several wishes',
      [wish(2, ['foo', 'bar']), wish(4, ['key', 'value']), wish(5, ['foo', 'bar'], ['key', 'value'], ['az', 'az1'])],
      ['a', 'b', 'e'],
      { a: 18, b: 36, e: 100 },
    ],
    ['a wish without terms is for no node', [{ weight: 5, preference: {} }], ['a', 'b'], { a: 0, b: 0 }],
  ])('%s', (_title, terms, candidates, expected) => {
    const nodeAffinity = { preferredDuringSchedulingIgnoredDuringExecution: terms };
    const pod = { spec: { affinity: { nodeAffinity } } } as PodLine;
    expect(scoresOf(nodePreference, { nodes: NODES, pod }, candidates)).toEqual(expected);
  });
});

describe('points brought to the scale', () => {
  it.each<[readonly number[], boolean, readonly number[]]>([
    [[1, 2, 3, 4], false, [25, 50, 75, 100]],
    [[1, 2, 3, 4], true, [75, 50, 25, 0]],
    [[1000, 10, 20, 30], false, [100, 1, 2, 3]],
    [[1000, 10, 20, 30], true, [0, 99, 98, 97]],
    [[1, 1, 1, 1], false, [100, 100, 100, 100]],
    [[1000, 1, 1, 1], false, [100, 0, 0, 0]],
    [[0, 1, 1, 1], true, [100, 0, 0, 0]],
    [[0, 0, 0, 0], true, [100, 100, 100, 100]],
    [[0, 0, 0, 0], false, [0, 0, 0, 0]],
  ])('%j, reversed: %s', (scores, reverse, expected) => {
    const list = [...scores];
    normalizeByHighest(list, reverse);
    expect(list).toEqual(expected);
  });
});
