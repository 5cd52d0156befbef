import type { TemplateFunction } from '../base/template-function.ts';
import { define } from './define.ts';
import type { SprigEnvironment } from './environment.ts';

/** `getHostByName`: one of a host's addresses, or '' where the network is closed to templates. */
export function networkFunctions({ lookupHost, random }: SprigEnvironment): readonly TemplateFunction[] {
  return [
    define('getHostByName', ['string'], (name: string) => {
      if (lookupHost === undefined) return '';
      const addresses = lookupHost(name);
      if (addresses.length === 0) throw new Error('invalid argument to Intn');
      return addresses[random.below(addresses.length)] ?? '';
    }),
  ];
}
