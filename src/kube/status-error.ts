/** One cause inside a Status. */
export interface StatusCause {
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly field?: string | undefined;
}

/** The Kubernetes object that describes a failed request. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly status: 'Failure' | 'Success';
  readonly message?: string | undefined;
  readonly reason?: string | undefined;
  readonly details?:
    | {
        readonly name?: string | undefined;
        readonly group?: string | undefined;
        readonly kind?: string | undefined;
        readonly uid?: string | undefined;
        readonly causes?: readonly StatusCause[] | undefined;
        readonly retryAfterSeconds?: number | undefined;
      }
    | undefined;
  readonly code: number;
}

/** A failed API request; every client throws it and nothing else for an answer of the server. */
export class StatusError extends Error {
  readonly status: Status;

  constructor(status: Status) {
    super(status.message ?? status.reason ?? `status ${status.code}`);
    this.name = 'StatusError';
    this.status = status;
  }

  /** HTTP status code. */
  get code(): number {
    return this.status.code;
  }

  /** `NotFound`, `AlreadyExists`, `Conflict`, `Invalid`, … */
  get reason(): string {
    return this.status.reason ?? '';
  }
}

/** True for a StatusError with that reason. */
export function isStatus(error: unknown, reason: string): error is StatusError {
  return error instanceof StatusError && error.reason === reason;
}
