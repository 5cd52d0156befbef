import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { PintleError } from '../base/errors.ts';

/** Encrypts the text of records. */
export interface RecordCipher {
  seal(text: string): string;
  /**
   * @param title of the record, for errors
   * @throws PintleError `release-corrupt` for another key, or a text that was changed
   */
  open(text: string, title?: string): string;
}

const PREFIX = 'pintle-aes256gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** Whether a record's text is encrypted. */
export function isSealed(text: string): boolean {
  return text.startsWith(`${PREFIX}:`);
}

/**
 * AES-256-GCM with the key of a file: 32 bytes, as they are or in hex or base64. A record then reads
 * `pintle-aes256gcm:KEY-ID:BASE64`; the identifier tells keys apart without giving them away.
 *
 * @throws PintleError `usage` for what is no key
 */
export function recordCipher(file: Uint8Array): RecordCipher {
  const key = readKey(file);
  const id = createHash('sha256').update('pintle record key').update(key).digest('hex').slice(0, 12);
  return {
    seal: (text) => {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      cipher.setAAD(Buffer.from(id));
      const body = Buffer.concat([cipher.update(Buffer.from(text, 'base64')), cipher.final()]);
      return `${PREFIX}:${id}:${Buffer.concat([iv, body, cipher.getAuthTag()]).toString('base64')}`;
    },
    open: (text, title = 'the record') => {
      const [, keyId = '', body = ''] = text.split(':');
      if (keyId !== id) {
        throw new PintleError(
          'release-corrupt',
          `cannot read ${title}: it is encrypted with key ${keyId}, not with ${id}`,
          {
            hint: 'PINTLE_RECORD_KEY_FILE names the file of another key',
          },
        );
      }
      const data = Buffer.from(body, 'base64');
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, IV_BYTES));
        decipher.setAAD(Buffer.from(id));
        decipher.setAuthTag(data.subarray(-TAG_BYTES));
        const plain = Buffer.concat([decipher.update(data.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
        return plain.toString('base64');
      } catch (error) {
        throw new PintleError(
          'release-corrupt',
          `cannot read ${title}: it is encrypted, and was changed: its seal is broken`,
          {
            cause: error,
          },
        );
      }
    },
  };
}

function readKey(file: Uint8Array): Buffer {
  const raw = Buffer.from(file);
  if (raw.length === KEY_BYTES) return raw;
  const text = raw.toString('latin1').trim();
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  if (/^[A-Za-z0-9+/]{43}=$/.test(text)) return Buffer.from(text, 'base64');
  throw new PintleError('usage', 'the key file holds no key of 32 bytes', {
    hint: 'make one with "openssl rand -hex 32 > record.key"',
  });
}
