/** A schema cannot be used: it is malformed, or something that it refers to is not there. */
export class SchemaError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SchemaError';
  }
}
