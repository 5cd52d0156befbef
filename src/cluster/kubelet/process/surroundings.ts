/** What becomes of an attempt to connect. */
export type DialResult = 'connected' | 'refused' | 'unknown-host';

/** The network as a process sees it, at this instant. */
export interface ProcessNetwork {
  /** The address of a name, or undefined when there is none. */
  resolve(host: string): string | undefined;
  /** All addresses of a name; absent: {@link resolve} tells the only one. */
  addresses?(host: string): readonly string[];
  dial(host: string, port: number): DialResult;
}

/** The files that volumes bring. */
export interface MountedFiles {
  /** The text of a mounted file, as far as it is known. */
  read(path: string): string | undefined;
  /** Undefined: the path lies in no volume. */
  exists(path: string): boolean | undefined;
  /** True when a volume is mounted at or below the folder, or over it. */
  touches(folder: string): boolean;
  /** Names in a folder of a volume; undefined: it is none. */
  list?(folder: string): readonly string[] | undefined;
  /** Permission bits of a file or folder of a volume; undefined: it lies in none. */
  mode?(path: string): number | undefined;
  /** True where a volume is kept in memory, as those that the kubelet fills with secrets are. */
  inMemory?(path: string): boolean;
}

/** Whose rights a process has. */
export interface ProcessUser {
  readonly uid: number;
  readonly gid: number;
  /** Further groups, without {@link gid}. */
  readonly groups: readonly number[];
}

/** What a process finds around it. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string>>;
  readonly files: MountedFiles;
  readonly network: ProcessNetwork;
  readonly hostname: string;
  /** Absent: root. */
  readonly user?: ProcessUser;
  /** The container's own files cannot be changed. */
  readonly readOnlyRoot?: boolean;
  /** Requests that come to the container's pod a second; absent: none. */
  readonly requests?: () => number;
  /** ms that its answers take longer because of its disk; absent: it has none that matters. */
  readonly diskDelay?: () => number;
  /** True for init containers and for pods that are to come to an end: programs that are not known end with 0. */
  readonly toCompletion: boolean;
}

/** Nothing mounted. */
export const noFiles: MountedFiles = { read: () => undefined, exists: () => undefined, touches: () => false };

/** A network in which everything answers. */
export const openNetwork: ProcessNetwork = { resolve: () => '10.96.0.1', dial: () => 'connected' };
