/** Lets callers in, before anything of a call but its headers is looked at. */
import { anybody, stranger } from '../../access/caller.ts';
import type { Caller, CertificateNames } from '../../access/caller.ts';
import type { Gatekeeper } from '../../access/gatekeeper.ts';
import { NotAdmitted } from '../../access/refusals.ts';
import type { Rejection } from '../../state/outcome.ts';
import { Refused } from '../errors.ts';

/** What a call shows before its first message. */
export interface Visitor {
  /** The method's full name, or the path of something else that is served. */
  readonly method: string;
  readonly authorization: string | undefined;
  readonly certificate: CertificateNames | undefined;
  /** `address:port`. */
  readonly peer: string;
}

/** Says who comes in; throws or rejects with `Refused`. */
export type Door = (visitor: Visitor) => Caller | Promise<Caller>;

/** For brokers that ask nobody who they are. */
export const openDoor: Door = () => anybody;

export interface GuardedDoorOptions {
  readonly gatekeeper: Gatekeeper;
  /** What needs no credentials. */
  readonly isPublic: (method: string) => boolean;
  readonly onRefused: (visitor: Visitor, rejection: Rejection) => void;
}

export function guardedDoor({ gatekeeper, isPublic, onRefused }: GuardedDoorOptions): Door {
  const refuse = (visitor: Visitor, error: unknown): never => {
    if (!(error instanceof NotAdmitted)) throw error;
    onRefused(visitor, error.rejection);
    throw new Refused(error.rejection);
  };
  return (visitor) => {
    if (isPublic(visitor.method)) return stranger;
    try {
      const caller = gatekeeper.admit(visitor.authorization, visitor.certificate);
      return caller instanceof Promise ? caller.catch((error: unknown) => refuse(visitor, error)) : caller;
    } catch (error) {
      return refuse(visitor, error);
    }
  };
}
