import type { KubeObject } from '../../../kube/object.ts';

/** Fields of core events and what events.k8s.io calls them. kubernetes: pkg/apis/events/v1/conversion.go */
const NAMES: readonly (readonly [core: string, own: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
];

const TO_OWN = new Map(NAMES);
const TO_CORE = new Map(NAMES.map(([core, own]) => [own, core] as const));

/** A core event as events.k8s.io shows it; one that is in that form stays. */
export function eventAsNew(object: KubeObject): KubeObject {
  return object.apiVersion === 'v1' ? renamed(object, TO_OWN, 'events.k8s.io/v1') : object;
}

/** The reverse of {@link eventAsNew}. */
export function eventOfNew(object: KubeObject): KubeObject {
  return object.apiVersion === 'v1' ? object : renamed(object, TO_CORE, 'v1');
}

function renamed(object: KubeObject, names: ReadonlyMap<string, string>, apiVersion: string): KubeObject {
  const entries = Object.entries(object).map(([field, value]) => [names.get(field) ?? field, value]);
  return { ...(Object.fromEntries(entries) as KubeObject), apiVersion };
}
