import type { WrittenLine } from '../../../client/log-cursor.ts';
import type { ObjectKey, ResourceType } from '../../../kube/object.ts';
import type { LogRequest } from '../logs-provider.ts';
import type { MetricRequest, MetricValueList } from '../custom-metrics/metrics-api.ts';
import type { Column } from '../table/columns.ts';
import type { ApiRequest, ApiResponse, ServedWatch, UserInfo, WatchRequest } from '../request.ts';

/** What the HTTP face needs of the API server behind it. */
export interface ApiBackend {
  handle(request: ApiRequest): Promise<ApiResponse>;
  watch(request: WatchRequest): ServedWatch;
  /** The resource of a path; undefined when it is not served. */
  resource(path: Pick<ResourceType, 'group' | 'version' | 'resource'>): ResourceType | undefined;
  logLines(user: UserInfo, pod: ObjectKey, wish: LogRequest): Promise<readonly WrittenLine[]>;
  /**
   * Answers questions about the numbers of monitoring (custom.metrics.k8s.io, external.metrics.k8s.io).
   *
   * @throws StatusError
   */
  metrics?(request: MetricRequest): Promise<MetricValueList>;
  /** Of the newest commit. */
  readonly revision: number;
  /** Columns that a custom resource definition declares. */
  columnsOf?(type: ResourceType): readonly Column[] | undefined;
}
