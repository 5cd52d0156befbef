import { PintleError } from '../base/errors.ts';
import type { SourceLocation } from '../base/source.ts';
import { findNode, locate } from './find-node.ts';
import { parseDocuments } from './parse.ts';

/** A file in which a user is to repair something. */
export interface FaultyFile {
  /** As the user knows it. */
  readonly name: string;
  /** Its YAML, to find places in; absent for values that were no file. */
  readonly text?: string | undefined;
  /** Which of its documents; default the first. */
  readonly document?: number;
}

/** A fault whose text does not begin with its path. */
export interface LocatedFault {
  /** `images[0].start` */
  readonly path: string;
  readonly text: string;
}

/**
 * An error that tells all faults, each with its place in the file.
 *
 * @param faults as `images[0].start: must be …`
 */
export function faultsError(file: FaultyFile, faults: readonly (string | LocatedFault)[], hint: string): PintleError {
  const [first, ...others] = faults.map((fault) => faultError(file, fault));
  return new PintleError('manifest-invalid', first?.message ?? `${file.name}: is not valid`, {
    related: others,
    hint,
    ...(first?.location === undefined ? {} : { location: first.location }),
  });
}

function faultError(file: FaultyFile, fault: string | LocatedFault): PintleError {
  const text = typeof fault === 'string' ? fault : fault.text;
  const location = locationOf(file, typeof fault === 'string' ? (/^(\S+): /.exec(fault)?.[1] ?? '') : fault.path);
  return new PintleError('manifest-invalid', `${file.name}: ${text}`, location === undefined ? {} : { location });
}

/** The place of the longest part of a path that is there. */
function locationOf({ name, text, document = 0 }: FaultyFile, path: string): SourceLocation | undefined {
  if (text === undefined) return undefined;
  const root = parseDocuments(text, { file: name })[document];
  if (root === undefined) return undefined;
  const steps = [...path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map(([, key, index]) => key ?? Number(index));
  for (let length = steps.length; length > 0; length -= 1) {
    const found = findNode(root, steps.slice(0, length));
    if (found !== undefined) return locate((found.key ?? found.value).start, { name, text });
  }
  return locate(root.start, { name, text });
}
