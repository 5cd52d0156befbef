import type { Key, PrivateKey } from 'openpgp';
import { PintleError } from '../base/errors.ts';
import { goQuote } from '../base/go-quote.ts';
import type { ChartMetadata } from '../chart/chart.ts';
import { metadataText } from '../chart/metadata-text.ts';
import { fromYaml, toYaml } from '../yaml/index.ts';
import { digestOf } from './sha256.ts';

/** Who signed an archive. */
export interface Verification {
  /** `Name <mail>` of the key. */
  readonly identities: readonly string[];
  /** In hex, capitals. */
  readonly fingerprint: string;
  /** `sha256:…` of the archive. */
  readonly fileHash: string;
}

const SEPARATOR = '\n...\n';

/**
 * Checks an archive against its provenance file. helm: pkg/provenance/sign.go, Verify.
 *
 * @param provenance the signed text: Chart.yaml, `...`, and the sums of files
 * @param name the file name of the archive, as the sums have it
 * @param keyring keys, binary as in `pubring.gpg` or armoured
 * @throws PintleError `verification-failed`
 */
export async function verifyArchive(
  archive: Uint8Array,
  provenance: Uint8Array,
  name: string,
  keyring: Uint8Array,
): Promise<Verification> {
  const openpgp = await import('openpgp');
  const keys = await readKeyring(keyring);
  const text = Buffer.from(provenance).toString('utf8');
  if (!text.includes('-----BEGIN PGP SIGNED MESSAGE-----')) throw failed('signature block not found');
  const { signer, message } = await (async () => {
    try {
      const cleartextMessage = await openpgp.readCleartextMessage({ cleartextMessage: text });
      const result = await openpgp.verify({ message: cleartextMessage, verificationKeys: keys });
      const [signature] = result.signatures;
      if (signature === undefined) throw failed('signature block not found');
      const key = keys.find((each) => each.getKeys(signature.keyID).length > 0);
      if (key === undefined) throw failed('openpgp: signature made by unknown entity');
      await signature.verified;
      return { signer: key, message: result.data };
    } catch (error) {
      if (error instanceof PintleError) throw error;
      throw failed(`openpgp: invalid signature: ${error instanceof Error ? error.message : String(error)}`, error);
    }
  })();
  const fileHash = digestOf(archive);
  const sum = sumOf(message, name);
  if (sum === undefined) throw failed(`provenance does not contain a SHA for a file named ${goQuote(name)}`);
  if (sum !== fileHash) {
    throw failed(`sha256 sum does not match for ${name}: ${goQuote(sum)} != ${goQuote(fileHash)}`);
  }
  return { identities: signer.getUserIDs(), fingerprint: signer.getFingerprint().toUpperCase(), fileHash };
}

/** What a verification is told with. */
export function verificationText({ identities, fingerprint, fileHash }: Verification): string {
  const signers = identities.map((identity) => `Signed by: ${identity}\n`).join('');
  return `${signers}Using Key With Fingerprint: ${fingerprint}\nChart Hash Verified: ${fileHash}\n`;
}

/** With what an archive is signed. */
export interface SigningKey {
  /** A keyring with private keys. */
  readonly keyring: Uint8Array;
  /** A part of the name of the key. */
  readonly name: string;
  /** Asked for when the key has a passphrase. */
  passphrase(name: string): Promise<string>;
}

/**
 * The provenance file of an archive. helm: pkg/provenance/sign.go, ClearSign.
 *
 * @param name the file name of the archive
 * @throws PintleError `verification-failed` when there is no such key
 */
export async function signArchive(
  archive: Uint8Array,
  name: string,
  metadata: ChartMetadata,
  key: SigningKey,
): Promise<string> {
  const openpgp = await import('openpgp');
  const signingKey = await unlocked(chooseKey(await readKeyring(key.keyring), key.name), key);
  const text = `${metadataText(metadata)}${SEPARATOR}${toYaml({ files: { [name]: digestOf(archive) } })}`;
  const message = await openpgp.createCleartextMessage({ text });
  const config = { preferredHashAlgorithm: openpgp.enums.hash.sha512 };
  return (await openpgp.sign({ message, signingKeys: signingKey, config })).replaceAll('\r\n', '\n');
}

/** Keys of a file. @throws PintleError `verification-failed` */
async function readKeyring(bytes: Uint8Array): Promise<Key[]> {
  const openpgp = await import('openpgp');
  const isArmoured = Buffer.from(bytes.subarray(0, 64)).toString('latin1').trimStart().startsWith('-----BEGIN PGP');
  try {
    return isArmoured
      ? await openpgp.readKeys({ armoredKeys: Buffer.from(bytes).toString('utf8') })
      : await openpgp.readKeys({ binaryKeys: bytes });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PintleError('verification-failed', `failed to load keyring: ${reason}`, {
      hint: 'GnuPG keeps keys in another format today: "gpg --export > pubring.gpg" writes those to verify with, "gpg --export-secret-keys > secring.gpg" those to sign with',
      cause: error,
    });
  }
}

/** helm: NewFromKeyring. */
function chooseKey(keys: readonly Key[], name: string): Key {
  const exact = keys.find((key) => key.getUserIDs().includes(name));
  if (exact !== undefined) return exact;
  const candidates = keys.flatMap((key) =>
    key
      .getUserIDs()
      .filter((id) => id.includes(name))
      .map(() => key),
  );
  if (candidates.length > 1) throw failed(`more than one key contain the id ${goQuote(name)}`);
  const [key] = candidates;
  if (key === undefined) throw failed('private key not found');
  return key;
}

async function unlocked(key: Key, signing: SigningKey): Promise<PrivateKey> {
  if (!key.isPrivate()) {
    throw failed('provided key is not a private key. Try providing a keyring with secret keys');
  }
  if (key.isDecrypted()) return key;
  const openpgp = await import('openpgp');
  const text = await signing.passphrase(key.getUserIDs()[0] ?? 'Unknown');
  try {
    return await openpgp.decryptKey({ privateKey: key, passphrase: text });
  } catch (error) {
    throw failed(error instanceof Error ? error.message : String(error), error);
  }
}

function sumOf(message: string, name: string): string | undefined {
  const [, sums] = message.replaceAll('\r\n', '\n').split(SEPARATOR);
  if (sums === undefined) throw failed('message block must have at least two parts');
  const { files } = fromYaml(sums, { file: 'provenance', target: 'map' });
  if (typeof files !== 'object' || files === null) return undefined;
  const sum = Object.hasOwn(files, name) ? (files as Record<string, unknown>)[name] : undefined;
  return typeof sum === 'string' ? sum : undefined;
}

function failed(message: string, cause?: unknown): PintleError {
  return new PintleError('verification-failed', message, cause === undefined ? {} : { cause });
}
