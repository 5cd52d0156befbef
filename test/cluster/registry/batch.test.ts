import { describe, expect, test } from 'vitest';
import { create, make, set, stored, update, type Json } from './support.ts';
import { NEGATIVE, UNMATCHED } from './texts.ts';

const UID = 'd0a5-4c2e';
const LABELS = {
  'batch.kubernetes.io/controller-uid': UID,
  'batch.kubernetes.io/job-name': 'web',
  'controller-uid': UID,
  'job-name': 'web',
};

function changed(old: Json, values: Json): string | undefined {
  return update(old, (draft) => {
    for (const [path, value] of Object.entries(values)) set(draft, path, value);
  }).message;
}

describe('a Job', () => {
  test('gets defaults, labels and a selector', () => {
    expect(stored(make.job())).toMatchObject({
      metadata: { labels: LABELS },
      spec: {
        completions: 1,
        parallelism: 1,
        backoffLimit: 6,
        completionMode: 'NonIndexed',
        suspend: false,
        podReplacementPolicy: 'TerminatingOrFailed',
        selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': UID } },
        template: { metadata: { labels: LABELS } },
      },
    });
  });

  test('keeps a selector of its own', () => {
    const labels = { a: 'b' };
    const job = stored(
      make.job({
        'spec.manualSelector': true,
        'spec.selector': { matchLabels: labels },
        'spec.template.metadata': { labels },
      }),
    );
    expect(job['spec']).toMatchObject({ selector: { matchLabels: labels }, template: { metadata: { labels } } });
  });

  test.each<[Json, string]>([
    [
      { 'spec.template.spec.restartPolicy': undefined },
      'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
    [
      { 'spec.template.spec.restartPolicy': 'Always' },
      'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
    [{ 'spec.backoffLimit': -1 }, `spec.backoffLimit: Invalid value: -1: ${NEGATIVE}`],
    [{ 'spec.completions': -1 }, `spec.completions: Invalid value: -1: ${NEGATIVE}`],
    [{ 'spec.ttlSecondsAfterFinished': -1 }, `spec.ttlSecondsAfterFinished: Invalid value: -1: ${NEGATIVE}`],
    [
      { 'spec.manualSelector': true },
      `[spec.selector: Required value, spec.template.metadata.labels: Invalid value: null: ${UNMATCHED}]`,
    ],
  ])('refuses %o', (values, message) => {
    expect(create(make.job(values)).message).toBe(`Job.batch "web" is invalid: ${message}`);
  });

  test('refuses a selector that it would generate', () => {
    const { message } = create(make.job({ 'spec.selector': { matchLabels: { a: 'b' } } }));
    expect(message).toContain('`selector` not auto-generated');
  });

  test('never changes its template, selector and completions', () => {
    const job = stored(make.job());
    expect(changed(job, { 'spec.completions': 3 })).toBe(
      'Job.batch "web" is invalid: spec.completions: Invalid value: 3: field is immutable',
    );
    const template = changed(job, { 'spec.template.spec.containers[0].image': 'x' });
    expect(template).toMatch(
      /^Job\.batch "web" is invalid: spec\.template: Invalid value: \{.*\}: field is immutable$/,
    );
    expect(changed(job, { 'spec.selector': { matchLabels: { a: 'b' } } })).toContain('field is immutable');
    expect(changed(job, { 'spec.parallelism': 3, 'spec.suspend': true })).toBeUndefined();
  });
});

describe('a CronJob', () => {
  test('gets the defaults of Kubernetes', () => {
    expect(stored(make.cronJob())['spec']).toMatchObject({
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
      jobTemplate: { spec: { template: { spec: { dnsPolicy: 'ClusterFirst' } } } },
    });
  });

  test.each<[Json, string]>([
    [{ 'spec.schedule': '' }, 'spec.schedule: Required value'],
    [
      { 'spec.schedule': '* * *' },
      'spec.schedule: Invalid value: "* * *": expected exactly 5 fields, found 3: [* * *]',
    ],
    [
      { 'spec.schedule': '61 * * * *' },
      'spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61',
    ],
    [
      { 'spec.schedule': 'TZ=UTC * * * * *' },
      'spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
    ],
    [{ 'spec.timeZone': 'Mars/X' }, 'spec.timeZone: Invalid value: "Mars/X": unknown time zone Mars/X'],
    [{ 'spec.timeZone': '' }, 'spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string'],
    [
      { 'spec.concurrencyPolicy': 'x' },
      'spec.concurrencyPolicy: Unsupported value: "x": supported values: "Allow", "Forbid", "Replace"',
    ],
    [
      { 'spec.jobTemplate.spec.template.spec.restartPolicy': 'Always' },
      'spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
  ])('refuses %o', (values, message) => {
    expect(create(make.cronJob(values)).message).toBe(`CronJob.batch "web" is invalid: ${message}`);
  });

  test('leaves room for the names of its Jobs', () => {
    const name = 'a'.repeat(53);
    expect(create(make.cronJob({ 'metadata.name': name })).message).toBe(
      `CronJob.batch "${name}" is invalid: metadata.name: Invalid value: "${name}": must be no more than 52 characters`,
    );
  });

  test('takes time zones and macros', () => {
    expect(create(make.cronJob({ 'spec.timeZone': 'Europe/Berlin' })).message).toBeUndefined();
    expect(create(make.cronJob({ 'spec.schedule': '@hourly' })).message).toBeUndefined();
  });
});
