import type { Clock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import type { Status } from '../../../kube/status-error.ts';
import type { UserInfo } from '../request.ts';
import type { RequestFacts, RequestObserver, RequestRecord } from './request-observer.ts';

/** What an audit log is written with. */
export interface AuditOptions {
  /** Takes one event of audit.k8s.io/v1; what it throws is logged and the request goes on. */
  readonly sink: (event: object) => void;
  /** Real time, as in the audit logs of real servers. */
  readonly wallClock: Clock;
  readonly logger: Logger;
  /** A random UUID. */
  newId(): string;
}

/** Where requests stand when they are told of. */
type Stage = 'ResponseStarted' | 'ResponseComplete';

/**
 * Tells of each request that has been answered, and of the beginning of each that goes on, at the level Metadata: who, what, when
 * and how it came out, and nothing of what bodies hold. apiserver: pkg/apis/audit/v1
 */
export function auditLog(options: AuditOptions): RequestObserver {
  return (request) => {
    const id = options.newId();
    const received = options.wallClock.now();
    const write = (stage: Stage, facts: RequestFacts, code: number, failure: Status | undefined): void => {
      const event = {
        kind: 'Event',
        apiVersion: 'audit.k8s.io/v1',
        level: 'Metadata',
        auditID: id,
        stage,
        requestURI: request.url,
        verb: facts.info?.verb ?? request.method.toLowerCase(),
        ...users(facts),
        sourceIPs: request.address === '' ? [] : [request.address],
        ...(request.userAgent === undefined ? {} : { userAgent: request.userAgent }),
        ...objectRef(facts),
        responseStatus: { metadata: {}, ...failed(failure), code },
        requestReceivedTimestamp: microTime(received),
        stageTimestamp: microTime(options.wallClock.now()),
        ...(facts.annotations === undefined ? {} : { annotations: facts.annotations }),
      };
      try {
        options.sink(event);
      } catch (error) {
        options.logger.log('error', error instanceof Error ? error.message : String(error));
      }
    };
    const record: RequestRecord = {
      started: (facts) => write('ResponseStarted', facts, 200, undefined),
      completed: (facts, code, failure) => write('ResponseComplete', facts, code, failure),
    };
    return record;
  };
}

function users({ user, impersonator }: RequestFacts): object {
  const own = impersonator ?? user;
  return {
    user: own === undefined ? {} : userInfo(own),
    ...(impersonator === undefined || user === undefined ? {} : { impersonatedUser: userInfo(user) }),
  };
}

function userInfo({ name, uid, groups, extra }: UserInfo): object {
  return {
    username: name,
    ...(uid === undefined ? {} : { uid }),
    groups,
    ...(extra === undefined ? {} : { extra }),
  };
}

function objectRef({ info }: RequestFacts): object {
  if (info === undefined) return {};
  const { resource, namespace, name, group, version, subresource } = info;
  const given = Object.entries({ resource, namespace, name, apiGroup: group, apiVersion: version, subresource });
  return { objectRef: Object.fromEntries(given.filter(([, value]) => value !== '')) };
}

function failed(failure: Status | undefined): object {
  return failure === undefined
    ? {}
    : { status: failure.status, message: failure.message ?? '', reason: failure.reason ?? '' };
}

function microTime(instant: number): string {
  return new Date(instant).toISOString().replace('Z', '000Z');
}
