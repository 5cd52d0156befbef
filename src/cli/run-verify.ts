import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { decodeUtf8 } from '../base/go-string.ts';
import { loadChart } from '../chart/load-chart.ts';
import { readKeyring, verifyFile } from '../repository/fetch-chart.ts';
import { writeWhole } from '../chart/files.ts';
import { signArchive, verificationText } from '../repository/provenance.ts';
import type { Io } from './io.ts';
import { keyringPath } from './repository-context.ts';

/** The flags of verify. */
export interface VerifyFlags {
  readonly keyring?: string;
}

/** Checks an archive against the provenance file beside it. helm: pkg/action/verify.go. */
export async function runVerifyArchive(io: Io, archive: string, flags: VerifyFlags): Promise<void> {
  const verification = await verifyFile(resolve(io.cwd, archive), archive, { keyring: keyringPath(io, flags) });
  io.stdout(verificationText(verification));
}

/** With what an archive is signed. */
export interface SigningFlags extends VerifyFlags {
  readonly key?: string;
  readonly passphraseFile?: string;
}

/** Writes the provenance file of an archive. helm: pkg/action/package.go, Clearsign. */
export async function signPackage(io: Io, archive: string, flags: SigningFlags): Promise<void> {
  const { metadata } = await loadChart(archive);
  const text = await signArchive(readFileSync(archive), basename(archive), metadata, {
    keyring: readKeyring(keyringPath(io, flags)),
    name: flags.key ?? '',
    passphrase: (name) => passphrase(io, name, flags.passphraseFile),
  });
  writeWhole(`${archive}.prov`, text);
}

/** Packages may be several; standard input can be read once. */
const given = new WeakMap<Io, Promise<Uint8Array>>();

async function passphrase(io: Io, name: string, file: string | undefined): Promise<string> {
  if (file === undefined || file === '') {
    const text = await io.askSecret?.(`Password for key ${JSON.stringify(name)} >  `);
    if (text !== undefined) return text;
    throw new PintleError('usage', `the key ${JSON.stringify(name)} has a passphrase`, {
      hint: 'name a file with it: --passphrase-file FILE, or - for standard input',
    });
  }
  if (file === '-' && !given.has(io)) given.set(io, io.stdin());
  const bytes = file === '-' ? await given.get(io) : readPassphrase(resolve(io.cwd, file));
  return decodeUtf8(bytes ?? new Uint8Array()).split(/\r?\n/)[0] ?? '';
}

function readPassphrase(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new PintleError('usage', `open ${path}: no such file or directory`, { cause: error });
  }
}
