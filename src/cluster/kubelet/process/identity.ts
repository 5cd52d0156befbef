import type { ProcessUser } from './surroundings.ts';

/** A process that nobody gave another user. */
export const ROOT: ProcessUser = { uid: 0, gid: 0, groups: [] };

/** What `id` prints, without a line end. */
export function idText(user: ProcessUser, args: readonly string[]): string {
  const { uid, gid, groups } = user;
  const all = [...new Set([gid, ...groups])];
  const letters = args.filter((arg) => /^-[a-zA-Z]+$/.test(arg)).join('');
  const named = letters.includes('n');
  if (letters.includes('u')) return named ? userName(uid) : String(uid);
  if (letters.includes('G')) return all.join(' ');
  if (letters.includes('g')) return named ? userName(gid) : String(gid);
  const shown = (id: number): string => (id === 0 ? '0(root)' : String(id));
  return `uid=${shown(uid)} gid=${shown(gid)} groups=${all.map(shown).join(',')}`;
}

/** The name of a user or group, or its number where it has none. */
export function userName(id: number): string {
  return id === 0 ? 'root' : String(id);
}

/** What `hostname` prints: with `-f` the name with its domain, where the hosts file has one. */
export function hostnameText(args: readonly string[], hostname: string, hosts: string | undefined): string {
  if (!args.some((arg) => arg === '-f' || arg === '--fqdn' || arg === '-A')) return hostname;
  const words = (hosts ?? '').split(/\s+/);
  return words.find((word) => word.startsWith(`${hostname}.`)) ?? hostname;
}
