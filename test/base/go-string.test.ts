import { describe, expect, it } from 'vitest';
import {
  byteLength,
  decodeUtf8,
  encodeUtf8,
  isAscii,
  runes,
  sliceBytes,
  wellFormed,
} from '../../src/base/go-string.ts';
import { fc } from '../support/property.ts';

describe('Go strings', () => {
  it('keep every sequence of bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(Array.from(encodeUtf8(decodeUtf8(bytes)))).toEqual(Array.from(bytes));
      }),
    );
  });

  it('are UTF-8 for well-formed text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(!/[\ud800-\udfff]/u.test(text));
        expect(Buffer.from(encodeUtf8(text)).toString('utf8')).toBe(text);
        expect(byteLength(text)).toBe(Buffer.byteLength(text));
        expect(wellFormed(text)).toBe(text);
      }),
    );
  });

  it('can be cut at any byte', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(80), (text, at) => {
        const cut = Math.min(at, byteLength(text));
        const [head, tail] = [sliceBytes(text, 0, cut), sliceBytes(text, cut)];
        expect(byteLength(head)).toBe(cut);
        expect(decodeUtf8(Uint8Array.from([...encodeUtf8(head), ...encodeUtf8(tail)]))).toBe(text);
      }),
    );
  });

  it.each([
    [[0xff], '\udcff'],
    [[0xc0, 0x80], '\udcc0\udc80'],
    [[0xed, 0xa0, 0x80], '\udced\udca0\udc80'],
    [[0xf0, 0x9f, 0x98], '\udcf0\udc9f\udc98'],
    [[0xf4, 0x90, 0x80, 0x80], '\udcf4\udc90\udc80\udc80'],
    [[0x61, 0xe2, 0x82, 0xac], 'a€'],
    [[0xef, 0xbb, 0xbf, 0x61], '\ufeffa'],
  ])('%j is %j', (bytes, text) => {
    expect(decodeUtf8(Uint8Array.from(bytes))).toBe(text);
  });

  it('show broken bytes as U+FFFD where Go does', () => {
    expect(wellFormed('a\udcffb😀')).toBe('a\ufffdb😀');
    expect(runes('é\udcff😀')).toEqual([0xe9, 0xfffd, 0x1f600]);
    expect([isAscii('abc'), isAscii('é'), isAscii('\udc80')]).toEqual([true, false, false]);
  });
});
