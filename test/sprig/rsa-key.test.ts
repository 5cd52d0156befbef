import { createPrivateKey, createPublicKey, generatePrimeSync, sign, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readAll, readDer, readInteger } from '../../src/sprig/crypto/der.ts';
import { generateRsaKey } from '../../src/sprig/crypto/rsa-key.ts';

const prime = (bits: number): bigint => generatePrimeSync(bits, { bigint: true });

function numbersOf(pkcs8: Uint8Array): bigint[] {
  const inner = readAll(readDer(pkcs8))[2];
  return inner === undefined ? [] : readAll(readDer(inner.content)).map(readInteger);
}

describe('RSA keys from primes', () => {
  test.each([1024, 2048])('%i bits: OpenSSL takes the key, and what it signs with it verifies', (bits) => {
    const key = createPrivateKey({ key: Buffer.from(generateRsaKey(bits, prime)), format: 'der', type: 'pkcs8' });
    expect(key.asymmetricKeyDetails).toEqual({ modulusLength: bits, publicExponent: 65_537n });
    const data = Buffer.from('signed');
    const signature = sign('sha256', data, key);
    expect(verify('sha256', data, createPublicKey(key), signature)).toBe(true);
    expect(verify('sha256', Buffer.from('other'), createPublicKey(key), signature)).toBe(false);
  });

  test('its numbers belong together', () => {
    const [version, n = 0n, e = 0n, d = 0n, p = 0n, q = 0n, dp, dq, inverse = 0n] = numbersOf(
      generateRsaKey(512, prime),
    );
    expect([version, e]).toEqual([0n, 65_537n]);
    expect(p * q).toBe(n);
    expect([(e * d) % (p - 1n), (e * d) % (q - 1n)]).toEqual([1n, 1n]);
    expect([dp, dq]).toEqual([d % (p - 1n), d % (q - 1n)]);
    expect((inverse * q) % p).toBe(1n);
  });

  test('takes no prime twice, and none that the exponent does not go with', () => {
    let unfit = 65_537n * 2n + 1n;
    while (!isPrime(unfit)) unfit += 65_537n * 2n;
    const given = [unfit, 101n, 101n, 101n, unfit, 103n];
    const [, n, , , p, q] = numbersOf(generateRsaKey(16, () => given.shift() ?? 0n));
    expect([p, q, n]).toEqual([101n, 103n, 10_403n]);
    expect(given).toEqual([]);
  });
});

function isPrime(value: bigint): boolean {
  for (let divisor = 2n; divisor * divisor <= value; divisor += 1n) if (value % divisor === 0n) return false;
  return true;
}
