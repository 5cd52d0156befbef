import type { ActionContext } from '../actions/context.ts';
import { migrateRecords, verifyRecords } from '../actions/verify-records.ts';
import { PintleError } from '../base/errors.ts';
import { createConfigMapDriver } from '../release/configmap-driver.ts';
import { createSecretDriver } from '../release/secret-driver.ts';
import { ReleaseStore } from '../release/store.ts';
import { formatData, helmTable, outputFormat } from './formats.ts';
import type { Io } from './io.ts';
import { recordCipherOf, withSession } from './session.ts';
import type { GlobalOptions } from './settings.ts';

/** The flags of `pintle release`. */
export interface ReleaseFlags extends GlobalOptions {
  readonly repair?: boolean;
  readonly to?: string;
  readonly output?: string;
}

async function storesOf(io: Io, context: ActionContext): Promise<{ secret: ReleaseStore; configmap: ReleaseStore }> {
  const { client, clock, namespace, logger } = context;
  const options = { client, clock, namespace, logger, cipher: await recordCipherOf(io) };
  return {
    secret: new ReleaseStore(createSecretDriver(options)),
    configmap: new ReleaseStore(createConfigMapDriver(options)),
  };
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
      const stores = await storesOf(io, context);
      const storeOf = (type: { readonly kind: string }): ReleaseStore =>
        type.kind === 'Secret' ? stores.secret : stores.configmap;
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
  const { to } = flags;
  if (to !== 'secret' && to !== 'configmap') {
    throw new PintleError('usage', `invalid argument "${to ?? ''}" for "--to" flag`, {
      hint: 'use secret or configmap',
    });
  }
  const moved = await withSession(
    io,
    flags,
    { access: 'write', command: 'pintle release migrate' },
    async ({ context }) => {
      const stores = await storesOf(io, context);
      const from = to === 'secret' ? stores.configmap : stores.secret;
      return await migrateRecords({ name, from, to: stores[to] });
    },
  );
  io.stdout(moved.length === 0 ? 'Nothing to move.\n' : moved.map((each) => `moved ${each}\n`).join(''));
}
