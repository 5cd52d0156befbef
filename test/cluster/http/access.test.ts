import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueCertificate } from '../../../src/cluster/serve/certificates.ts';
import { expectGolden, transcript } from './transcript.ts';
import { get } from './raw-request.ts';
import { type ServedFixture, serveForTest } from './served.ts';

let fixture: ServedFixture;

beforeAll(async () => {
  fixture = await serveForTest();
});
afterAll(() => fixture.close());

async function kubectl(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await fixture.kubectl(args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

/** What is refused, as the user sees it. */
async function refused(...args: readonly string[]): Promise<string> {
  const { code, stderr } = await fixture.kubectl(args);
  expect(code).toBe(1);
  return stderr;
}

describe('who may do what', () => {
  it('is told to the administrator', async () => {
    const { kubectl: program } = fixture;
    const lines = [
      'kubectl auth whoami',
      'kubectl auth can-i create pods',
      'kubectl auth can-i --list',
      'kubectl auth can-i delete nodes --as=jane --as-group=crew',
      'kubectl auth can-i --list --as=jane',
      'kubectl auth whoami --as=jane --as-group=crew --as-uid=7',
      'kubectl auth can-i get /version --as=jane',
      'kubectl create serviceaccount robot',
      'kubectl create role reader --verb=get,list --resource=pods,pods/log',
      'kubectl create rolebinding reader --role=reader --serviceaccount=default:robot',
      'kubectl auth can-i list pods --as=system:serviceaccount:default:robot',
      'kubectl auth can-i list pods --as=system:serviceaccount:default:robot -n kube-system',
      'kubectl auth can-i list pods --subresource=log --as=system:serviceaccount:default:robot',
      'kubectl auth can-i --list --as=system:serviceaccount:default:robot',
      'kubectl get clusterroles',
      'kubectl describe clusterrole view',
      'kubectl get clusterrolebindings -o wide',
    ];
    expectGolden('kubectl/access.txt', await transcript({ kubectl: program }, lines));
  });

  it('holds for tokens of service accounts', async () => {
    await kubectl('create', 'namespace', 'crew');
    await kubectl('create', 'serviceaccount', 'bot', '-n', 'crew');
    await kubectl('create', 'rolebinding', 'bot', '--clusterrole=view', '--serviceaccount=crew:bot', '-n', 'crew');
    const token = (await kubectl('create', 'token', 'bot', '-n', 'crew', '--duration=24h')).trim();
    const as = ['--token', token, '-n', 'crew'];
    // A kubeconfig's own token would win.
    const config = join(fixture.folder, 'bot');
    const { url, keys } = fixture.served;
    const authority = Buffer.from(keys.authority.certificate).toString('base64');
    writeFileSync(
      config,
      `apiVersion: v1\nkind: Config\ncurrent-context: x\ncontexts: [{name: x, context: {cluster: x, user: x}}]\nusers: [{name: x, user: {}}]\nclusters: [{name: x, cluster: {server: "${url}", certificate-authority-data: ${authority}}}]\n`,
    );
    const bot = (...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
      fixture.kubectl([...args, ...as, '--kubeconfig', config]);
    const who = JSON.parse((await bot('auth', 'whoami', '-o', 'json')).stdout) as {
      status: { userInfo: { username: string; groups: string[]; extra: Record<string, string[]> } };
    };
    expect(who.status.userInfo).toMatchObject({
      username: 'system:serviceaccount:crew:bot',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:crew', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^JTI=[0-9a-f-]{36}$/)] },
    });
    expect((await bot('get', 'pods')).stderr).toContain('No resources found');
    expect((await bot('create', 'configmap', 'a')).stderr).toBe(
      'error: failed to create configmap: configmaps is forbidden: User "system:serviceaccount:crew:bot" cannot create resource "configmaps" in API group "" in the namespace "crew"\n',
    );
    expect((await bot('get', 'nodes')).stderr).toBe(
      'Error from server (Forbidden): nodes is forbidden: User "system:serviceaccount:crew:bot" cannot list resource "nodes" in API group "" at the cluster scope\n',
    );
    expect((await bot('get', 'secret', 'x')).stderr).toContain('secrets "x" is forbidden: User');
    await kubectl('delete', 'serviceaccount', 'bot', '-n', 'crew');
    expect((await bot('get', 'pods')).stderr).toContain('error: You must be logged in to the server');
  });

  it('needs credentials for all but health and version', async () => {
    for (const path of ['/version', '/healthz', '/livez', '/readyz']) {
      expect((await get(fixture, path, {})).code).toBe(200);
    }
    for (const path of ['/', '/api', '/apis', '/openapi/v3', '/metrics', '/api/v1/pods', '/openid/v1/jwks']) {
      const answer = await get(fixture, path, {});
      expect(answer.code).toBe(403);
      expect(answer.text).toContain('system:anonymous');
    }
    for (const authorization of ['Bearer nonsense', 'Basic eDp5', 'Bearer', 'Bearer a.b.c']) {
      const answer = await get(fixture, '/api/v1/pods', { authorization });
      expect({ authorization, code: answer.code }).toEqual({ authorization, code: 401 });
      expect(JSON.parse(answer.text)).toMatchObject({
        kind: 'Status',
        reason: 'Unauthorized',
        message: 'Unauthorized',
      });
    }
  });

  it('knows client certificates', async () => {
    const { authority } = fixture.served.keys;
    const jane = await issueCertificate(
      authority,
      { kind: 'client', user: 'jane', groups: ['crew', 'deck'] },
      Date.now(),
    );
    const body = '{"kind":"SelfSubjectReview","apiVersion":"authentication.k8s.io/v1"}';
    const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    const answer = await get(fixture, path, {}, { method: 'POST', body, certificate: jane });
    expect(JSON.parse(answer.text)).toMatchObject({
      status: { userInfo: { username: 'jane', groups: ['crew', 'deck', 'system:authenticated'] } },
    });
    const foreign = await issueCertificate(
      jane,
      { kind: 'client', user: 'eve', groups: ['system:masters'] },
      Date.now(),
    );
    expect((await get(fixture, '/version', {}, { certificate: foreign })).code).toBe(401);
  });

  it('lets nobody grant more than they hold', async () => {
    await kubectl('create', 'namespace', 'yard');
    await kubectl('create', 'rolebinding', 'jane', '--clusterrole=admin', '--user=jane', '-n', 'yard');
    const jane = ['-n', 'yard', '--as=jane'];
    await kubectl('create', 'role', 'pods', '--verb=get', '--resource=pods', ...jane);
    expect(await refused('create', 'role', 'nodes', '--verb=get,list', '--resource=nodes,secrets', ...jane)).toBe(
      'Error from server (Forbidden): roles.rbac.authorization.k8s.io "nodes" is forbidden: user "jane" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["nodes"], Verbs:["get" "list"]}\n',
    );
    expect(await refused('create', 'rolebinding', 'x', '--clusterrole=cluster-admin', '--user=eve', ...jane)).toContain(
      'is attempting to grant RBAC permissions not currently held:\n{APIGroups:["*"], Resources:["*"], Verbs:["*"]}',
    );
    await kubectl('create', 'rolebinding', 'y', '--clusterrole=view', '--user=eve', ...jane);
  });

  it('impersonates only for those who may', async () => {
    const { stderr } = await fixture.kubectl(['get', 'pods', '--as=system:serviceaccount:default:robot', '-n', 'yard']);
    expect(stderr).toContain('User "system:serviceaccount:default:robot" cannot list resource "pods"');
    const token = (await kubectl('create', 'token', 'robot')).trim();
    const answer = await get(fixture, '/api/v1/namespaces/default/pods', {
      authorization: `Bearer ${token}`,
      'impersonate-user': 'kubernetes-admin',
      'impersonate-group': 'system:masters',
    });
    expect(answer.code).toBe(403);
    expect(JSON.parse(answer.text)).toMatchObject({
      message:
        'users "kubernetes-admin" is forbidden: User "system:serviceaccount:default:robot" cannot impersonate resource "users" in API group "" at the cluster scope',
    });
  });

  it('reviews tokens, also of pods', async () => {
    await kubectl('run', 'web', '--image=nginx:1.29');
    await kubectl('wait', '--for=condition=Ready', 'pod/web', '--timeout=120s');
    const token = (
      await kubectl(
        'create',
        'token',
        'default',
        '--bound-object-kind=Pod',
        '--bound-object-name=web',
        '--audience=shop',
      )
    ).trim();
    const review = async (audiences: readonly string[]): Promise<unknown> => {
      const body = JSON.stringify({ spec: { token, audiences } });
      const headers = { authorization: `Bearer ${fixture.served.keys.token}`, 'content-type': 'application/json' };
      const path = '/apis/authentication.k8s.io/v1/tokenreviews';
      return (JSON.parse((await get(fixture, path, headers, { method: 'POST', body })).text) as { status: unknown })
        .status;
    };
    expect(await review(['shop'])).toMatchObject({
      authenticated: true,
      audiences: ['shop'],
      user: {
        username: 'system:serviceaccount:default:default',
        extra: { 'authentication.kubernetes.io/pod-name': ['web'] },
      },
    });
    expect(await review([])).toEqual({ user: {}, error: 'token audiences do not match' });
    expect((await get(fixture, '/api/v1/pods', { authorization: `Bearer ${token}` })).code).toBe(401);
    await kubectl('delete', 'pod', 'web', '--now');
    expect(await review(['shop'])).toEqual({ user: {}, error: 'invalid bearer token' });
    expect(await refused('create', 'token', 'default', '--duration=1m')).toContain(
      'spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes',
    );
    expect(await refused('create', 'token', 'nobody')).toContain('serviceaccounts "nobody" not found');
  });

  it('publishes the keys of tokens', async () => {
    const headers = { authorization: `Bearer ${fixture.served.keys.token}` };
    const { jwks_uri: uri } = JSON.parse((await get(fixture, '/.well-known/openid-configuration', headers)).text) as {
      jwks_uri: string;
    };
    const { createRemoteJWKSet, customFetch, jwtVerify } = await import('jose');
    const keys = createRemoteJWKSet(new URL(uri), {
      [customFetch]: async (url: string) => {
        const { text } = await get(fixture, new URL(url).pathname, headers);
        return new Response(text, { status: 200 });
      },
    });
    const token = (await kubectl('create', 'token', 'default')).trim();
    const { payload } = await jwtVerify(token, keys, { currentDate: new Date(fixture.embedded.cluster.clock.now()) });
    expect(payload).toMatchObject({
      iss: 'https://kubernetes.default.svc.cluster.local',
      sub: 'system:serviceaccount:default:default',
      'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'default' } },
    });
  });
});
