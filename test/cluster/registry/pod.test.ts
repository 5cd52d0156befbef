import { describe, expect, test } from 'vitest';
import { create, make, set, stored, strategyOf, update, type Json } from './support.ts';
import { LABEL, NEGATIVE, PORT_RANGE, QUALIFIED, SUBDOMAIN } from './texts.ts';

const C = 'spec.containers[0]';
const HTTP = { httpGet: { path: '/', port: 80 } };

const REFUSED: readonly (readonly [Json, string])[] = [
  [{ 'spec.containers': undefined }, 'spec.containers: Required value'],
  [{ [`${C}.name`]: undefined }, `${C}.name: Required value`],
  [{ [`${C}.name`]: 'My_App' }, `${C}.name: Invalid value: "My_App": ${LABEL}`],
  [{ [`${C}.image`]: undefined }, `${C}.image: Required value`],
  [{ [`${C}.image`]: ' nginx' }, `${C}.image: Invalid value: " nginx": must not have leading or trailing whitespace`],
  [{ 'spec.containers[1]': { name: 'app', image: 'x' } }, 'spec.containers[1].name: Duplicate value: "app"'],
  [{ 'spec.initContainers': [{ name: 'app', image: 'x' }] }, 'spec.initContainers[0].name: Duplicate value: "app"'],
  [
    { 'spec.initContainers': [{ name: 'init', image: 'x', readinessProbe: HTTP }] },
    'spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
  ],
  [
    { 'spec.restartPolicy': 'Sometimes' },
    'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
  ],
  [
    { 'spec.dnsPolicy': 'Foo' },
    'spec.dnsPolicy: Unsupported value: "Foo": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
  ],
  [{ 'spec.dnsPolicy': 'None' }, 'spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
  [
    { [`${C}.imagePullPolicy`]: 'Ever' },
    `${C}.imagePullPolicy: Unsupported value: "Ever": supported values: "Always", "IfNotPresent", "Never"`,
  ],
  [{ [`${C}.ports`]: [{ containerPort: 0 }] }, `${C}.ports[0].containerPort: Required value`],
  [{ [`${C}.ports`]: [{ containerPort: 70000 }] }, `${C}.ports[0].containerPort: Invalid value: 70000: ${PORT_RANGE}`],
  [
    {
      [`${C}.ports`]: [
        { name: 'http', containerPort: 80 },
        { name: 'http', containerPort: 81 },
      ],
    },
    `${C}.ports[1].name: Duplicate value: "http"`,
  ],
  [
    { [`${C}.ports`]: [{ name: 'a-very-long-port-name', containerPort: 80 }] },
    `${C}.ports[0].name: Invalid value: "a-very-long-port-name": must be no more than 15 characters`,
  ],
  [
    { [`${C}.ports`]: [{ containerPort: 80, protocol: 'tcp' }] },
    `${C}.ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"`,
  ],
  [
    { 'spec.hostNetwork': true, [`${C}.ports`]: [{ containerPort: 80, hostPort: 81 }] },
    `${C}.ports[0].hostPort: Invalid value: 81: must match \`containerPort\` when \`hostNetwork\` is true`,
  ],
  [{ [`${C}.env`]: [{ name: '' }] }, `${C}.env[0].name: Required value`],
  [
    { [`${C}.env`]: [{ name: 'A=B', value: 'x' }] },
    `${C}.env[0].name: Invalid value: "A=B": a valid environment variable name must consist only of printable ASCII characters other than '='`,
  ],
  [
    { [`${C}.env`]: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] },
    `${C}.env[0].valueFrom: Invalid value: "": may not be specified when \`value\` is not empty`,
  ],
  [
    { [`${C}.env`]: [{ name: 'A', valueFrom: {} }] },
    `${C}.env[0].valueFrom: Invalid value: "": must specify one of: \`fieldRef\`, \`resourceFieldRef\`, \`configMapKeyRef\` or \`secretKeyRef\``,
  ],
  [
    { [`${C}.env`]: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.foo' } } }] },
    `${C}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.foo": error converting fieldPath: field label not supported: metadata.foo`,
  ],
  [
    { [`${C}.env`]: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'x' } } }] },
    `${C}.env[0].valueFrom.secretKeyRef.key: Required value`,
  ],
  [
    { [`${C}.envFrom`]: [{}] },
    `${C}.envFrom: Invalid value: "": must specify one of: \`configMapRef\` or \`secretRef\``,
  ],
  [{ [`${C}.volumeMounts`]: [{ name: 'data', mountPath: '/d' }] }, `${C}.volumeMounts[0].name: Not found: "data"`],
  [
    { [`${C}.volumeMounts`]: [{ name: 'data' }], 'spec.volumes': [{ name: 'data' }] },
    `${C}.volumeMounts[0].mountPath: Required value`,
  ],
  [
    { 'spec.volumes': [{ name: 'data', emptyDir: {}, hostPath: { path: '/' } }] },
    'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
  ],
  [{ 'spec.volumes': [{ name: 'data' }, { name: 'data' }] }, 'spec.volumes[1].name: Duplicate value: "data"'],
  [{ 'spec.volumes': [{ name: 'Data_1' }] }, `spec.volumes[0].name: Invalid value: "Data_1": ${LABEL}`],
  [{ 'spec.volumes': [{ name: 'c', configMap: {} }] }, 'spec.volumes[0].configMap.name: Required value'],
  [
    { 'spec.volumes': [{ name: 'c', configMap: { name: 'c', items: [{ key: 'a', path: '../a' }] } }] },
    `spec.volumes[0].configMap.items[0].path: Invalid value: "../a": must not contain '..'`,
  ],
  [
    { [`${C}.resources`]: { requests: { cpu: '2' }, limits: { cpu: '1' } } },
    `${C}.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1`,
  ],
  [
    { [`${C}.resources`]: { requests: { cpus: '2' } } },
    `[${C}.resources.requests[cpus]: Invalid value: "cpus": must be a standard resource type or fully qualified, ${C}.resources.requests[cpus]: Invalid value: "cpus": must be a standard resource for containers]`,
  ],
  [
    { [`${C}.resources`]: { requests: { cpu: '-2' } } },
    `${C}.resources.requests[cpu]: Invalid value: "-2": ${NEGATIVE}`,
  ],
  [{ [`${C}.livenessProbe`]: {} }, `${C}.livenessProbe: Required value: must specify a handler type`],
  [
    { [`${C}.livenessProbe`]: { ...HTTP, exec: { command: ['x'] } } },
    `${C}.livenessProbe.httpGet: Forbidden: may not specify more than 1 handler type`,
  ],
  [
    { [`${C}.livenessProbe`]: { httpGet: { path: '/', port: 0 } } },
    `${C}.livenessProbe.httpGet.port: Invalid value: 0: ${PORT_RANGE}`,
  ],
  [
    { [`${C}.livenessProbe`]: { ...HTTP, successThreshold: 2 } },
    `${C}.livenessProbe.successThreshold: Invalid value: 2: must be 1`,
  ],
  [
    { [`${C}.readinessProbe`]: { ...HTTP, periodSeconds: -1 } },
    `${C}.readinessProbe.periodSeconds: Invalid value: -1: ${NEGATIVE}`,
  ],
  [{ [`${C}.lifecycle`]: { preStop: {} } }, `${C}.lifecycle.preStop: Required value: must specify a handler type`],
  [{ 'spec.nodeSelector': { 'a b': 'c' } }, `spec.nodeSelector: Invalid value: "a b": ${QUALIFIED}`],
  [{ 'spec.serviceAccountName': 'A' }, `spec.serviceAccountName: Invalid value: "A": ${SUBDOMAIN}`],
  [
    { 'spec.tolerations': [{ operator: 'Exists', key: 'a', value: 'b' }] },
    `spec.tolerations[0].operator: Invalid value: "b": value must be empty when \`operator\` is 'Exists'`,
  ],
  [
    { 'spec.tolerations': [{ key: 'a', effect: 'X' }] },
    'spec.tolerations[0].effect: Unsupported value: "X": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
  ],
  [
    {
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution': { nodeSelectorTerms: [] },
    },
    'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
  ],
  [
    { 'spec.topologySpreadConstraints': [{ maxSkew: 0, topologyKey: 'a', whenUnsatisfiable: 'x' }] },
    '[spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero, spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "x": supported values: "DoNotSchedule", "ScheduleAnyway"]',
  ],
  [
    { 'spec.securityContext': { runAsUser: -1 } },
    'spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive',
  ],
  [
    { [`${C}.securityContext`]: { privileged: true, allowPrivilegeEscalation: false } },
    `${C}.securityContext: Invalid value: {"Capabilities":null,"Privileged":true,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`,
  ],
  [
    { 'spec.ephemeralContainers': [{ name: 'd', image: 'x' }] },
    'spec.ephemeralContainers: Forbidden: cannot be set on create',
  ],
];

describe('a new pod', () => {
  test.each(REFUSED)('%o', (values, message) => {
    expect(create(make.pod(values)).message).toBe(`Pod "web" is invalid: ${message}`);
  });

  test('gets the defaults of Kubernetes and starts as Pending', () => {
    expect(stored(make.pod())).toMatchObject({
      spec: {
        containers: [
          {
            name: 'app',
            image: 'nginx:1.25',
            imagePullPolicy: 'IfNotPresent',
            terminationMessagePath: '/dev/termination-log',
            terminationMessagePolicy: 'File',
            resources: {},
          },
        ],
        dnsPolicy: 'ClusterFirst',
        enableServiceLinks: true,
        restartPolicy: 'Always',
        schedulerName: 'default-scheduler',
        securityContext: {},
        terminationGracePeriodSeconds: 30,
      },
      status: { phase: 'Pending', qosClass: 'BestEffort' },
    });
  });

  test.each([
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['nginx:1.25', 'IfNotPresent'],
    ['localhost:5000/nginx', 'Always'],
    ['localhost:5000/nginx:1', 'IfNotPresent'],
    [`nginx@sha256:${'0'.repeat(64)}`, 'IfNotPresent'],
  ])('pulls %s %s', (image, imagePullPolicy) => {
    const pod = stored(make.pod({ [`${C}.image`]: image }));
    expect(pod).toMatchObject({ spec: { containers: [{ imagePullPolicy }] } });
  });

  test('has probes with their numbers, and ports with a protocol', () => {
    const pod = stored(make.pod({ [`${C}.livenessProbe`]: HTTP, [`${C}.ports`]: [{ containerPort: 80 }] }));
    expect(pod).toMatchObject({
      spec: {
        containers: [
          {
            livenessProbe: {
              httpGet: { path: '/', port: 80, scheme: 'HTTP' },
              timeoutSeconds: 1,
              periodSeconds: 10,
              successThreshold: 1,
              failureThreshold: 3,
            },
            ports: [{ containerPort: 80, protocol: 'TCP' }],
          },
        ],
      },
    });
  });

  test('has volumes with their modes', () => {
    const volumes = [
      { name: 'a' },
      { name: 'b', configMap: { name: 'b' } },
      { name: 'c', secret: { secretName: 'c' } },
      { name: 'd', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
      { name: 'e', hostPath: { path: '/e' } },
    ];
    expect(stored(make.pod({ 'spec.serviceAccountName': 'web', 'spec.volumes': volumes }))).toMatchObject({
      spec: {
        volumes: [
          { name: 'a', emptyDir: {} },
          { name: 'b', configMap: { name: 'b', defaultMode: 420 } },
          { name: 'c', secret: { secretName: 'c', defaultMode: 420 } },
          {
            name: 'd',
            projected: {
              defaultMode: 420,
              sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3600 } }],
            },
          },
          { name: 'e', hostPath: { path: '/e', type: '' } },
        ],
      },
    });
  });

  test.each([
    [{ limits: { cpu: '1', memory: '1Gi' } }, 'Guaranteed'],
    [{ limits: { cpu: '1' } }, 'Burstable'],
    [{ requests: { cpu: '1' } }, 'Burstable'],
    [{}, 'BestEffort'],
  ])('with resources %o is %s', (resources, qosClass) => {
    expect(stored(make.pod({ [`${C}.resources`]: resources }))).toMatchObject({ status: { qosClass } });
  });

  test('requests what it limits', () => {
    const pod = stored(make.pod({ [`${C}.resources`]: { limits: { cpu: '1' } } }));
    expect(pod).toMatchObject({ spec: { containers: [{ resources: { requests: { cpu: '1' } } }] } });
  });
});

const ONLY =
  'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

describe('a changed pod', () => {
  test.each([
    [{ [`${C}.image`]: 'nginx:2' }],
    [{ 'spec.tolerations': [{ key: 'a', operator: 'Exists' }] }],
    [{ 'spec.activeDeadlineSeconds': 5 }],
    [{ 'metadata.labels': { a: 'b' } }],
  ] as const)('may have %o', (values) => {
    const { message } = update(stored(make.pod()), (pod) => {
      for (const [path, value] of Object.entries(values)) set(pod, path, value);
    });
    expect(message).toBeUndefined();
  });

  test.each([
    [{ [`${C}.command`]: ['x'] }, ONLY],
    [{ 'spec.nodeName': 'node' }, ONLY],
    [{ [`${C}.image`]: '' }, `${C}.image: Required value`],
    [
      { 'spec.containers[1]': { name: 'b', image: 'c' } },
      'spec.containers: Forbidden: pod updates may not add or remove containers',
    ],
  ])('may not have %o', (values, message) => {
    const outcome = update(stored(make.pod()), (pod) => {
      for (const [path, value] of Object.entries(values)) set(pod, path, value);
    });
    expect(outcome.message).toContain(message);
  });

  test('keeps its status, and through status everything else', () => {
    const pod = stored(make.pod());
    const both = (draft: Json): void => {
      set(draft, 'status.phase', 'Running');
      set(draft, `${C}.image`, 'other');
    };
    expect(update(pod, both).object).toMatchObject({
      spec: { containers: [{ image: 'other' }] },
      status: { phase: 'Pending' },
    });
    expect(update(pod, both, { subresource: 'status' }).object).toMatchObject({
      spec: { containers: [{ image: 'nginx:1.25' }] },
      status: { phase: 'Running' },
    });
  });

  test('changes its resources only through resize', () => {
    const pod = stored(make.pod({ [`${C}.resources`]: { requests: { cpu: '1' } } }));
    const more = (draft: Json): void => set(draft, `${C}.resources.requests.cpu`, '2');
    expect(update(pod, more).message).toContain(ONLY);
    const resized = update(pod, more, { subresource: 'resize' });
    expect(resized.message).toBeUndefined();
    expect(resized.object).toMatchObject({ spec: { containers: [{ resources: { requests: { cpu: '2' } } }] } });
  });
});

describe('the strategy of pods', () => {
  const strategy = strategyOf('/pods');

  test('gives running pods time to end', () => {
    const bound = stored(make.pod({ 'spec.nodeName': 'node' }));
    expect(strategy.gracePeriod?.(stored(make.pod()), undefined)).toBe(0);
    expect(strategy.gracePeriod?.(bound, undefined)).toBe(30);
    expect(strategy.gracePeriod?.(bound, 5)).toBe(5);
  });

  test('selects by node, phase and more', () => {
    expect(strategy.selectableFields?.(stored(make.pod({ 'spec.nodeName': 'node' })))).toMatchObject({
      'spec.nodeName': 'node',
      'spec.restartPolicy': 'Always',
      'status.phase': 'Pending',
    });
  });
});
