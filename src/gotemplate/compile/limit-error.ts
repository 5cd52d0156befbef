import { PintleError } from '../../base/errors.ts';

/** What ends a run that exceeds its limits, with what can be done. */
export interface LimitFault {
  readonly message: string;
  readonly hint: string;
}

export const TOO_MANY_STEPS: LimitFault = {
  message: 'the template takes too many steps',
  hint: 'a loop or an include runs away; if it is meant to take so long, raise the limit with --max-steps',
};

export const TOO_MUCH_OUTPUT: LimitFault = {
  message: 'the template writes too much',
  hint: 'a loop or an include runs away; if it is meant to write so much, raise the limit with --max-output',
};

/** A fault where no frame is at hand; the call around it gives it its place. */
export function limitError({ message, hint }: LimitFault): PintleError {
  return new PintleError('template-exec', message, { hint });
}
