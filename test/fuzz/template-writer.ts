import type { Choice } from './choice.ts';
import type { Shape, ValuesText } from './values-text.ts';

/** What an expression gives, as far as the writer knows. */
type Kind = 'string' | 'int' | 'float' | 'bool' | 'list' | 'map' | 'any';

/** Functions by what they give, with the kinds of their arguments. Results that hang on chance or on Go's order of maps are left out. */
const FUNCTIONS: Readonly<Record<Kind, string>> = {
  string: `upper string; lower string; title string; untitle string; trim string; nospace string; swapcase string; snakecase string; camelcase string; kebabcase string;
    initials string; quote any; squote any; quote any any; b64enc string; b64dec string; b32enc string; b32dec string; base string; dir string; ext string; clean string; sha256sum string;
    sha1sum string; adler32sum string; html any; js any; urlquery any; toString any; trunc small string; abbrev small string; abbrevboth small small string; substr small small string;
    repeat tiny string; indent tiny string; nindent tiny string; replace string string string; cat any any; wrap small string; wrapWith small string string; join string list; print any any;
    println any; printf format any; printf format any any; toJson any; toYaml any; toPrettyJson any; toRawJson any; toYamlPretty any; typeOf any; kindOf any; trimAll string string; trimPrefix string string;
    trimSuffix string string; plural string string tiny; regexReplaceAll pattern string string; regexFind pattern string; regexReplaceAllLiteral pattern string string; regexQuoteMeta string;
    default any any; ternary any any bool; toToml map; seq tiny; seq tiny tiny; date layout int; duration small; durationRound string; urlJoin map; coalesce any any; toDecimal string; htmlDate int;
    sha512sum string; trimall string string; osBase string; osDir string; osExt string; osClean string; dateInZone layout int zone; htmlDateInZone int zone; date_in_zone layout int zone; derivePassword tiny passwordKind string string string;
    mustToJson any; mustToYaml any; mustToPrettyJson any; mustToRawJson any; mustRegexFind pattern string; mustRegexReplaceAll pattern string string; mustRegexReplaceAllLiteral pattern string string; hello; join string any;
    printf verbs any any any; printf verbs number number; getHostByName string; fileCall; timeText; urlJoin (urlParse url); toString (semver version); include leafName any; cat any any any; println; print; quote; squote nil; ternary string string bool`,
  int: `add number number; sub number number; mul number number; div number number; mod number number; max number number; min number number; len string; len list; len map; int any; int64 any;
    atoi string; add1 number; biggest number number; unixEpoch (toDate "2006" "2024"); add number number number; mul number number number; max number; timeNumber; versionNumber; add; int64 (float64 any)`,
  float:
    'addf number number; subf number number; mulf number number; divf number number; float64 any; floor number; ceil number; round number tiny; maxf number number; minf number number; addf number number number; mulf number number; add1f number; round number small; subf number number number; mulf number',
  bool: `eq any any; ne any any; lt number number; le number number; gt string string; ge any any; and any any; or any any; not any; contains string string; hasPrefix string string; hasSuffix string string;
    hasKey map key; has any list; empty any; kindIs kind any; typeIs kind any; typeIsLike kind any; regexMatch pattern string; deepEqual any any; any any any; all any any; mustRegexMatch pattern string; mustHas any list; eq any any any any; lt string string; gt number number; le any any; osIsAbs string; hasCall; not bool; and bool bool bool; or bool bool bool; contains string any; semverCompare constraint version; isAbs string`,
  list: `list any; list any any; append list any; prepend list any; concat list list; rest list; initial list; uniq list; without list any; compact list; reverse list; slice list; slice list tiny;
    splitList string string; until tiny; untilStep tiny small tiny; sortAlpha list; chunk tiny list; tuple any; regexFindAll pattern string small; toStrings any; fromJsonArray string; fromYamlArray string;
    regexSplit pattern string small; pluck key map map; mustUniq list; push list any; mustAppend list any; mustPrepend list any; mustRest list; mustInitial list; mustReverse list; mustSlice list tiny small; mustWithout list any; mustCompact list; mustChunk tiny list; mustPush list any; mustRegexFindAll pattern string small; mustRegexSplit pattern string small; concat list list list; concat list; tuple; values (dict "a" any); linesCall; list any any any any; without list any any; splitList string any; chunk small list; until small; slice list small small`,
  map: `dict; dict key any; dict key any key any; merge map map; mergeOverwrite map map; pick map key; omit map key; set (dict "k" 1) key any; fromJson string; fromYaml string; split string string;
    splitn string tiny string; urlParse string; deepCopy map; unset (dict "k" 1 "j" 2) key; fromToml string; mustMerge map map; fromJson (toJson any); fromYaml (toYaml map); mustMergeOverwrite map map; mustDeepCopy map; merge map map map; mergeOverwrite map map map; omit map key key; pick map key key; fromJson any; fromYaml any; urlParse url; lookup string string string string; splitn string small string; dict key map key list; chartObject`,
  any: 'first list; last list; index list tiny; get map key; dig key any map; default any any; coalesce any any any; ternary any any bool; index map key; and any any; or any any; tpl tplText any; mustFirst list; deepCopy any; required string any; semver version; mustLast list; toDate layout string; mustToDate layout string; chained; slice string tiny; slice string tiny small; fail string; index list tiny tiny; index map key key; dig key key any map; get map key; mustFromJson string; first string; default any; call any; tpl any any',
};

interface Signature {
  readonly name: string;
  readonly args: readonly string[];
}

const TABLE = new Map(
  Object.entries(FUNCTIONS).map(([kind, text]) => [kind, text.split(';').map((entry) => parseSignature(entry.trim()))]),
);

/** Words parted by blanks; what stands in parentheses is an argument as it is, with kinds inside of it. */
function parseSignature(text: string): Signature {
  const [name = '', ...args] = text.match(/\((?:[^()"]|"[^"]*")*\)|[^\s()]+/g) ?? [];
  return { name, args };
}

const LITERALS: Readonly<Record<string, readonly string[]>> = {
  string: [
    '""',
    '"a"',
    '"Hello World"',
    '"é日😀"',
    '`raw\\n`',
    '"a,b,,c"',
    '"foo_bar-baz"',
    '"12"',
    '"true"',
    '"  padded "',
    '"line\\nline"',
    '"1.2.3"',
    '"x=1"',
    '"{\\"a\\": [1, 2.5, null]}"',
    '"a: 1\\nb: [x, 1e3]"',
    '"%d"',
    '"/usr/../bin/x.tgz"',
    '"<&>\'"',
  ],
  int: ['0', '1', '-1', '2', '7', '42', '-30', '0x1F', '1_000', '9223372036854775807', "'a'", '0o17', '0b11'],
  float: ['1.5', '-2.25', '0.1', '1e6', '1e21', '3.0', '-0.0', '1e-7', '123456789.125'],
  bool: ['true', 'false'],
  list: ['list', '(list 1 2 3)', '(list "b" "a" "C" "a")', '(list 1 "a" nil true 2.5)', '(until 3)'],
  map: ['dict', '(dict "a" 1)', '(dict "a" 1 "b" (dict "c" (list 1)))', '(dict "b" nil "a" "")'],
  tiny: ['0', '1', '2', '3', '-1'],
  small: ['0', '1', '3', '5', '12', '-2', '30'],
  key: ['"a"', '"b"', '"name"', '"x y"', '""', '"missing"'],
  format: [
    '"%v"',
    '"%s|%d"',
    '"%q"',
    '"%5v|%-5v"',
    '"%T"',
    '"%+v"',
    '"%#v"',
    '"%x"',
    '"%05d"',
    '"%.2f"',
    '"%e"',
    '"%t"',
    '"%c"',
    '"%%"',
    '"%"',
    '"%[2]v"',
    '"%*d"',
    '"%6.2f|"',
    '"%g"',
    '"%b"',
    '"%U"',
    '"%08.3f"',
    '"%+d"',
    '"% d"',
    '"%!"',
  ],
  pattern: ['"a"', '"[a-z]+"', '"(\\\\w)(\\\\w)"', '"^.*$"', '"x*"', '"\\\\d+"', '"(?i)HELLO"', '"["'],
  layout: ['"2006-01-02"', '"Mon Jan _2 15:04:05 MST 2006"', '"3:04PM"', '"02.01.06"', '"x"'],
  kind: ['"string"', '"map"', '"slice"', '"int"', '"float64"', '"[]interface {}"', '"bool"', '"invalid"'],
  leafName: ['"leaf"', '"nope"', '"none"'],
  zone: ['"UTC"', '"America/New_York"', '"Asia/Kolkata"', '"Europe/Berlin"', '"Nowhere/X"', '"Local"', '""'],
  duration: ['"1h"', '"-36h"', '"1h30m15s"', '"x"', '"0.5s"', '""', '"8760h"'],
  passwordKind: ['"long"', '"maximum"', '"pin"', '"basic"', '"x"', '"name"', '"phrase"'],
  url: [
    '"http://u:p@x.y:80/a/b?q=1#f"',
    '"mailto:a@b"',
    '"/rel?x"',
    '"http://[::1]:8/%41"',
    '"::"',
    '"//host/p"',
    '"http://x.y/%zz"',
  ],
  fileCall: [
    '($.Files.Get "files/a.txt")',
    '($.Files.Get "files/none")',
    '($.Files.Get "../x")',
    '($.Files.Glob "files/*").AsConfig',
    '($.Files.Glob "files/*.txt").AsSecrets',
    '($.Files.Glob "**").AsConfig',
    '($.Files.Glob "files/{a,b}.*").AsConfig',
    '($.Files.Glob "[").AsConfig',
    '($.Files.GetBytes "files/a.txt" | toString)',
    '($.Files.Glob "files/[!a].txt").AsConfig',
  ],
  linesCall: ['($.Files.Lines "files/a.txt")', '($.Files.Lines "none")', '$.Chart.Keywords', '$.Chart.Sources'],
  hasCall: [
    '($.Capabilities.APIVersions.Has "apps/v1")',
    '($.Capabilities.APIVersions.Has "apps/v1/Deployment")',
    '($.Capabilities.APIVersions.Has "x")',
    '$.Release.IsUpgrade',
    '((semver "1.2.3").Equal (semver "1.2.3"))',
    '((semver "1.2.3").LessThan (semver "1.10.3"))',
    '(toDate "2006" "2024").IsZero',
    '((toDate "2006" "2024").After (toDate "2006" "2023"))',
    '$.Capabilities.APIVersions.Has',
    '($.Capabilities.APIVersions.Has 1)',
  ],
  timeText: [
    '((toDate "2006-01-02" "2024-02-29").Format "Jan 2, 2006 at 3:04pm (MST)")',
    '(toDate "2006-01-02" "2024-02-29").String',
    '((toDate "2006-01-02T15:04:05Z07:00" "2024-12-31T23:59:59+05:30").Format "Monday 02-Jan-06 15:04:05.000 -0700 MST")',
    '(toDate "2006-01-02" "2024-02-29").Weekday',
    '(toDate "2006-01-02" "2024-02-29").Month',
    '(toDate "2006-01-02" "2024-02-29").UTC',
    '((toDate "2006-01-02" "bad").Format "2006")',
    '(((toDate "2006-01-02" "2024-02-29").AddDate 0 1 1).Format "2006-01-02")',
    '(toDate "2006-01-02" "2024-02-29").Nope',
    '(dateModify "-36h" (toDate "2006-01-02" "2024-02-29") | date "2006-01-02 15:04")',
    '(mustDateModify "1h30m15s" (toDate "2006-01-02" "2024-02-29") | date "Jan _2 15:04:05")',
    '(mustDateModify "x" (toDate "2006-01-02" "2024-02-29") | date "Jan _2 15:04:05")',
  ],
  timeNumber: [
    '(toDate "2006-01-02" "2024-02-29").Year',
    '(toDate "2006-01-02" "2024-02-29").Day',
    '(toDate "2006-01-02" "2024-02-29").YearDay',
    '(toDate "2006-01-02" "2024-02-29").Unix',
    '(toDate "2006-01-02" "2024-02-29").UnixNano',
    '(toDate "2006-01-02" "2024-02-29").Hour',
  ],
  versionNumber: [
    '(semver "1.2.3-a.1+b").Major',
    '(semver "v1.2").Minor',
    '(semver "1.2.3").Patch',
    '((semver "1.2.3").Compare (semver "2.0.0"))',
    '($.Capabilities.KubeVersion.Minor | atoi)',
  ],
  chartObject: [
    '$.Chart.Annotations',
    '$.Values.AsMap',
    '$.Subcharts',
    '$.Template',
    '$.Release',
    '(dict "c" $.Chart.Maintainers)',
  ],
  chained: [
    '(dict "a" (dict "b" 1)).a.b',
    '(dict "a" nil).a.b',
    '(list 1 2).x',
    '(index (list (dict "k" "v")) 0).k',
    '("text").x',
    '(semver "1.2.3-a.1+b").Prerelease',
    '(semver "1.2.3-a.1+b").Metadata',
    '(semver "1.2.3").Original',
    '(semver "1.2.3").IncMinor',
    '(urlParse "http://x/y").host',
    '(fromYaml "a: [1, {b: 2}]").a',
    '(fromYaml "a: [").Error',
    '(fromJson "{").Error',
    '$.Capabilities.KubeVersion.GitVersion',
    '$.Capabilities.KubeVersion',
    '$.Capabilities.HelmVersion.Version',
    '$.Chart.Dependencies',
    '$.Chart.Maintainers',
    '$.Chart.Nope',
    '$.Template.BasePath',
    '$.Release.Nope',
    '(not true).x',
    '(include "leaf" 1).x',
  ],
  version: ['"1.2.3"', '"v1.2"', '"1"', '"1.2.3-rc.1"', '"x"'],
  constraint: ['"^1.2"', '">=1.0.0 <2"', '"~1.2.3"', '"*"', '"1.x || 2"', '"x"'],
  tplText: [
    '"x"',
    '"{{ . }}"',
    '"{{ .a }}"',
    '"{{ len . }}"',
    '"{{"',
    '"{{ $ | toJson }}"',
    '"{{ include \\"leaf\\" . }}"',
    '(toYaml .Values)',
  ],
  any: ['nil', '1', '"s"', 'true', '2.5', '(list)', '(dict)'],
};

/** Names among {@link FUNCTIONS} that stand for what is written as it is. */
const CALLS: ReadonlySet<string> = new Set(
  'fileCall linesCall hasCall timeText timeNumber versionNumber chartObject chained'.split(' '),
);

const SHAPES: Readonly<Record<Shape, Kind>> = {
  string: 'string',
  number: 'float',
  bool: 'bool',
  null: 'any',
  list: 'list',
  map: 'map',
};
const OBJECTS = [
  '.Release.Name',
  '.Release.Namespace',
  '.Release.IsInstall',
  '.Release.Revision',
  '.Chart.Name',
  '.Chart.Version',
  '.Template.Name',
  '.Capabilities.KubeVersion.Major',
  '.Chart.Annotations',
  '.Chart.Keywords',
  '.Files',
  '.Subcharts',
  '.',
  '$',
  '.Values',
  '$.Values',
  '.Values.missing',
  '.Values.missing.deeper',
  '.Chart',
  '.Release',
  '.Values.AsMap',
  '.Release.Service',
];
const TEXTS = [
  '',
  'x',
  ' y ',
  '\n',
  '\n  ',
  ' \n\t',
  'é',
  '}}',
  '{',
  '- ',
  '--',
  '"q"',
  'key: ',
  '# c\n',
  '{ {',
  '\r\n',
];
const KINDS: readonly Kind[] = ['string', 'int', 'float', 'bool', 'list', 'map', 'any'];

const WRONG_COUNTS = ['"2"', '"x"', '1.5', 'true', 'nil', 'list', 'dict', '(list 1)', '""'];

interface Variable {
  readonly name: string;
  readonly kind: Kind;
}

/** Writes templates over given values: well-typed ones most of the time, so that much of each runs. */
export class TemplateWriter {
  readonly #choice: Choice;
  #variables: Variable[] = [];
  #paths: ValuesText['paths'] = [];
  #defines = 0;
  #inLoop = 0;
  /** One argument in so many is of the wrong kind. */
  #wrong = 25;

  constructor(choice: Choice) {
    this.#choice = choice;
  }

  next(values: ValuesText): string {
    this.#variables = [];
    this.#paths = values.paths;
    this.#defines = 0;
    this.#inLoop = 0;
    // Half of the templates are to run to their end.
    const careful = this.#choice.once(2);
    this.#wrong = careful ? 400 : 25;
    if (careful && this.#choice.once(2)) return this.#action(this.#pipeline(this.#choice.pick(KINDS), 5));
    const defines = this.#choice.several(0, 2, () => this.#define());
    return [...defines, this.#nodes(3, 5)].join(this.#choice.pick(['', '\n']));
  }

  #define(): string {
    const { length } = this.#variables;
    const name = `d${this.#defines}`;
    const body = this.#nodes(1, 3);
    this.#variables.length = length;
    this.#defines += 1;
    return `${this.#action(`define "${name}"`)}${body}${this.#action('end')}`;
  }

  #action(content: string): string {
    const open = this.#choice.pick(['{{', '{{ ', '{{ ', '{{- ', '{{- ', '{{-\n']);
    return open + content + this.#choice.pick(['}}', ' }}', ' }}', ' -}}', '\n-}}']);
  }

  #nodes(depth: number, most: number): string {
    const { length } = this.#variables;
    const out = this.#choice.several(1, most, () => this.#node(depth)).join('');
    this.#variables.length = length;
    return out;
  }

  #node(depth: number): string {
    const roll = this.#choice.below(depth > 0 ? 14 : 8);
    if (roll < 2) return this.#choice.pick(TEXTS);
    if (roll < 6) return this.#action(this.#pipeline(this.#choice.pick(KINDS), 3));
    if (roll === 6) return this.#assignment();
    if (roll === 7) return this.#rare();
    if (roll < 10) return this.#branch('if', depth);
    if (roll === 10) return this.#branch('with', depth);
    if (roll < 13) return this.#loop(depth);
    return this.#call(depth);
  }

  #rare(): string {
    switch (this.#choice.below(4)) {
      case 0:
        return this.#choice.pick(['{{/* c */}}', '{{- /* c\n*/ -}}', '{{ "{{" }}', '{{ `}}` }}']);
      case 1:
        return this.#inLoop > 0 ? this.#action(this.#choice.pick(['break', 'continue'])) : '';
      case 2:
        if (this.#wrong > 25) return '';
        return this.#action(
          this.#choice.pick([
            '.Values',
            '.',
            'nil',
            '"',
            '1 2',
            '.Values.',
            'end',
            'else',
            '$undefined',
            'nope 1',
            '.Values.a.b.c.d',
            '(1',
            'if',
            '1 | 2',
            'dict "a"',
          ]),
        );
      default:
        return this.#action(`printf "%v" ${this.#argument('any', 2)}`);
    }
  }

  #assignment(): string {
    const kind = this.#choice.pick(KINDS);
    const known = this.#variables.length > 0 && this.#choice.once(3) ? this.#choice.pick(this.#variables) : undefined;
    if (known !== undefined) return this.#action(`${known.name} = ${this.#pipeline(known.kind, 2)}`);
    const name = this.#choice.pick(['$a', '$b', '$c', '$é']);
    const out = this.#action(`${name} := ${this.#pipeline(kind, 2)}`);
    this.#variables.push({ name, kind });
    return out;
  }

  #branch(word: 'if' | 'with', depth: number): string {
    const { length } = this.#variables;
    const head = (): string => {
      const kind = word === 'if' ? 'bool' : this.#choice.pick(KINDS);
      if (!this.#choice.once(6)) return `${word} ${this.#pipeline(kind, 2)}`;
      const out = `${word} $v := ${this.#pipeline(kind, 2)}`;
      this.#variables.push({ name: '$v', kind });
      return out;
    };
    let out = this.#action(head()) + this.#nodes(depth - 1, 3);
    if (this.#choice.once(4)) out += this.#action(`else ${head()}`) + this.#nodes(depth - 1, 2);
    if (this.#choice.once(3)) out += this.#action('else') + this.#nodes(depth - 1, 2);
    this.#variables.length = length;
    return out + this.#action('end');
  }

  #loop(depth: number): string {
    const { length } = this.#variables;
    const declared = this.#choice.pick(['', '$e := ', '$i, $e := ']);
    const over = this.#choice.once(5)
      ? this.#argument('tiny', 1)
      : this.#pipeline(this.#choice.pick(['list', 'map']), 2);
    for (const name of declared.match(/\$\w/g) ?? []) this.#variables.push({ name, kind: 'any' });
    this.#inLoop += 1;
    let out = this.#action(`range ${declared}${over}`) + this.#nodes(depth - 1, 3);
    this.#inLoop -= 1;
    if (this.#choice.once(4)) out += this.#action('else') + this.#nodes(depth - 1, 2);
    this.#variables.length = length;
    return out + this.#action('end');
  }

  #call(depth: number): string {
    const names = ['"leaf"', ...Array.from({ length: this.#defines }, (_, i) => `"d${i}"`)];
    const name = this.#choice.pick(names);
    const data = this.#choice.pick(['.', '$', this.#argument('map', 1), this.#argument('any', 1)]);
    switch (this.#choice.below(4)) {
      case 0:
        return this.#action(`template ${name} ${data}`);
      case 1:
        return (
          this.#action(`block "b${this.#choice.below(1000)}" ${data}`) + this.#nodes(depth - 1, 2) + this.#action('end')
        );
      default:
        return this.#action(
          `include ${name} ${data}${this.#choice.pick(['', ' | indent 2', ' | trim', ' | quote', ' | fromYaml', ' | nindent 4'])}`,
        );
    }
  }

  #pipeline(kind: Kind, depth: number): string {
    const [signature, last] = this.#choice.once(3) && depth > 0 ? this.#piped(kind) : [undefined, ''];
    if (signature === undefined) return this.#expression(kind, depth);
    const args = signature.args.slice(0, -1).map((arg) => ` ${this.#argument(arg, depth - 1)}`);
    return `${this.#argument(last, depth - 1)} | ${signature.name}${args.join('')}`;
  }

  /** A function that can take its last argument from a pipeline. */
  #piped(kind: Kind): [Signature | undefined, string] {
    const signature = this.#choice.pick(TABLE.get(kind) ?? []);
    const last = signature.args.at(-1);
    return last === undefined || last.startsWith('(') ? [undefined, ''] : [signature, last];
  }

  /** An expression without parentheses around it. */
  #expression(kind: Kind, depth: number): string {
    if (depth <= 0 || this.#choice.once(4)) return this.#simple(kind).replace(/^\((.*)\)$/s, '$1');
    const { name, args } = this.#choice.pick(TABLE.get(kind) ?? []);
    if (args.length === 0 && CALLS.has(name)) return this.#choice.pick(LITERALS[name] ?? []);
    return [name, ...args.map((arg) => this.#argument(arg, depth - 1))].join(' ');
  }

  #argument(wanted: string, depth: number): string {
    if (wanted.startsWith('(')) {
      return wanted.replaceAll(/"[^"]*"|\b[a-z]+\b/g, (word) =>
        word === 'any' || word === 'map' ? this.#argument(word, depth - 1) : word,
      );
    }
    const isWrong = this.#choice.once(this.#wrong);
    // A wrong count must not be a huge one: helm would make a list of that length.
    if (isWrong && (wanted === 'tiny' || wanted === 'small')) return this.#choice.pick(WRONG_COUNTS);
    const kind = isWrong ? this.#choice.pick(KINDS) : wanted;
    if (kind === 'number') return this.#argument(this.#choice.pick(['int', 'float', 'int', 'string']), depth);
    if (kind === 'verbs') return this.#verbs();
    if (!(KINDS as readonly string[]).includes(kind)) return this.#choice.pick(LITERALS[kind] ?? ['nil']);
    if (depth <= 0 || this.#choice.once(2)) return this.#simple(kind as Kind);
    return `(${this.#pipeline(kind as Kind, depth)})`;
  }

  /** A format of random verbs with flags, widths, precisions and indices of arguments. */
  #verbs(): string {
    const verb = (): string => {
      const flags = this.#choice.several(0, 2, () => this.#choice.pick(['-', '+', '#', ' ', '0'])).join('');
      const width = this.#choice.pick(['', '', '1', '5', '12', '*', '[1]*']);
      const precision = this.#choice.pick(['', '', '', '.', '.0', '.2', '.10', '.*']);
      const index = this.#choice.pick(['', '', '', '', '[1]', '[2]', '[3]', '[9]', '[x]']);
      return `%${flags}${width}${precision}${index}${this.#choice.pick(Array.from('vvvTtdbcoOqxXUeEfFgGspw%!z'))}`;
    };
    return `"${this.#choice.several(1, 3, verb).join(this.#choice.pick(['|', ' ', 'é', '']))}"`;
  }

  /** A literal, a variable or a path. */
  #simple(kind: Kind): string {
    const roll = this.#choice.below(6);
    if (roll < 2) {
      const fitting = this.#paths.filter(
        ({ shape }) => kind === 'any' || SHAPES[shape] === kind || (kind === 'int' && shape === 'number'),
      );
      if (fitting.length > 0) return this.#choice.pick(fitting).path.replace(/^/, this.#choice.pick(['', '$', '$']));
    }
    if (roll === 2) {
      const fitting = this.#variables.filter(
        (variable) => kind === 'any' || variable.kind === kind || variable.kind === 'any',
      );
      if (fitting.length > 0) return this.#choice.pick(fitting).name;
    }
    if (roll === 3 && this.#choice.once(3)) return this.#choice.pick(OBJECTS);
    return this.#choice.pick(LITERALS[kind] ?? ['nil']);
  }
}
