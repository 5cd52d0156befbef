import { basename, isAbsolute, join, resolve } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { shownUrl } from '../base/shown-url.ts';
import { inTheWay, unpackChart } from '../chart/unpack-chart.ts';
import { fetchChart, readKeyring } from '../repository/fetch-chart.ts';
import { existsFile, writeWhole } from '../chart/files.ts';
import { verificationText, verifyArchive } from '../repository/provenance.ts';
import { accessOf, type FetchFlags, wantedVersion } from './fetch-flags.ts';
import type { Io } from './io.ts';
import { keyringPath, repositoryContext } from './repository-context.ts';

/** The flags of pull. */
export interface PullFlags extends FetchFlags {
  readonly untar?: boolean;
  readonly untardir: string;
  readonly destination: string;
  readonly prov?: boolean;
}

/** Downloads a chart. helm: pkg/action/pull.go. */
export async function runPull(io: Io, reference: string, flags: PullFlags): Promise<void> {
  const fetched = await fetchChart(repositoryContext(io, flags), {
    reference,
    version: wantedVersion(flags),
    repo: flags.repo === '' ? undefined : flags.repo,
    access: accessOf(io, flags),
    plainHttp: flags.plainHttp,
  });
  const { archive, name } = fetched;
  const wantsProvenance = flags.verify === true || flags.prov === true;
  const provenance = wantsProvenance ? await optional(io, reference, flags, () => fetched.provenance()) : undefined;
  if (flags.verify === true && provenance !== undefined) {
    const keyring = readKeyring(keyringPath(io, flags));
    io.stdout(verificationText(await verifyArchive(archive, provenance, name, keyring)));
  }
  const folder = resolve(io.cwd, flags.destination);
  if (flags.untar === true) {
    const { untardir, destination } = flags;
    const shown = isAbsolute(untardir) ? untardir : join(destination, untardir);
    const inside = { origin: name, folder: resolve(io.cwd, shown), shown };
    // Helm looks for the name in the reference; the folder has the chart's.
    if (existsFile(join(inside.folder, basename(reference)))) throw inTheWay(join(shown, basename(reference)));
    await unpackChart(archive, inside);
    return;
  }
  if (!existsFile(folder)) {
    throw new PintleError('io', `open ${join(folder, name)}: no such file or directory`, {
      hint: `make the folder first: mkdir -p ${flags.destination}`,
    });
  }
  writeWhole(join(folder, name), archive);
  if (provenance !== undefined) writeWhole(join(folder, `${name}.prov`), provenance);
}

/** Without --verify a chart that is not signed is taken all the same. */
async function optional(
  io: Io,
  reference: string,
  flags: PullFlags,
  fetch: () => Promise<Uint8Array>,
): Promise<Uint8Array | undefined> {
  try {
    return await fetch();
  } catch (error) {
    if (flags.verify === true || !(error instanceof PintleError)) throw error;
    const reason = error.cause instanceof Error ? error.cause.message : error.message;
    io.stdout(`WARNING: Verification not found for ${shownUrl(reference)}: ${reason}\n`);
    return undefined;
  }
}
