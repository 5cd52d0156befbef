/** Why a field is refused; the names are those of Kubernetes' causes. */
export type FieldErrorType =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueNotFound'
  | 'FieldValueTypeInvalid'
  | 'InternalError';

/** One fault of an object. apimachinery: pkg/util/validation/field/errors.go. */
export interface FieldError {
  readonly type: FieldErrorType;
  /** `spec.template.spec.containers[0].image` */
  readonly field: string;
  readonly badValue?: unknown;
  readonly detail: string;
}

/** A value that messages show as it is: Kubernetes shows some as its internal structs. */
export class Verbatim {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
