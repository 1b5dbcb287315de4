/** How a broker finds out who calls, and keeps strangers out. */
import type { Gatekeeper } from './access/gatekeeper.ts';
import { anybody, type Caller } from './access/caller.ts';
import { unlimitedForest, type ForestQuota } from './access/quota.ts';
import type { Clock } from './base/clock.ts';
import type { Settings } from './config.ts';
import { Health as HealthService } from './gen/grpc/health/v1/health_pb.ts';
import type { Logger } from './log.ts';
import { AuditLog } from './rpc/access/audit-log.ts';
import { noAudit, type AuditSink } from './rpc/access/audit-sink.ts';
import { guardedDoor, openDoor, type Door } from './rpc/access/door.ts';
import { guarded, type GuardOptions } from './rpc/access/guard.ts';
import { needAll } from './rpc/access/need.ts';
import { Refused } from './rpc/errors.ts';
import { NotAdmitted } from './access/refusals.ts';
import type { Method } from './rpc/transport.ts';
import type { Forests } from './sequencer/forest.ts';

/** What the rest of the broker knows of it. */
export interface BrokerAccess {
  readonly isOpen: boolean;
  readonly door: Door;
  readonly audit: AuditSink;
  /** Methods behind the rules for them; and `behind` what they must have seen, where other brokers write too. */
  guard(methods: readonly Method[], behind: GuardOptions['behind']): readonly Method[];
  /** The same caller by what is in force now; rejects with `Refused`. */
  renew(caller: Caller): Promise<Caller>;
  /** Throws `Refused` for who may not see how the broker is. */
  needOperator(caller: Caller): void;
  issuers(): readonly string[];
  /** What a forest may grow to, as of now. */
  forestQuota(forest: string): ForestQuota;
  close(): Promise<void>;
}

/** For brokers that ask nobody who they are. */
const open: BrokerAccess = {
  isOpen: true,
  door: openDoor,
  audit: noAudit,
  guard: (methods, behind) => behind?.(methods) ?? methods,
  renew: () => Promise.resolve(anybody),
  needOperator: () => undefined,
  issuers: () => [],
  forestQuota: () => unlimitedForest,
  close: () => Promise.resolve(),
};

export interface BrokerAccessOptions {
  readonly settings: Settings;
  readonly forests: Forests;
  readonly clock: Clock;
  readonly log: Logger;
}

export async function openBrokerAccess({
  settings,
  forests,
  clock,
  log,
}: BrokerAccessOptions): Promise<BrokerAccess> {
  if (settings.access === null) return open;
  // Most brokers need neither YAML nor what checks tokens, and start faster without.
  const { openAccess } = await import('./access/access-files.ts');
  const watched = await openAccess({
    ...settings.access,
    clock,
    onReload: () => log.info('the rules of access have changed and are in force'),
    onFailure: (error) =>
      log.error('the rules of access cannot be read; those before stay in force', {
        error: error instanceof Error ? error.message : String(error),
      }),
  });
  const { gatekeeper } = watched;
  const audit = new AuditLog({
    forests,
    clock,
    rule: () => gatekeeper.audit,
    onFailure: (reason) => log.error('the audit log could not be written', { reason }),
  });
  const isPublic = (method: string): boolean => method.startsWith(`/${HealthService.typeName}/`);
  return {
    isOpen: false,
    door: guardedDoor({
      gatekeeper,
      isPublic,
      onRefused: (visitor, rejection) => audit.notAdmitted(visitor, rejection),
    }),
    audit,
    guard: (methods, behind) => guarded(methods, { gatekeeper, forests, clock, audit, behind }),
    renew: (caller) => renewed(gatekeeper, caller),
    needOperator: (caller) => needAll(caller, 'admin', '', []),
    issuers: () => gatekeeper.issuers,
    forestQuota: (forest) => gatekeeper.forestQuota(forest),
    async close() {
      watched.close();
      await audit.close();
    },
  };
}

async function renewed(gatekeeper: Gatekeeper, caller: Caller): Promise<Caller> {
  try {
    return await gatekeeper.renew(caller);
  } catch (error) {
    throw error instanceof NotAdmitted ? new Refused(error.rejection) : error;
  }
}
