import { describe, expect, it } from 'vitest';
import { PintleError } from '../../../src/base/errors.ts';
import { createCatalogue, readCatalogue } from '../../../src/cluster/kubelet/images/catalogue.ts';
import { parseImageReference } from '../../../src/cluster/kubelet/images/image-reference.ts';
import { parseBehaviour } from '../../../src/cluster/kubelet/images/read-behaviour.ts';

describe('image names', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.27', 'docker.io/library/nginx:1.27'],
    ['bitnami/redis', 'docker.io/bitnami/redis:latest'],
    ['quay.io/prometheus/node-exporter:v1.8.2', 'quay.io/prometheus/node-exporter:v1.8.2'],
    ['localhost:5000/a/b:c', 'localhost:5000/a/b:c'],
    ['index.docker.io/library/nginx:1', 'docker.io/library/nginx:1'],
    [`nginx@sha256:${'a'.repeat(64)}`, `docker.io/library/nginx@sha256:${'a'.repeat(64)}`],
    [`nginx:1@sha256:${'a'.repeat(64)}`, `docker.io/library/nginx:1@sha256:${'a'.repeat(64)}`],
  ])('%s', (text, name) => {
    expect(parseImageReference(text).name).toBe(name);
  });

  it.each([
    ['', 'invalid reference format'],
    ['a b', 'invalid reference format'],
    ['nginx:', 'invalid reference format'],
    ['nginx:-x', 'invalid reference format'],
    [':1', 'invalid reference format'],
    ['nginx@sha256:abc', 'invalid reference format'],
    ['Nginx:1', 'invalid reference format: repository name (library/Nginx) must be lowercase'],
    ['a'.repeat(64), `invalid repository name (${'a'.repeat(64)}), cannot specify 64-byte hexadecimal strings`],
  ])('refuses %j', (text, message) => {
    expect(() => parseImageReference(text)).toThrow(message);
  });
});

describe('catalogue', () => {
  const catalogue = createCatalogue();

  it.each([
    ['nginx', true],
    ['nginx:1.27', true],
    ['nginx:1.27.3-alpine', true],
    ['nginx:stable-alpine', true],
    ['nginx:does-not-exist', false],
    ['nginx:99.1', false],
    ['nginx:nosuchtag', false],
    ['nginx:whatever', false],
    ['debian:bookworm-slim', true],
    ['postgres:16-alpine', true],
    ['shop/web:nope', false],
    ['shop/web:missing', false],
    ['shop/web:anything', true],
    ['registry.example.com/shop/web:1.0', true],
    ['registry.invalid/shop/web:1.0', false],
    ['foo.invalid:5000/web', false],
    [`nginx@sha256:${'0'.repeat(64)}`, true],
  ])('%s exists: %s', (image, exists) => {
    expect(catalogue.find(image).exists).toBe(exists);
  });

  it('knows mirrors by the last part of the name', () => {
    expect(catalogue.find('mirror.example.com/library/busybox:1').behaviour.entrypoint).toBe('shell');
    expect(catalogue.find('mirror.example.com/shop/web:1').known).toBe(false);
  });

  it('lets the user have the last word, of the tag before the name before the pattern', () => {
    const own = createCatalogue({
      images: [
        { image: 'shop/*', behaviour: { ports: [1], private: true } },
        { image: 'shop/web', behaviour: { ports: [2] } },
        { image: 'shop/web:3', behaviour: { ports: [3], exists: false } },
        { image: 'nginx:custom', behaviour: { exists: true, startMillis: 5 } },
      ],
    });
    expect(own.find('shop/api:1').behaviour).toEqual({ ports: [1], private: true });
    expect(own.find('shop/web:1').behaviour).toEqual({ ports: [2] });
    expect(own.find('shop/web:3')).toMatchObject({ exists: false, behaviour: { ports: [3] } });
    expect(own.find('nginx:custom')).toMatchObject({ exists: true, behaviour: { ports: [80], startMillis: 5 } });
  });

  it('has nothing but what is listed when strict', () => {
    const strict = createCatalogue({ strict: true, images: [{ image: 'shop/web', behaviour: {} }] });
    expect(strict.find('shop/web:1').exists).toBe(true);
    expect(strict.find('shop/api:1').exists).toBe(false);
    expect(strict.find('nginx:1.27').exists).toBe(true);
    expect(strict.find('mirror.example.com/busybox:1').exists).toBe(false);
  });

  it('reads a file and tells every fault', () => {
    expect(
      readCatalogue({ strict: true, images: [{ image: 'shop/web', start: '2s', memory: '64Mi', ports: [8080] }] }),
    ).toEqual({
      strict: true,
      images: [{ image: 'shop/web', behaviour: { startMillis: 2000, memory: 64 * 1024 * 1024, ports: [8080] } }],
    });
    let error: unknown;
    try {
      readCatalogue({ strikt: 1, images: [{ start: 'soon' }, { image: 'a', start: 'soon', colour: 'red' }] });
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(PintleError);
    const faults = error instanceof PintleError ? [error.message, ...error.related.map(({ message }) => message)] : [];
    expect(faults).toEqual([
      'image catalogue: strikt: there is no such field',
      'image catalogue: images[0].image: must name an image',
      'image catalogue: images[1].start: must be a duration such as 1m30s',
      expect.stringContaining('image catalogue: images[1].colour: there is no such field'),
    ]);
  });
});

describe('behaviours as annotations', () => {
  it.each([
    ['{"exitCode": 3}', { exitCode: 3, entrypoint: 'exit' }],
    ['exitCode: 3\nrun: 5s', { exitCode: 3, runMillis: 5000, entrypoint: 'exit' }],
    ['paths: {/healthz: 500}', { paths: { '/healthz': 500 } }],
    [
      'changes: [{after: 1m, paths: {"*": 503}}, {after: 10s, ports: []}]',
      {
        changes: [
          { afterMillis: 10_000, ports: [] },
          { afterMillis: 60_000, paths: { '*': 503 } },
        ],
      },
    ],
    ['runs: [{exitCode: 1}, {}]', { runs: [{ exitCode: 1, entrypoint: 'exit' }, {}] }],
    [
      'commands: {check.sh: 1, "pg_isready": {exitCode: 2, output: no response}}',
      { commands: { 'check.sh': { exitCode: 1 }, pg_isready: { exitCode: 2, millis: 0, output: 'no response' } } },
    ],
  ])('%s', (text, behaviour) => {
    expect(parseBehaviour(text)).toEqual({ behaviour, faults: [] });
  });

  it('tells what is wrong', () => {
    expect(parseBehaviour('[]').faults).toEqual(['behaviour: must be a mapping']);
    expect(parseBehaviour('{a').faults).toHaveLength(1);
    expect(parseBehaviour('ports: [http]\ngrpc: up\nexists: 1').faults).toEqual([
      'ports: must be a list of port numbers',
      'grpc: must be one of SERVING, NOT_SERVING, none',
      'exists: must be true or false',
    ]);
  });
});
