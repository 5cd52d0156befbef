import { describe, expect, it } from 'vitest';
import type { ApiServer } from '../../../src/cluster/apiserver/api-server.ts';
import type { KubeClient } from '../../../src/client/kube-client.ts';
import type { ResourceType } from '../../../src/kube/object.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import type { Status } from '../../../src/kube/status-error.ts';
import { resourceType } from '../../../src/cluster/registry/resource-type.ts';
import { refusal, testServer } from './support.ts';

const GROUP = 'admissionregistration.k8s.io/v1';
const POLICIES = resourceType(GROUP, 'ValidatingAdmissionPolicy', 'validatingadmissionpolicies', {
  clusterScoped: true,
});
const BINDINGS = resourceType(GROUP, 'ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings', {
  clusterScoped: true,
});
const ADMIN = { name: 'ann', groups: ['system:masters'] };
const CONFIG_MAPS = [
  { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] },
];

async function install(client: KubeClient, spec: object, binding: object = {}, name = 'p'): Promise<void> {
  await client.create(POLICIES, {
    metadata: { name },
    spec: { matchConstraints: { resourceRules: CONFIG_MAPS }, ...spec },
  });
  await client.create(BINDINGS, {
    metadata: { name: `${name}-b` },
    spec: { policyName: name, validationActions: ['Deny'], ...binding },
  });
}

interface Told {
  readonly warnings: string[];
  readonly notes: Record<string, string>;
  readonly status: Status | undefined;
}

/** Creates a ConfigMap as a client over HTTP would, and gives back all that it hears. */
async function tell(
  server: ApiServer,
  data: object,
  more: object = {},
  type: ResourceType = RESOURCES.configMaps,
): Promise<Told> {
  const warnings: string[] = [];
  const notes: Record<string, string> = {};
  const request = server.handle({
    verb: 'create',
    type,
    namespace: 'default',
    user: ADMIN,
    body: { metadata: { name: 'c', ...more }, ...data },
    dryRun: true,
    warn: (message) => warnings.push(message),
    audit: (key, value) => {
      notes[key] = value;
    },
  });
  const status = await request.then(
    () => undefined,
    (error: { status: Status }) => error.status,
  );
  return { warnings, notes, status };
}

describe('ValidatingAdmissionPolicy', () => {
  it('refuses with the message of the validation', async () => {
    const { server, client } = await testServer();
    await install(client, { validations: [{ expression: 'object.data.x == "1"', message: 'x must be 1' }] });
    const message = `configmaps "c" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'p-b' denied request: x must be 1`;
    const cause = `ValidatingAdmissionPolicy 'p' with binding 'p-b' denied request: x must be 1`;
    expect((await tell(server, { data: { x: '2' } })).status).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason: 'Invalid',
      details: { name: 'c', kind: 'configmaps', causes: [{ message: cause }] },
      code: 422,
    });
    expect((await tell(server, { data: { x: '1' } })).status).toBeUndefined();
  });

  it.each([
    [{ expression: 'object.data.x == "1"' }, 422, 'failed expression: object.data.x == "1"'],
    [
      { expression: 'object.data.x == "1"', messageExpression: '"not " + object.data.x', reason: 'Forbidden' },
      403,
      'not 2',
    ],
    [{ expression: 'false', message: 'plain', messageExpression: 'object.data.nope' }, 422, 'plain'],
    [
      { expression: 'object.data.nope == "1"' },
      422,
      `expression 'object.data.nope == "1"' resulted in error: no such key: nope`,
    ],
    [{ expression: 'variables.isTwo ? false : true', message: 'two' }, 422, 'two'],
    [{ expression: 'request.operation == "UPDATE"', message: 'op' }, 422, 'op'],
    [{ expression: 'namespaceObject.metadata.name != "default"', message: 'ns' }, 422, 'ns'],
    [{ expression: 'oldObject != null', message: 'new' }, 422, 'new'],
    [
      { expression: '!authorizer.group("").resource("secrets").check("get").allowed()', message: 'authz' },
      422,
      'authz',
    ],
  ])('says of %o', async (validation, code, text) => {
    const { server, client } = await testServer();
    const variables = [
      { name: 'x', expression: 'object.data.x' },
      { name: 'isTwo', expression: 'variables.x == "2"' },
    ];
    await install(client, { variables, validations: [validation] });
    const { status } = await tell(server, { data: { x: '2' } });
    expect(status?.code).toBe(code);
    expect(status?.message).toContain(`denied request: ${text}`);
  });

  it('warns and notes as the binding says', async () => {
    const { server, client } = await testServer();
    const auditAnnotations = [{ key: 'x', valueExpression: '"x is " + object.data.x' }];
    const validations = [{ expression: 'false', message: 'no' }];
    await install(client, { validations, auditAnnotations }, { validationActions: ['Warn', 'Audit'] });
    expect(await tell(server, { data: { x: '2' } })).toEqual({
      status: undefined,
      warnings: [`Validation failed for ValidatingAdmissionPolicy 'p' with binding 'p-b': no`],
      notes: {
        'p/x': 'x is 2',
        'validation.policy.admission.k8s.io/validation_failure':
          '[{"message":"no","policy":"p","binding":"p-b","expressionIndex":0,"validationActions":["Warn","Audit"]}]',
      },
    });
  });

  it('looks at what it matches only', async () => {
    const { server, client } = await testServer();
    const validations = [{ expression: 'false' }];
    const excludeResourceRules = [{ ...CONFIG_MAPS[0], resourceNames: ['free'] }];
    const objectSelector = { matchLabels: { held: 'yes' } };
    await install(client, {
      validations,
      matchConstraints: { resourceRules: CONFIG_MAPS, excludeResourceRules, objectSelector },
      matchConditions: [{ name: 'has-x', expression: 'has(object.data) && has(object.data.x)' }],
    });
    const of = async (data: object, more: object): Promise<boolean> =>
      (await tell(server, data, more)).status !== undefined;
    const labels = { held: 'yes' };
    const data = { data: { x: '1' } };
    expect(await of(data, { labels })).toBe(true);
    expect(await of(data, {})).toBe(false);
    expect(await of({}, { labels })).toBe(false);
    expect(await of(data, { labels, name: 'free' })).toBe(false);
  });

  it('is evaluated once for each parameter', async () => {
    const { server, client } = await testServer();
    const spec = {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      validations: [{ expression: 'object.data.x != params.data.bad', messageExpression: '"not " + params.data.bad' }],
    };
    const selector = { matchLabels: { role: 'limit' } };
    await install(client, spec, { paramRef: { selector, parameterNotFoundAction: 'Deny' } });
    const missing =
      'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction';
    expect((await tell(server, { data: { x: '2' } })).status?.message).toContain(missing);
    await client.delete(BINDINGS, { name: 'p-b' });
    for (const bad of ['1', '2']) {
      const metadata = { name: `limit-${bad}`, namespace: 'default', labels: { role: 'limit' } };
      await client.create(RESOURCES.configMaps, { metadata, data: { bad } });
    }
    const paramRef = { selector, parameterNotFoundAction: 'Allow' };
    await client.create(BINDINGS, {
      metadata: { name: 'b' },
      spec: { policyName: 'p', validationActions: ['Deny'], paramRef },
    });
    expect((await tell(server, { data: { x: '2' } })).status?.message).toContain('denied request: not 2');
    expect((await tell(server, { data: { x: '3' } })).status).toBeUndefined();
  });

  it('fails open where it says so', async () => {
    const { server, client } = await testServer();
    await install(client, { failurePolicy: 'Ignore', validations: [{ expression: 'object.nope' }] });
    expect((await tell(server, {})).status).toBeUndefined();
  });

  it('is refused when its expressions cannot be compiled', async () => {
    const { client } = await testServer();
    const spec = {
      validations: [
        { expression: 'nobody == 1' },
        { expression: '"text"' },
        { expression: 'true', messageExpression: '1' },
      ],
    };
    expect((await refusal(install(client, spec))).message).toBe(
      'ValidatingAdmissionPolicy.admissionregistration.k8s.io "p" is invalid: [' +
        'spec.validations[0].expression: Invalid value: "nobody == 1": compilation failed: ERROR: <input>:1:1: ' +
        "undeclared reference to 'nobody' (in container '')\n | nobody == 1\n | ^, " +
        'spec.validations[1].expression: Invalid value: "\\"text\\"": must evaluate to bool but got string, ' +
        'spec.validations[2].messageExpression: Invalid value: "1": must evaluate to string but got int]',
    );
  });

  it('runs out of steps', async () => {
    const { server, client } = await testServer();
    const list = '[0,1,2,3,4,5,6,7,8,9]';
    const loops = Array.from({ length: 6 }, (_, i) => `${list}.all(v${i}, `).join('');
    await install(client, { validations: [{ expression: `${loops}v0 + v5 >= 0${')'.repeat(6)}` }] });
    expect((await tell(server, {})).status?.message).toContain('actual cost limit exceeded');
  });
});
