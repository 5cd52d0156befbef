import { parseIp } from '../../../kube/ip-address.ts';
import type { Faults } from '../faults.ts';

/** Refuses addresses that mean something else on every machine. kubernetes: ValidateNonSpecialIP */
export function checkNonSpecialIp(text: string, path: string, faults: Faults): void {
  const address = parseIp(text);
  if (address === undefined) {
    faults.invalid(path, text, 'must be a valid IP address');
    return;
  }
  const { family, groups } = address;
  const [first = 0, second = 0, third = 0] = groups;
  const isV4 = family === 4;
  const rest = groups.slice(0, -1).every((group) => group === 0);
  const last = groups.at(-1) ?? 0;
  if (rest && last === 0) faults.invalid(path, text, `may not be unspecified (${text})`);
  if (isV4 ? first === 127 : rest && last === 1) {
    faults.invalid(path, text, 'may not be in the loopback range (127.0.0.0/8, ::1/128)');
  }
  if (isV4 ? first === 169 && second === 254 : (first & 0xffc0) === 0xfe80) {
    faults.invalid(path, text, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)');
  }
  if (isV4 ? first === 224 && second === 0 && third === 0 : (first & 0xff0f) === 0xff02) {
    faults.invalid(path, text, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)');
  }
}
