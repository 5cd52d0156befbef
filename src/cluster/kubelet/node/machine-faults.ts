/** What somebody has done to a machine; asked at each moment. */
export interface MachineFaults {
  /** How many times as long its disk takes; 1: all is well. */
  diskFactor(): number;
  /** ms by which its clock is ahead. */
  skew(): number;
}

/** A machine that nobody has done anything to. */
export const SOUND_MACHINE: MachineFaults = { diskFactor: () => 1, skew: () => 0 };

/** ms that a container waits for its disk before it answers, when that is well; a slow disk multiplies it. */
const DISK_MILLIS = 50;

/** ms that an answer takes longer because of a slow disk. */
export function diskDelay(faults: MachineFaults): number {
  return DISK_MILLIS * (faults.diskFactor() - 1);
}
