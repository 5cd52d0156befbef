/** What a scalar's text allows, as flags. */
export const MULTILINE = 1;
export const NO_PLAIN = 2;
export const NO_SINGLE = 4;
export const NO_BLOCK = 8;
/** A character beyond the ones that YAML texts may hold as they are: control characters, emoji, byte order marks. */
export const UNPRINTABLE = 16;

/** What characters in a scalar mean, by code. */
const CLASSES = new Uint8Array(128);
const ORDINARY = 0;
const SPECIAL = 1;
const BLANK = 2;
const LINE_FEED = 3;
const FIRST_INDICATOR = 4;
const DASH_OR_QUESTION = 5;
const COLON = 6;
const HASH = 7;
const TABULATOR = 8;

CLASSES.fill(SPECIAL, 0, 0x20);
CLASSES[0x7f] = SPECIAL;
CLASSES[0x0a] = LINE_FEED;
CLASSES[0x09] = TABULATOR;
CLASSES[0x20] = BLANK;
for (const char of ',[]{}&*!|>\'"%@`') CLASSES[char.charCodeAt(0)] = FIRST_INDICATOR;
for (const char of '-?') CLASSES[char.charCodeAt(0)] = DASH_OR_QUESTION;
CLASSES[0x3a] = COLON;
CLASSES[0x23] = HASH;

/** The class of a character beyond ASCII: breaks of Unicode, what a text may hold, and the rest. */
function classOf(code: number): number {
  if (code === 0x2028 || code === 0x2029) return LINE_FEED;
  const printable = (code >= 0xa0 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd && code !== 0xfeff);
  return printable ? ORDINARY : SPECIAL;
}

/**
 * How a scalar may be written in block context (libyaml: yaml_emitter_analyze_scalar).
 *
 * @param tabsInBlocks go-yaml v3: literal scalars may hold tabs
 */
export function analyzeScalar(text: string, tabsInBlocks: boolean): number {
  const last = text.length - 1;
  if (last < 0) return NO_BLOCK;
  let flags = startsLikeMarker(text) ? NO_PLAIN : 0;
  let afterSpace = false;
  let afterBreak = false;
  let afterWhite = true;
  for (let i = 0; i <= last; i += 1) {
    const code = text.charCodeAt(i);
    const kind = code < 128 ? CLASSES[code] : classOf(code);
    if (kind === ORDINARY) {
      afterSpace = false;
      afterBreak = false;
      afterWhite = false;
      continue;
    }
    if (kind === BLANK) {
      if (i === 0) flags |= NO_PLAIN;
      if (i === last) flags |= NO_PLAIN | NO_BLOCK;
      if (afterBreak) flags |= NO_PLAIN | NO_SINGLE;
      afterSpace = true;
      afterBreak = false;
      afterWhite = true;
    } else if (kind === LINE_FEED) {
      flags |= MULTILINE | NO_PLAIN;
      if (afterSpace) flags |= NO_SINGLE | NO_BLOCK;
      afterSpace = false;
      afterBreak = true;
      afterWhite = true;
    } else {
      flags |= flagsOf(kind, text, { index: i, afterWhite, tabsInBlocks });
      afterSpace = false;
      // NEL and CR are breaks too, but not ones that may be written.
      afterBreak = code === 0x0d || code === 0x85;
      if (afterBreak) flags |= MULTILINE;
      afterWhite = afterBreak || kind === TABULATOR || code === 0;
    }
  }
  return flags;
}

function startsLikeMarker(text: string): boolean {
  return text.startsWith('---') || text.startsWith('...');
}

function flagsOf(
  kind: number | undefined,
  text: string,
  { index, afterWhite, tabsInBlocks }: { index: number; afterWhite: boolean; tabsInBlocks: boolean },
): number {
  switch (kind) {
    case SPECIAL:
      return NO_PLAIN | NO_SINGLE | NO_BLOCK | UNPRINTABLE;
    case TABULATOR:
      return NO_PLAIN | NO_SINGLE | (tabsInBlocks ? 0 : NO_BLOCK);
    case FIRST_INDICATOR:
      return index === 0 ? NO_PLAIN : 0;
    case DASH_OR_QUESTION:
      return index === 0 && isBlankOrEndAt(text, 1) ? NO_PLAIN : 0;
    case COLON:
      return isBlankOrEndAt(text, index + 1) ? NO_PLAIN : 0;
    case HASH:
      return afterWhite ? NO_PLAIN : 0;
    default:
      return 0;
  }
}

function isBlankOrEndAt(text: string, index: number): boolean {
  if (index >= text.length) return true;
  const code = text.charCodeAt(index);
  return code === 0x20 || code === 0x09;
}
