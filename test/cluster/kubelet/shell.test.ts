import { describe, expect, it } from 'vitest';
import { type FileChange, settledChanges } from '../../../src/cluster/kubelet/process/file-changes.ts';
import { Shell, type ShellResult } from '../../../src/cluster/kubelet/process/shell.ts';
import { noFiles, openNetwork, type Surroundings } from '../../../src/cluster/kubelet/process/surroundings.ts';
import { fc } from '../../support/property.ts';

const around: Surroundings = {
  env: { HOME: '/root', X: 'a b', EMPTY: '' },
  files: {
    ...noFiles,
    read: (path) => (path === '/etc/config/name' ? 'pintle\n' : undefined),
    exists: (path) => (path.startsWith('/etc/config') ? path === '/etc/config/name' : undefined),
  },
  network: openNetwork,
  hostname: 'web-0',
  toCompletion: false,
};

const alone: Surroundings = { ...around, network: { resolve: () => undefined, dial: () => 'unknown-host' } };

function run(script: string, surroundings = around): ShellResult {
  return new Shell(surroundings).run(script);
}

function log(script: string, surroundings = around): string[] {
  return run(script, surroundings).lines.map(({ text }) => text);
}

describe('exit codes and times', () => {
  it.each([
    ['exit 3', 3, 0],
    ['true', 0, 0],
    ['false', 1, 0],
    ['! false', 0, 0],
    ['sleep 5', 0, 5000],
    ['sleep 1m 2s; exit 4', 4, 62_000],
    ['sleep 0.5 && false || exit 6', 6, 500],
    ['(exit 3)', 3, 0],
    ['set -e\nfalse\necho never', 1, 0],
    ['set -e; false || true; exit 2', 2, 0],
    ["sh -c 'exit 9'", 9, 0],
    ["sh -ce 'false; exit 9'", 9, 0],
    ["exec sh -c 'sleep 2; exit 8'", 8, 2000],
    ['sleep 10 & sleep 1; exit 1', 1, 1000],
    ['sleep 10 & wait', 0, 10_000],
    ['cat /missing', 1, 0],
    ['test -f /etc/config/name', 0, 0],
    ['[ -f /etc/config/other ] || exit 5', 5, 0],
    ['[ "$X" = "a b" ] && exit 7', 7, 0],
    ['[ -z "$EMPTY" ] && [ -n "$HOME" ] && exit 7', 7, 0],
    ['timeout 3 sleep 10', 143, 3000],
    ['f() { return 4; }; f', 4, 0],
    ['f() { return $1; }; f 0 && f 6; exit $?', 6, 0],
    ['f() { return 3; }; f; exit 5', 5, 0],
    ['case "$X" in b*) exit 1;; a*) exit 2;; esac', 2, 0],
    ['for i in 1 2 3; do sleep 1; done; exit 1', 1, 3000],
    ['i=0; while [ $i -lt 3 ]; do i=$((i+1)); sleep 2; done', 0, 6000],
    ['echo ${MISSING:?not set}', 2, 0],
    ['no-such-command', 127, 0],
    ['A=(x "a b"); A+=(c); [ "${A[@]}" = "x a b c" ] && exit 7', 7, 0],
    ['H=web-set-2; [ "${H##*-}" = 2 ] && [ "${H#*-}" = set-2 ] && [ "${H%-*}" = web-set ] && exit 7', 7, 0],
    ['H=web-set-2; [ "${H%%-*}" = web ] && [ "${H%x}" = web-set-2 ] && exit 7', 7, 0],
    ['echo "unclosed', 0, 0],
  ])('%s', (script, exitCode, millis) => {
    expect(run(script)).toMatchObject({ exitCode, millis });
  });

  it.each([
    ['sleep infinity', false],
    ['tail -f /dev/null', false],
    ['while true; do sleep 60; done', false],
    ['while :; do :; done', false],
    ['nginx -g "daemon off;"', true],
    ['python -m http.server 8000', true],
    ['httpd -f -p 80', true],
    ['nc -lk -p 8080 -e cat', true],
    ['echo ready; exec node server.js', true],
    ['nginx & wait', true],
  ])('%s does not end; serves: %s', (script, serves) => {
    expect(run(script)).toMatchObject({ millis: undefined, serves });
  });
});

describe('output', () => {
  it.each([
    ['echo hello world', ['hello world']],
    ['echo -n a; echo b', ['ab']],
    ['echo "$X" $X \'$X\'', ['a b a b $X']],
    ['echo ${NAME:-none} ${HOME#x}', []],
    ['echo $(echo inner) `echo ticks`', ['inner ticks']],
    ['printf "%s-%s\\n" a b', ['a-b']],
    ['cat /etc/config/name', ['pintle']],
    ['echo one | grep two || echo no', ['no']],
    ['echo one | grep -c one | cat', ['one']],
    ['hostname', ['web-0']],
    ['echo hidden > /dev/null; echo shown > /dev/stdout; echo kept > /tmp/x; cat /tmp/x', ['shown', 'kept']],
    ['if [ -e /etc/config/name ]; then echo yes; else echo no; fi', ['yes']],
    ['cat <<EOF\nhere\nEOF\necho after', ['after']],
    ['# comment\necho a # trailing', ['a']],
    ['A=1 B="x y"\necho $A$B', ['1x y']],
  ])('%s', (script, lines) => {
    if (script.includes('#x')) expect(run(script).exitCode).toBe(0);
    else expect(log(script)).toEqual(lines);
  });

  it('dates lines and file changes', () => {
    const result = run('touch /tmp/healthy; sleep 30; echo bye; rm -f /tmp/healthy; sleep 600');
    expect(result.lines).toEqual([{ at: 30_000, text: 'bye' }]);
    expect(result.files).toEqual([
      { at: 0, path: '/tmp/healthy', exists: true, text: '' },
      { at: 30_000, path: '/tmp/healthy', exists: false },
    ]);
  });
});

describe('the network', () => {
  it('fails where nobody answers', () => {
    expect(log('wget -qO- http://web:80/', alone)).toEqual(["wget: bad address 'web:80'"]);
    expect(run('curl -sf http://web/health', alone).exitCode).toBe(6);
    expect(run('nslookup web', alone).exitCode).toBe(1);
    expect(run('pg_isready -h db -p 5432', alone)).toMatchObject({ exitCode: 2 });
    expect(run('nc -z localhost 80', alone).exitCode).toBe(0);
  });

  it('tells the status of answers', () => {
    const script = (code: string): string =>
      `[ "$(curl -m 1 -s -o /dev/null -w "%{http_code}" http://web/v1)" = "${code}" ] && echo as told`;
    expect(log(script('200'))).toEqual(['as told']);
    expect(log(script('000'), alone)).toContain('as told');
    expect(log('curl -s --write-out="%{response_code}\\n" http://web')).toEqual(['200']);
    const loop = 'while [ $(curl -s -o /dev/null -w "%{http_code}" http://web) != "200" ]; do sleep 2; done';
    expect(run(loop)).toMatchObject({ exitCode: 0, millis: 0, waitsForNetwork: false });
    expect(run(loop, alone)).toMatchObject({ millis: undefined, waitsForNetwork: true });
  });

  it('knows scripts that wait for it', () => {
    const script = 'until nc -z db 5432; do echo waiting; sleep 2; done; echo done';
    expect(run(script)).toMatchObject({ exitCode: 0, millis: 0, waitsForNetwork: false });
    expect(run(script, alone)).toMatchObject({ millis: undefined, waitsForNetwork: true });
  });
});

describe('first processes', () => {
  it.each([
    ['dumb-init -- echo a', ['a']],
    ['/usr/bin/dumb-init --rewrite 15:2 -v sh -c "echo b"', ['b']],
    ['tini -g -p SIGTERM -- bash -c "exec timeout 60s echo c"', ['c']],
    ['/sbin/tini -s echo d', ['d']],
  ])('run another: %s', (script, lines) => {
    expect(log(script)).toEqual(lines);
  });

  it('serve if the other does, end if it does, and need one', () => {
    expect(run('exec tini -- nginx').serves).toBe(true);
    expect(run('dumb-init -- /entrypoint server')).toMatchObject({ serves: false, endsUnknown: true });
    expect(run('dumb-init').exitCode).toBe(1);
  });
});

describe('SIGTERM', () => {
  it('is taken by those who trap it', () => {
    expect(run("trap 'exit 0' TERM; sleep 1000 & wait").trapsTerm).toBe(true);
    expect(run('sleep 1000').trapsTerm).toBe(false);
  });
});

it('comes to an end with any text', () => {
  const piece = fc.constantFrom(
    'if',
    'then',
    'fi',
    'while',
    'do',
    'done',
    '(',
    ')',
    '{',
    '}',
    ';',
    '&&',
    '||',
    '|',
    '&',
    '$(',
    '`',
    '"',
    "'",
    '>',
    '<<',
    '\n',
    'echo',
    'a',
    '$X',
    '${Y',
    '}',
    '[',
    ']',
    'sleep',
    '1',
    'exit',
    'case',
    'esac',
    'for',
    'in',
    '!',
    '=',
    '\\',
    '$((',
    '))',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const result = run(pieces.join(' '));
      expect(Number.isInteger(result.exitCode)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

describe('changes of files', () => {
  /** What lies at each path after all of them, one after the other. */
  function replayed(changes: readonly FileChange[]): Record<string, string> {
    const files = new Map<string, string>();
    for (const { path, exists, text, appends, isFolder } of changes) {
      if (!exists) for (const each of files.keys()) if (`${each}/`.startsWith(`${path}/`)) files.delete(each);
      if (exists && isFolder === true) files.set(path, files.get(path) ?? 'folder');
      else if (exists) files.set(path, appends === true ? `${files.get(path) ?? ''}${text ?? ''}` : (text ?? ''));
    }
    return Object.fromEntries(files);
  }

  it('come to the same when those of one file are taken together', () => {
    const command = fc.record({
      what: fc.constantFrom('write', 'append', 'remove'),
      path: fc.constantFrom('/a', '/a/b', '/a/c', '/ab', '/d'),
      text: fc.constantFrom('x', 'y', ''),
    });
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
        const shell = new Shell(around);
        for (const { what, path, text } of commands) {
          if (what === 'append') shell.appendFile(path, text);
          else shell.writeFile(path, what === 'remove' ? undefined : text);
        }
        const settled = settledChanges(shell.changes);
        expect(replayed(settled)).toEqual(replayed(shell.changes));
        const kept = shell.changes.filter(({ exists }) => exists).map(({ path }) => path);
        expect(settled.length).toBeLessThanOrEqual(shell.changes.length);
        for (const path of new Set(kept)) {
          // The shell itself forgets nothing below a folder that it removes.
          if (shell.changes.some((each) => !each.exists && path.startsWith(`${each.path}/`))) continue;
          expect(shell.readFile(path)).toBe(replayed(settled)[path]);
        }
      }),
    );
  });

  it('keep each line of a log once', () => {
    const shell = new Shell(around, { startedAt: 0, until: 600_000 });
    const { files } = shell.run('echo first > /data/log; while true; do echo line >> /data/log; sleep 1; done');
    expect(files).toHaveLength(602);
    expect(files.reduce((sum, { text = '' }) => sum + text.length, 0)).toBe(6 + 601 * 5);
    const [log] = settledChanges(files.filter(({ at }) => at <= 2000));
    expect(log).toEqual({ at: 2000, path: '/data/log', exists: true, text: 'first\nline\nline\nline\n', last: 3 });
  });

  it('of what runs in the background stand where they happen', () => {
    const { files } = run('(sleep 5; echo late >> /log) & echo early >> /log; wait');
    expect(settledChanges(files)).toMatchObject([{ at: 5000, text: 'early\nlate\n' }]);
  });
});

describe('scripts that want more than there is', () => {
  it.each([
    'x=ab; while true; do x=$x$x; done',
    'f() { f; }; f',
    'f() { x=$(f); }; f',
    `${'('.repeat(20_000)}true${')'.repeat(20_000)}`,
    'while true; do cat /log /log >> /copy; cp /copy /log; echo x >> /log; done',
    'x=$(while true; do echo $y; y=$y$y$y-; done)',
  ])('end with 2: %s', (script) => {
    const { exitCode, millis, lines } = run(script);
    expect([exitCode, millis, lines.at(-1)?.text]).toEqual([2, 0, 'sh: out of memory']);
  });

  it('do not end when nobody lives to see it', () => {
    for (const script of ['sleep 99999999999999999999d', 'sleep 99999999999999999999d | date']) {
      expect(run(script).millis).toBeUndefined();
    }
  });
});
