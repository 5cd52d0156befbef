import { describe, expect, it } from 'vitest';
import { type RequestLabels, RequestTallies } from '../../../../src/cluster/apiserver/http/request-tallies.ts';

const LIST: RequestLabels = {
  verb: 'list',
  group: '',
  version: 'v1',
  resource: 'pods',
  subresource: '',
  scope: 'namespace',
};
const TOLD =
  'verb="list",group="",version="v1",resource="pods",subresource="",scope="namespace",component="apiserver",dry_run=""';

describe('counts of requests', () => {
  it('are told by labels and code, durations as sums of all shorter ones', () => {
    const tallies = new RequestTallies();
    tallies.add(LIST, 200, 0.001);
    tallies.add({ ...LIST }, 200, 0.3);
    tallies.add(LIST, 403, 100);
    const lines = tallies.text().split('\n');
    expect(lines.filter((line) => line.startsWith('apiserver_request_total'))).toEqual([
      `apiserver_request_total{${TOLD},code="200"} 2`,
      `apiserver_request_total{${TOLD},code="403"} 1`,
    ]);
    const buckets = lines.filter((line) => line.includes('_bucket')).map((line) => /le="(.*?)".* (\d+)$/.exec(line));
    const counts = Object.fromEntries(buckets.map((found) => [found?.[1], Number(found?.[2])]));
    expect(counts).toMatchObject({ 0.001: 1, 0.25: 1, 0.5: 2, 60: 2, '+Inf': 3 });
    expect(lines).toContain(`apiserver_request_duration_seconds_count{${TOLD}} 3`);
    expect(lines).toContain(`apiserver_request_duration_seconds_sum{${TOLD}} ${0.001 + 0.3 + 100}`);
  });

  it('have no durations for what goes on for as long as the client likes', () => {
    const tallies = new RequestTallies();
    tallies.add({ ...LIST, verb: 'watch' }, 200, undefined);
    expect(tallies.text()).toContain('verb="watch"');
    expect(tallies.text()).not.toContain('_bucket');
  });

  it('keep to the text format whatever a path is made of', () => {
    const tallies = new RequestTallies();
    tallies.add({ ...LIST, resource: 'a"b\\c\nd' }, 404, 0);
    expect(tallies.text()).toContain('resource="a\\"b\\\\c\\nd"');
  });
});
