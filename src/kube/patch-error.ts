import { StatusError } from './status-error.ts';

/** A patch that cannot be read or applied; the message is that of the library that Kubernetes uses. */
export class PatchError extends Error {
  /** HTTP status that the API server answers with: bad request, unprocessable, or internal error. */
  readonly code: 400 | 422 | 500;

  constructor(message: string, code: 400 | 422 | 500) {
    super(message);
    this.name = 'PatchError';
    this.code = code;
  }

  /** What the API server says of it; apiserver: pkg/endpoints/handlers/patch.go. */
  toStatusError(): StatusError {
    const common = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: this.code } as const;
    switch (this.code) {
      case 400:
        return new StatusError({ ...common, reason: 'BadRequest', message: this.message });
      case 422:
        return new StatusError({
          ...common,
          reason: 'Invalid',
          message: 'the server rejected our request due to an error in our request',
          details: {},
        });
      default:
        return new StatusError({
          ...common,
          reason: 'InternalError',
          message: `Internal error occurred: ${this.message}`,
          details: { causes: [{ message: this.message }] },
        });
    }
  }
}
