import { PintleError } from '../base/errors.ts';

/** @throws PintleError `chart-invalid` for library charts */
export function checkInstallable(type: string | undefined): void {
  if (type === undefined || type === '' || type === 'application') return;
  throw new PintleError('chart-invalid', `${type} charts are not installable`);
}
