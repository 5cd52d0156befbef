import { isAscii, wellFormed } from '../../base/go-string.ts';
import { isLetter, isNumber, isPunctuation, isSpace, isUpper, lowerRune, upperRune } from './unicode.ts';

type WordKind = 'invalid' | 'number' | 'upper' | 'letters' | 'connector' | 'punctuation' | 'other';

interface Word {
  readonly kind: WordKind;
  readonly text: string;
}

const END: Word = { kind: 'invalid', text: '' };

function isConnector(rune: string): boolean {
  return rune === '-' || rune === '_' || isSpace(rune);
}

/** A letter outside the Chinese ideographs, which form words of another kind. */
function isAlphabet(rune: string): boolean {
  if (!isLetter(rune)) return false;
  const code = rune.codePointAt(0) ?? 0;
  if (code < 0x3400) return true;
  return !(
    (code >= 0x4e00 && code <= 0x9fcc) ||
    (code >= 0x3400 && code <= 0x4d85) ||
    (code >= 0x20000 && code <= 0x2b81d)
  );
}

/** xstrings.ToPascalCase: `http_server` becomes `HttpServer`; leading connectors stay. */
export function toPascalCase(text: string): string {
  const runes = Array.from(isAscii(text) ? text : wellFormed(text));
  let out = '';
  let index = 0;
  while (index < runes.length && isConnector(runes[index] ?? '')) index += 1;
  out += runes.slice(0, index).join('');
  // A text of nothing but connectors gets its last one twice.
  if (index === runes.length) return out + (runes.at(-1) ?? '');
  let current = runes[index] ?? '';
  let inCapitals = isUpper(current);
  current = upperRune(current);
  for (index += 1; index < runes.length; index += 1) {
    const previous = current;
    current = runes[index] ?? '';
    if (isConnector(current) && isConnector(previous)) {
      out += previous;
      continue;
    }
    if (isConnector(previous)) {
      inCapitals = isUpper(current);
      current = upperRune(current);
      continue;
    }
    if (inCapitals) {
      if (isUpper(current)) current = lowerRune(current);
      else inCapitals = false;
    }
    out += previous;
  }
  return out + current;
}

/**
 * xstrings.ToSnakeCase and ToKebabCase: words in lower case with a connector between them. Numbers start a word of their own
 * when lower-case letters follow (`HTTP2xx` becomes `http_2xx`) and belong to the word before otherwise (`Bld4Floor`).
 */
export function toConnectedCase(text: string, connector: string): string {
  const words = new WordReader(isAscii(text) ? text : wellFormed(text));
  let out = '';
  const emit = ({ kind, text: word }: Word): void => {
    out += kind === 'upper' || kind === 'connector' ? lowerWord(word, connector) : word;
  };
  const emitTail = (): void => {
    while (word.kind === 'letters' || word.kind === 'number') {
      emit(word);
      word = words.next();
    }
    if (word.kind !== 'invalid' && !isJoint(word)) out += connector;
  };
  let word = words.next();
  while (words.hasMore()) {
    if (word.kind !== 'connector') emit(word);
    const previous = word;
    word = words.next();
    if (previous.kind === 'number') emitTail();
    else if (previous.kind === 'connector') emit(previous);
    else if (previous.kind === 'punctuation') continue;
    else if (word.kind !== 'number') {
      if (!isJoint(word)) out += connector;
    } else if (words.hasMore()) {
      const number = word;
      word = words.next();
      if (word.kind === 'letters') {
        out += connector;
        emit(number);
        emitTail();
      } else {
        emit(number);
        if (!isJoint(word)) out += connector;
      }
    }
  }
  emit(word);
  return out;
}

function isJoint(word: Word): boolean {
  return word.kind === 'connector' || word.kind === 'punctuation';
}

function lowerWord(word: string, connector: string): string {
  let out = '';
  for (const rune of word) out += isConnector(rune) ? connector : isUpper(rune) ? lowerRune(rune) : rune;
  return out;
}

/** Cuts a text into runs of one kind of character. */
class WordReader {
  readonly #runes: readonly string[];
  #index = 0;

  constructor(text: string) {
    this.#runes = Array.from(text);
  }

  hasMore(): boolean {
    return this.#index < this.#runes.length;
  }

  next(): Word {
    const first = this.#runes[this.#index];
    if (first === undefined) return END;
    if (isConnector(first)) return this.#run('connector', isConnector);
    if (isPunctuation(first)) return this.#run('punctuation', isPunctuation);
    if (isUpper(first)) return this.#upper();
    if (isAlphabet(first)) return this.#run('letters', isSmall);
    if (isNumber(first)) return this.#run('number', isNumber);
    return this.#run('other', isOther);
  }

  /** `Status` of `HTTPStatus` keeps its capital: the run gives its last one back when letters follow. */
  #upper(): Word {
    const second = this.#runes[this.#index + 1] ?? '';
    if (!isUpper(second)) return this.#run('upper', isSmall);
    const word = this.#run('upper', isUpper);
    if (!isAlphabet(this.#runes[this.#index] ?? '')) return word;
    this.#index -= 1;
    return { kind: 'upper', text: Array.from(word.text).slice(0, -1).join('') };
  }

  #run(kind: WordKind, belongs: (rune: string) => boolean): Word {
    const start = this.#index;
    this.#index += 1;
    while (this.hasMore() && belongs(this.#runes[this.#index] ?? '')) this.#index += 1;
    return { kind, text: this.#runes.slice(start, this.#index).join('') };
  }
}

function isSmall(rune: string): boolean {
  return isAlphabet(rune) && !isUpper(rune);
}

function isOther(rune: string): boolean {
  return !(isConnector(rune) || isAlphabet(rune) || isNumber(rune) || isPunctuation(rune));
}
