import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PintleError } from '../../src/base/errors.ts';
import { shownUrl } from '../../src/base/shown-url.ts';
import { NodeHttp } from '../../src/cli/node-http.ts';
import { fetchChart } from '../../src/repository/fetch-chart.ts';
import { type HttpRequest, sendFollowing } from '../../src/repository/http.ts';
import { pullChart, pushChart } from '../../src/repository/oci/chart-artifact.ts';
import { parseReference } from '../../src/repository/oci/reference.ts';
import { MANIFEST, RegistryClient } from '../../src/repository/oci/registry-client.ts';
import { updateRepositories } from '../../src/repository/repositories.ts';
import { repositoryEntry } from '../../src/repository/repositories-file.ts';
import { type Answer, fakeNetwork, type FakeNetwork } from './fake-network.ts';

let fake: FakeNetwork;
const network: FakeNetwork['context'] = (answer) => fake.context(answer);

beforeEach(() => {
  fake = fakeNetwork();
});
afterEach(() => fake.close());

async function faultOf(work: Promise<unknown>): Promise<PintleError> {
  const error: unknown = await work.then(
    () => undefined,
    (each: unknown) => each,
  );
  if (error instanceof PintleError) return error;
  throw new Error(`no PintleError: ${String(error)}`, { cause: error });
}

describe('redirects', () => {
  const headers = { authorization: 'Basic x', accept: 'y' };

  /** Where requests went, and whether with credentials. */
  async function path(url: string, ...locations: string[]): Promise<[string, boolean][]> {
    const { http } = network(() => {
      const location = locations.shift();
      return location === undefined ? {} : { status: 302, headers: { location } };
    });
    await sendFollowing(http, { method: 'GET', url, headers });
    return fake.sent.map((each) => [each.url, each.headers?.['authorization'] !== undefined]);
  }

  it('take credentials to the first host and its subdomains, as Go does', async () => {
    expect(await path('https://a.org/1', '/2', 'https://x.a.org:8443/3', 'https://y.a.org/4')).toEqual([
      ['https://a.org/1', true],
      ['https://a.org/2', true],
      ['https://x.a.org:8443/3', true],
      ['https://y.a.org/4', true],
    ]);
  });

  it('take them to no other host and to no plain connection, and not back again', async () => {
    expect(await path('https://a.org/', 'https://nota.org/', 'https://a.org/')).toEqual([
      ['https://a.org/', true],
      ['https://nota.org/', false],
      ['https://a.org/', false],
    ]);
    fake.sent.length = 0;
    expect((await path('https://a.org/', 'http://a.org/')).at(-1)).toEqual(['http://a.org/', false]);
  });

  it.each([
    ['http://[::1', 'Get "http://a.org/": failed to parse Location header "http://[::1"'],
    ['ftp://u:secret@b.org/', 'Get "ftp://u:***@b.org/": unsupported protocol scheme "ftp"'],
    ['/', 'Get "/": stopped after 10 redirects'],
  ])('that lead nowhere are told: %s', async (location, message) => {
    const { http } = network(() => ({ status: 302, headers: { location } }));
    expect(await faultOf(sendFollowing(http, { method: 'GET', url: 'http://a.org/' }))).toMatchObject({
      code: 'fetch-failed',
      message,
    });
    expect(fake.sent.length).toBe(location === '/' ? 10 : 1);
  });

  it('of one repository do not keep the others from being updated', async () => {
    const context = network(({ url }) =>
      url.includes('bad') ? { status: 302, headers: { location: 'http://[' } } : { body: 'apiVersion: v1\n' },
    );
    const entries = [repositoryEntry('bad', 'http://bad.org'), repositoryEntry('good', 'http://good.org')];
    const results = await updateRepositories(context, entries, () => {});
    expect(results.map(({ error }) => error?.code)).toEqual(['fetch-failed', undefined]);
  });
});

describe('a registry', () => {
  const client = (answer: (request: HttpRequest) => Answer): RegistryClient =>
    new RegistryClient(network(answer), 'r.org', {});

  it('is asked again, after ever longer pauses, when it refuses for the moment', async () => {
    expect(await faultOf(client(() => ({ status: 503 })).ping())).toMatchObject({ code: 'fetch-failed' });
    expect(fake.sent.length).toBe(6);
    for (const [i, wanted] of [250, 500, 1000, 2000, 3000].entries()) {
      expect(Math.abs((fake.waits[i] ?? 0) - wanted)).toBeLessThanOrEqual(wanted / 10);
    }
    expect(new Set(fake.waits).size).toBe(5);
  });

  it.each([
    [{ status: 429, headers: { 'retry-after': '2' } }, 2000],
    [{ status: 429, headers: { 'retry-after': '60' } }, 3000],
    [{ status: 408 }, 250],
    [{ status: 503, headers: { 'retry-after': '2' } }, 250],
    [{ status: 429, headers: { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' } }, 250],
  ])('is given the time that it asks for: %j', async (answer, wanted) => {
    await client(() => (fake.sent.length === 1 ? answer : {})).ping();
    expect(fake.waits.length).toBe(1);
    expect(Math.abs((fake.waits[0] ?? 0) - wanted)).toBeLessThanOrEqual(wanted === 250 ? 25 : 0);
  });

  it('is not asked again for what it refuses for good, nor to go on with an upload', async () => {
    await faultOf(client(() => ({ status: 403 })).ping());
    const location = 'https://r.org/v2/a/blobs/uploads/1';
    const uploading = client(({ method }) =>
      method === 'HEAD'
        ? { status: 404 }
        : method === 'POST'
          ? { status: 202, headers: { location } }
          : { status: 500 },
    );
    fake.sent.length = 0;
    await faultOf(uploading.pushBlob('a', Buffer.from('x')));
    expect([fake.sent.map(({ method }) => method), fake.waits]).toEqual([['HEAD', 'POST', 'PUT'], []]);
  });

  it.each<[string, Answer, string]>([
    ['text', { body: 'not found' }, 'r.org/a:1: the answer is no JSON object'],
    ['nothing', { body: 'null' }, 'r.org/a:1: the answer is no JSON object'],
    ['layers that are no list', { body: '{"layers": 7}' }, 'r.org/a:1: the answer is no manifest'],
    ['layers without digests', { body: '{"layers": [{"mediaType": "x"}]}' }, 'r.org/a:1: the answer is no manifest'],
    ['a config that is none', { body: '{"config": "x"}' }, 'r.org/a:1: the answer is no manifest'],
    ['an address that is none', { status: 302, headers: { location: 'https://[' } }, 'failed to parse Location'],
  ])('whose manifest is %s is told of', async (_, answer, message) => {
    const context = network(() => ({ ...answer, headers: { 'content-type': MANIFEST, ...answer.headers } }));
    expect(await faultOf(pullChart(context, parseReference('r.org/a:1'), 'chart', {}))).toMatchObject({
      code: 'fetch-failed',
      message: expect.stringContaining(message) as string,
    });
  });

  it('that sends uploads nowhere is told of', async () => {
    const context = network(({ method }) =>
      method === 'HEAD' ? { status: 404 } : { status: 202, headers: { location: 'https://[' } },
    );
    const pushed = {
      archive: Buffer.from('x'),
      metadata: { apiVersion: 'v2', name: 'a', version: '1.0.0' },
      created: 0,
    };
    expect(await faultOf(pushChart(context, 'oci://r.org', pushed, {}))).toMatchObject({ code: 'fetch-failed' });
  });

  it('gives the tags that it has, whatever stands beside them', async () => {
    const pages: Answer[] = [
      { body: '{"tags": ["1.0.0", 7]}', headers: { link: '</v2/a/tags/list?last=1>; rel="next"' } },
      { body: '{"tags": 5}', headers: { link: '<https://[>; rel="next"' } },
    ];
    expect(await client(() => pages.shift() ?? { status: 500 }).tags('a')).toEqual(['1.0.0']);
  });
});

describe('addresses of archives', () => {
  it.each([
    ['http://a.org/web%E0%A4.tgz', 'web\ufffd\ufffd.tgz'],
    ['http://a.org/x%2F..%2Fweb.tgz', 'web.tgz'],
  ])('may be spelt in odd ways: %s', async (reference, wanted) => {
    const { name } = await fetchChart(
      network(() => ({})),
      { reference, version: '', access: {} },
    );
    // As the disk gets it.
    expect(Buffer.from(name).toString()).toBe(wanted);
  });

  it('that are none are refused', async () => {
    const request = { reference: 'http://a.org/%zz.tgz', version: '', access: {} };
    expect(
      await faultOf(
        fetchChart(
          network(() => ({})),
          request,
        ),
      ),
    ).toMatchObject({ code: 'usage' });
  });

  it.each([
    ['http://u:p@h/x', 'http://u:***@h/x'],
    ['Get "https://u:a@b:c@h:8/x": no', 'Get "https://u:***@h:8/x": no'],
    ['http://u@h/a:b@c', 'http://u@h/a:b@c'],
    ['two http://a:b@c, oci://d:e@f', 'two http://a:***@c, oci://d:***@f'],
  ])('are shown without passwords: %s', (url, shown) => {
    expect(shownUrl(url)).toBe(shown);
  });
});

describe('a login in an address', () => {
  const basic = (login: string): string => `Basic ${Buffer.from(login).toString('base64')}`;

  /** What a server hears. */
  async function heard(send: (port: number) => Promise<unknown>): Promise<IncomingMessage[]> {
    const requests: IncomingMessage[] = [];
    const server = createServer((request, response) => {
      requests.push(request);
      response.end();
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    await send((server.address() as AddressInfo).port);
    server.close();
    return requests;
  }

  it('is used unless there is another', async () => {
    const requests = await heard(async (port) => {
      const request = { method: 'GET', url: `http://anna:a%40b%zz@127.0.0.1:${port}/x` } as const;
      await new NodeHttp({}).send(request);
      await new NodeHttp({}).send({ ...request, headers: { authorization: 'Bearer y' } });
    });
    // Servers close connections that are kept while a large index is read.
    expect(requests.map(({ headers }) => headers.connection)).toEqual(['close', 'close']);
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([basic('anna:a%40b%zz'), 'Bearer y']);
  });

  it('does not go to a proxy', async () => {
    const [request] = await heard((port) =>
      new NodeHttp({ HTTP_PROXY: `http://who:s%40@127.0.0.1:${port}` }).send({
        method: 'GET',
        url: 'http://anna:a%40b@charts.invalid:8080/x?y#z',
      }),
    );
    expect(request).toMatchObject({
      url: 'http://charts.invalid:8080/x?y',
      headers: {
        host: 'charts.invalid:8080',
        authorization: basic('anna:a@b'),
        'proxy-authorization': basic('who:s@'),
      },
    });
  });

  it('is not told', async () => {
    const { message } = await faultOf(new NodeHttp({}).send({ method: 'GET', url: 'http://anna:secret@127.0.0.1:1/' }));
    expect(message).toMatch(/^Get "http:\/\/anna:\*\*\*@127\.0\.0\.1:1\/": dial tcp/);
    const proxied = new NodeHttp({ HTTP_PROXY: 'http://who:secret@:::' });
    const fault = await faultOf(proxied.send({ method: 'GET', url: 'http://charts.invalid/' }));
    expect([fault.code, fault.message.includes('secret')]).toEqual(['target', false]);
  });

  it('is no reason to fail otherwise than by an error: headers that cannot be sent', async () => {
    const headers = { authorization: 'Bearer a\nb' };
    const fault = await faultOf(new NodeHttp({}).send({ method: 'GET', url: 'http://127.0.0.1:1/', headers }));
    expect(fault.code).toBe('fetch-failed');
  });
});
