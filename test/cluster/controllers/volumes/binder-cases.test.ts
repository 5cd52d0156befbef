import { expect, test } from 'vitest';
import { createVolumeController } from '../../../../src/cluster/controllers/volumes/volume-controller.ts';
import { createVolumeProtectionController } from '../../../../src/cluster/controllers/volumes/volume-protection.ts';
import type { Event, PersistentVolume, PersistentVolumeClaim } from '../../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { type WorkloadCluster, workloadCluster } from '../support/workload-cluster.ts';

// Inputs and results of kubernetes: pkg/controller/volume/persistentvolume binder_test.go, delete_test.go, recycle_test.go

/** Controller annotations in short: `c` bound by the controller, `d` binding done, `p` made by a provisioner. */
type Marks = string;

interface VolumeSketch {
  readonly size?: string;
  /** The claim it is meant for: `name`, `name@uid` with the uid of the case's claim, `name@other`. */
  readonly for?: string;
  readonly phase?: string;
  readonly marks?: Marks;
  readonly policy?: string;
  readonly class?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly path?: string;
}

interface ClaimSketch {
  readonly size?: string;
  readonly volume?: string;
  readonly phase?: string;
  readonly marks?: Marks;
  readonly class?: string;
  readonly selector?: Readonly<Record<string, string>>;
}

interface Case {
  readonly volumes?: readonly VolumeSketch[];
  readonly claim?: ClaimSketch;
  /** Volumes: `phase claim? marks`; then the claim: `phase volume? marks`; then reasons of events. */
  readonly result: string;
}

const LABELS = { foo: 'true', bar: 'false' };

// Volumes of a case are called a, b, …
const CASES: Readonly<Record<string, Case>> = {
  'a claim takes a volume that fits': { volumes: [{}], claim: {}, result: 'a Bound claim c | Bound a cd' },
  'none is large enough': {
    volumes: [{}],
    claim: { size: '10Gi' },
    result: 'a Available - | Pending - | FailedBinding',
  },
  'a claim that is bound by mistake is pending': {
    volumes: [{}],
    claim: { size: '10Gi', phase: 'Bound' },
    result: 'a Available - | Pending - | FailedBinding',
  },
  'the smallest': {
    volumes: [{ size: '10Gi' }, {}],
    claim: {},
    result: 'a Available - b Bound claim c | Bound b cd',
  },
  'the one meant for it by name, though another is smaller': {
    volumes: [{ size: '10Gi', for: 'claim' }, {}],
    claim: {},
    result: 'a Bound claim b Available - | Bound a cd',
  },
  'the one meant for it by uid': {
    volumes: [{ size: '10Gi', for: 'claim@uid' }, {}],
    claim: {},
    result: 'a Bound claim b Available - | Bound a cd',
  },
  'not one meant for an earlier claim of the name': {
    volumes: [{ size: '10Gi', for: 'claim@other' }],
    claim: {},
    result: 'a Released claim | Pending - | FailedBinding',
  },
  'goes on after the volume was written': {
    volumes: [{ for: 'claim@uid', marks: 'c' }],
    claim: {},
    result: 'a Bound claim c | Bound a cd',
  },
  'goes on after the phase of the volume was written': {
    volumes: [{ for: 'claim@uid', marks: 'c', phase: 'Bound' }],
    claim: {},
    result: 'a Bound claim c | Bound a cd',
  },
  'goes on after the claim was written': {
    volumes: [{ for: 'claim@uid', marks: 'c', phase: 'Bound' }],
    claim: { volume: 'a', marks: 'cd' },
    result: 'a Bound claim c | Bound a cd',
  },
  'by a selector': {
    volumes: [{ labels: LABELS }],
    claim: { selector: LABELS },
    result: 'a Bound claim c | Bound a cd',
  },
  'a selector that does not match': {
    volumes: [{}],
    claim: { selector: LABELS },
    result: 'a Available - | Pending - | FailedBinding',
  },
  'a claim names a volume that is not there': { claim: { volume: 'a' }, result: 'Pending a' },
  'a claim names a volume that is not there, and says it is bound': {
    claim: { volume: 'a', phase: 'Bound' },
    result: 'Pending a',
  },
  'a claim names its volume': { volumes: [{}], claim: { volume: 'a' }, result: 'a Bound claim c | Bound a d' },
  'claim and volume name each other': {
    volumes: [{ for: 'claim' }],
    claim: { volume: 'a' },
    result: 'a Bound claim | Bound a d',
  },
  'claim and volume name each other, by uid': {
    volumes: [{ for: 'claim@uid' }],
    claim: { volume: 'a' },
    result: 'a Bound claim | Bound a d',
  },
  'a claim names the volume of another': {
    volumes: [{ for: 'elsewhere@other', phase: 'Bound' }],
    claim: { volume: 'a', phase: 'Bound' },
    result: 'a Released elsewhere | Pending a | FailedBinding',
  },
  'the controller gave the claim the volume of another': {
    volumes: [{ for: 'elsewhere@other', phase: 'Bound' }],
    claim: { volume: 'a', phase: 'Bound', marks: 'c' },
    result: 'a Released elsewhere | Bound a c | FailedBinding',
  },
  'a named volume need not match the selector': {
    volumes: [{}],
    claim: { volume: 'a', selector: LABELS },
    result: 'a Bound claim c | Bound a d',
  },
  'a bound claim without its volume': {
    claim: { phase: 'Bound', marks: 'cd' },
    result: 'Lost - cd | ClaimLost',
  },
  'a bound claim whose volume is not there': {
    claim: { phase: 'Bound', marks: 'cd', volume: 'a' },
    result: 'Lost a cd | ClaimLost',
  },
  'a bound claim whose volume is free': {
    volumes: [{}],
    claim: { marks: 'cd', volume: 'a' },
    result: 'a Bound claim c | Bound a cd',
  },
  'a bound claim whose volume is meant for an earlier one': {
    volumes: [{ for: 'claim@other' }],
    claim: { marks: 'cd', volume: 'a' },
    result: 'a Released claim | Lost a cd | ClaimMisbound',
  },
  'both are bound': {
    volumes: [{ for: 'claim@uid' }],
    claim: { marks: 'd', volume: 'a' },
    result: 'a Bound claim | Bound a d',
  },
  'a bound claim whose volume has another': {
    volumes: [{ for: 'elsewhere@other' }],
    claim: { marks: 'd', volume: 'a' },
    result: 'a Released elsewhere | Lost a d | ClaimMisbound',
  },
  'a new volume is available': { volumes: [{ phase: 'Pending' }], result: 'a Available -' },
  'a volume meant for a claim that is not there yet': { volumes: [{ for: 'claim' }], result: 'a Available claim' },
  'a volume whose claim is gone': {
    volumes: [{ for: 'claim@other', phase: 'Bound' }],
    result: 'a Released claim',
  },
  'a volume of the controller whose claim went elsewhere': {
    volumes: [{ for: 'claim@uid', phase: 'Bound', marks: 'c' }],
    claim: { volume: 'elsewhere', phase: 'Bound' },
    result: 'a Available - | Pending elsewhere',
  },
  'a volume of the user whose claim went elsewhere': {
    volumes: [{ for: 'claim@uid', phase: 'Bound' }],
    claim: { volume: 'elsewhere', phase: 'Bound' },
    result: 'a Available claim | Pending elsewhere',
  },
  'two volumes were given to one claim': {
    volumes: [
      { for: 'claim@uid', phase: 'Bound', marks: 'c' },
      { for: 'claim@uid', phase: 'Bound', marks: 'c' },
    ],
    claim: { volume: 'a', phase: 'Bound', marks: 'cd' },
    result: 'a Bound claim c b Available - | Bound a cd',
  },
  'of the class it asks for, though another is smaller': {
    volumes: [{}, { size: '10Gi', class: 'gold' }],
    claim: { class: 'gold' },
    result: 'a Available - b Bound claim c | Bound b cd',
  },
  'without a class, though one with a class is smaller': {
    volumes: [{ class: 'gold' }, { size: '10Gi' }],
    claim: {},
    result: 'a Available - b Bound claim c | Bound b cd',
  },
  'of one class and not of another': {
    volumes: [{ class: 'silver' }, { size: '10Gi', class: 'gold' }],
    claim: { class: 'gold' },
    result: 'a Available - b Bound claim c | Bound b cd',
  },
  'a volume that is kept': {
    volumes: [{ for: 'claim@other', phase: 'Bound', policy: 'Retain' }],
    result: 'a Released claim',
  },
  'a volume that is deleted with its claim': {
    volumes: [{ for: 'claim@other', phase: 'Bound', policy: 'Delete', path: '/tmp/data' }],
    result: '',
  },
  'a volume that nobody can delete': {
    volumes: [{ for: 'claim@other', phase: 'Bound', policy: 'Delete', path: '/srv/data' }],
    result: 'a Failed claim | VolumeFailedDelete',
  },
  'a made volume that nobody is there to delete': {
    volumes: [{ for: 'claim@other', phase: 'Bound', policy: 'Delete', marks: 'p' }],
    result: 'a Released claim p',
  },
  'a volume that is scrubbed for the next claim': {
    volumes: [{ for: 'claim@other', phase: 'Bound', policy: 'Recycle', marks: 'c' }],
    result: 'a Available - | VolumeRecycled',
  },
  'a volume that is scrubbed and stays with a name': {
    volumes: [{ for: 'claim@other', phase: 'Bound', policy: 'Recycle' }],
    result: 'a Available claim | VolumeRecycled',
  },
};

const MARKS: Readonly<Record<string, string>> = {
  c: 'pv.kubernetes.io/bound-by-controller',
  d: 'pv.kubernetes.io/bind-completed',
  p: 'pv.kubernetes.io/provisioned-by',
};

function annotations(marks: Marks = ''): Record<string, string> {
  return Object.fromEntries(
    Array.from(marks, (mark) => mark).map((mark) => [MARKS[mark] ?? '', mark === 'p' ? 'example.com/other' : 'yes']),
  );
}

function marksOf(object: PersistentVolume | PersistentVolumeClaim): string {
  return Object.entries(MARKS)
    .filter(([, key]) => object.metadata.annotations?.[key] !== undefined)
    .map(([mark]) => mark)
    .join('');
}

/** Each case has a namespace and a prefix for its volumes. */
async function seed(cluster: WorkloadCluster, i: number, { volumes = [], claim }: Case): Promise<void> {
  const { client } = cluster;
  const namespace = `n${i}`;
  await client.create(RESOURCES.namespaces, { metadata: { name: namespace } });
  let uid = 'none';
  if (claim !== undefined) {
    const made = await client.create<PersistentVolumeClaim>(RESOURCES.persistentVolumeClaims, {
      metadata: { name: 'claim', namespace, annotations: annotations(claim.marks) },
      spec: {
        accessModes: ['ReadWriteOnce'],
        // Cases do not take each other's volumes.
        storageClassName: `n${i}${claim.class ?? ''}`,
        resources: { requests: { storage: claim.size ?? '1Gi' } },
        ...(claim.volume === undefined ? {} : { volumeName: `n${i}-${claim.volume}` }),
        ...(claim.selector === undefined ? {} : { selector: { matchLabels: claim.selector } }),
      },
    });
    uid = made.metadata.uid ?? '';
    if (claim.phase !== undefined) {
      const status = { phase: claim.phase };
      await client.update(RESOURCES.persistentVolumeClaims, { ...made, status }, { subresource: 'status' });
    }
  }
  for (const [position, sketch] of volumes.entries()) {
    const [name, owner] = sketch.for?.split('@') ?? [];
    const of = owner === undefined ? {} : { uid: owner === 'uid' ? uid : '00000000-other' };
    const made = await client.create<PersistentVolume>(RESOURCES.persistentVolumes, {
      metadata: {
        name: `n${i}-${'ab'[position]}`,
        annotations: annotations(sketch.marks),
        ...(sketch.labels === undefined ? {} : { labels: sketch.labels }),
      },
      spec: {
        capacity: { storage: sketch.size ?? '1Gi' },
        accessModes: ['ReadWriteOnce', 'ReadOnlyMany'],
        persistentVolumeReclaimPolicy: sketch.policy ?? 'Retain',
        storageClassName: `n${i}${sketch.class ?? ''}`,
        hostPath: { path: sketch.path ?? '/srv/data' },
        ...(name === undefined ? {} : { claimRef: { kind: 'PersistentVolumeClaim', namespace, name, ...of } }),
      },
    });
    const status = { phase: sketch.phase ?? 'Available' };
    await client.update(RESOURCES.persistentVolumes, { ...made, status }, { subresource: 'status' });
  }
}

function shortOf(object: PersistentVolume | PersistentVolumeClaim, other: string | undefined): string {
  return [object.status?.phase, other ?? '-', marksOf(object)].filter((part) => part !== '').join(' ');
}

test('what becomes of claims and volumes', async () => {
  const cluster = await workloadCluster({ controllers: [], runPods: false });
  const names = Object.keys(CASES);
  for (const [i, name] of names.entries()) await seed(cluster, i, CASES[name] ?? { result: '' });
  const controller = createVolumeController(cluster.context, cluster.informers);
  const protection = createVolumeProtectionController(cluster.context, cluster.informers);
  await cluster.clock.blockOn(Promise.all([controller.start(), protection.start()]));
  await cluster.pass(60);
  const volumes = await cluster.list<PersistentVolume>(RESOURCES.persistentVolumes);
  const claims = await cluster.list<PersistentVolumeClaim>(RESOURCES.persistentVolumeClaims);
  const events = await cluster.list<Event>(RESOURCES.events);
  const results = names.map((name, i) => {
    const own = volumes.filter(({ metadata }) => metadata.name?.startsWith(`n${i}-`));
    const prefix = new RegExp(`^n${i}-`);
    const parts = [
      own
        .map((each) => `${each.metadata.name?.replace(prefix, '')} ${shortOf(each, each.spec?.claimRef?.name)}`)
        .join(' '),
      ...claims
        .filter(({ metadata }) => metadata.namespace === `n${i}`)
        .map((each) => shortOf(each, each.spec?.volumeName?.replace(prefix, ''))),
      // A class that nobody has made is told of as well.
      [
        ...new Set(
          events
            .filter(
              ({ involvedObject: { namespace, name: about = '' } }) => namespace === `n${i}` || prefix.test(about),
            )
            .map(({ reason = '' }) => reason.replace('ProvisioningFailed', 'FailedBinding')),
        ),
      ].join(' '),
    ];
    return [name, parts.filter((part) => part !== '').join(' | ')];
  });
  controller.stop();
  protection.stop();
  cluster.stop();
  expect(Object.fromEntries(results)).toEqual(Object.fromEntries(names.map((name) => [name, CASES[name]?.result])));
});
