// Kubernetes 1.35 API types, made from the type table by scripts/generate-kube-tables.py.

import type * as core_v1 from './core-v1.generated.ts';
import type * as meta_v1 from './meta-v1.generated.ts';

export interface Event {
  readonly action?: string | undefined;
  readonly apiVersion: string;
  readonly deprecatedCount?: number | undefined;
  readonly deprecatedFirstTimestamp?: string | undefined;
  readonly deprecatedLastTimestamp?: string | undefined;
  readonly deprecatedSource?: core_v1.EventSource | undefined;
  readonly eventTime: string;
  readonly kind: string;
  readonly metadata: meta_v1.ObjectMeta;
  readonly note?: string | undefined;
  readonly reason?: string | undefined;
  readonly regarding?: core_v1.ObjectReference | undefined;
  readonly related?: core_v1.ObjectReference | undefined;
  readonly reportingController?: string | undefined;
  readonly reportingInstance?: string | undefined;
  readonly series?: EventSeries | undefined;
  readonly type?: string | undefined;
}

export interface EventList {
  readonly apiVersion: string;
  readonly items: readonly Event[];
  readonly kind: string;
  readonly metadata: meta_v1.ListMeta;
}

export interface EventSeries {
  readonly count: number;
  readonly lastObservedTime: string;
}
