import type { ActionContext } from '../actions/context.ts';
import { migrateRecords } from '../actions/migrate-records.ts';
import { verifyRecords } from '../actions/verify-records.ts';
import { verifyRows } from '../actions/verify-rows.ts';
import { PintleError } from '../base/errors.ts';
import { createSqlDriver } from '../release/choose-driver.ts';
import { createConfigMapDriver } from '../release/configmap-driver.ts';
import { createSecretDriver } from '../release/secret-driver.ts';
import type { SqlDriver } from '../release/sql-driver.ts';
import { ReleaseStore } from '../release/store.ts';
import { formatData, helmTable, outputFormat } from './formats.ts';
import type { Io } from './io.ts';
import { recordCipherOf, withSession } from './session.ts';
import type { GlobalOptions } from './settings.ts';

/** The flags of `pintle release`. */
export interface ReleaseFlags extends GlobalOptions {
  readonly repair?: boolean;
  readonly to?: string;
  readonly from?: string;
  readonly output?: string;
}

type Place = 'secret' | 'configmap' | 'sql';

const PLACES: readonly string[] = ['secret', 'configmap', 'sql'] satisfies Place[];

/** Where records of the session's namespace may be. */
async function storeAt(io: Io, context: ActionContext, place: Place): Promise<ReleaseStore> {
  const { client, clock, namespace, logger } = context;
  const options = { client, clock, namespace, logger, cipher: await recordCipherOf(io) };
  if (place === 'secret') return new ReleaseStore(createSecretDriver(options));
  if (place === 'configmap') return new ReleaseStore(createConfigMapDriver(options));
  return new ReleaseStore(await sqlDriver(io, context));
}

async function sqlDriver(io: Io, { clock, namespace, logger }: ActionContext): Promise<SqlDriver> {
  const sqlConnection = io.env['HELM_DRIVER_SQL_CONNECTION_STRING'];
  return await createSqlDriver({ clock, namespace, logger, cipher: await recordCipherOf(io), sqlConnection });
}

/** `pintle release verify`; fails when something is wrong that was not repaired. */
export async function runVerify(io: Io, name: string | undefined, flags: ReleaseFlags): Promise<void> {
  const format = outputFormat(flags.output);
  const repair = flags.repair === true;
  const findings = await withSession(
    io,
    flags,
    { access: repair ? 'write' : 'read', command: 'pintle release verify' },
    async ({ context }) => {
      if (io.env['HELM_DRIVER'] === 'sql') return await verifyRows(await sqlDriver(io, context), { name, repair });
      const secret = await storeAt(io, context, 'secret');
      const configmap = await storeAt(io, context, 'configmap');
      const storeOf = (type: { readonly kind: string }): ReleaseStore => (type.kind === 'Secret' ? secret : configmap);
      return await verifyRecords(context, { name, repair, storeOf });
    },
  );
  if (format !== 'table') io.stdout(formatData(format, findings));
  else if (findings.length === 0) io.stdout('All records are well.\n');
  else {
    const rows = findings.map(({ record, text, repair: cure, repaired }) => [
      record,
      text,
      repaired ? `done: ${cure ?? ''}` : (cure ?? '-'),
    ]);
    io.stdout(helmTable(['RECORD', 'FINDING', 'REPAIR'], rows));
  }
  const open = findings.filter(({ repaired }) => !repaired);
  if (open.length === 0) return;
  const curable = open.some(({ repair: cure }) => cure !== undefined);
  throw new PintleError(
    'release-corrupt',
    `${open.length} of the records' faults are not repaired`,
    curable ? { hint: 'add --repair to put right what can be' } : {},
  );
}

/** `pintle release migrate` */
export async function runMigrate(io: Io, name: string | undefined, flags: ReleaseFlags): Promise<void> {
  const to = placeFlag('--to', flags.to ?? '');
  const from = flags.from === undefined ? undefined : placeFlag('--from', flags.from);
  if (from === to) throw new PintleError('usage', `--from and --to are both ${to}`);
  const moved = await withSession(
    io,
    flags,
    { access: 'write', command: 'pintle release migrate' },
    async ({ context }) => {
      const target = await storeAt(io, context, to);
      const out: string[] = [];
      for (const source of from === undefined ? otherPlaces(io, to) : [from]) {
        out.push(...(await migrateRecords({ name, from: await storeAt(io, context, source), to: target })));
      }
      return out;
    },
  );
  io.stdout(moved.length === 0 ? 'Nothing to move.\n' : moved.map((each) => `moved ${each}\n`).join(''));
}

/** Without `--from`, records come from wherever else they may be; a database counts when HELM_DRIVER names it. */
function otherPlaces(io: Io, to: Place): readonly Place[] {
  const all: readonly Place[] =
    io.env['HELM_DRIVER'] === 'sql' ? ['secret', 'configmap', 'sql'] : ['secret', 'configmap'];
  return all.filter((place) => place !== to);
}

function placeFlag(flag: string, text: string): Place {
  if (PLACES.includes(text)) return text as Place;
  throw new PintleError('usage', `invalid argument "${text}" for "${flag}" flag`, {
    hint: 'use secret, configmap or sql',
  });
}
