import { describe, expect, test } from 'vitest';
import { parseSqlConnection } from '../../src/release/sql-connection.ts';

describe('connection strings', () => {
  test.each([
    [
      'postgres://anna:s%40fe@db.example:5433/helm?sslmode=disable',
      { host: 'db.example', port: 5433, user: 'anna', password: 's@fe', database: 'helm', tls: 'off', files: {} },
    ],
    ['postgresql://[::1]/helm', { host: '::1', database: 'helm', tls: 'encrypt', files: {} }],
    [
      'postgres://localhost:80/x?sslmode=require',
      { host: 'localhost', port: 80, database: 'x', tls: 'encrypt', files: {} },
    ],
    [
      'host=/run/postgresql dbname=helm user=anna sslmode=disable connect_timeout=3',
      { host: '/run/postgresql', user: 'anna', database: 'helm', connectTimeout: 3000, tls: 'off', files: {} },
    ],
    [
      "host = db password = 'it\\'s me' sslmode=verify-full sslrootcert=/ca.pem",
      { host: 'db', password: "it's me", tls: 'verify-host', files: { authority: '/ca.pem' } },
    ],
    [
      'host=db sslmode=verify-ca sslcert=/c sslkey=/k search_path=helm',
      { host: 'db', options: '-c search_path=helm', tls: 'verify', files: { certificate: '/c', key: '/k' } },
    ],
  ])('%s', (text, expected) => {
    expect(parseSqlConnection(text)).toEqual(expected);
  });

  test.each(['postgres://h:port/x', 'host', "host='open", 'host=h sslmode=maybe', 'host=h port=x secret'])(
    'refuses %s, and does not repeat it',
    (text) => {
      expect(() => parseSqlConnection(text)).toThrow(/^HELM_DRIVER_SQL_CONNECTION_STRING: /);
      expect(() => parseSqlConnection(text)).not.toThrow(/secret/);
    },
  );
});
