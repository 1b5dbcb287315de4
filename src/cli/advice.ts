/** What to do about a refusal, where one of the commands helps. By the reason alone: each holds whatever was refused. */

const adviceByReason: ReadonlyMap<string, string> = new Map([
  ['FOREST_NOT_FOUND', '"hyperloom forest ls" lists those that are there'],
  ['FOREST_EXISTS', 'choose another name: "hyperloom forest ls" lists those that are taken'],
  ['GHOST_NOT_FOUND', '"hyperloom ghost ls" lists those that live'],
  ['GHOST_OVER', '"hyperloom ghost show ID" tells what became of it'],
  ['CHECKPOINT_NOT_FOUND', '"hyperloom ghost show ID" lists its checkpoints'],
  ['REVIEWER_NOT_FOUND', '"hyperloom ghost show ID" lists its gates'],
  ['GATE_LIMIT', '"hyperloom ghost show ID" lists its gates'],
  ['LEASE_NOT_FOUND', '"hyperloom lease ls" lists those that live'],
  ['LOCK_NOT_FOUND', '"hyperloom lock ls" lists those that are held or waited for'],
  ['LOCKED', '"hyperloom lock ls" shows who holds what'],
  [
    'STALE_FENCING_TOKEN',
    'take the lock again with "hyperloom lock acquire", and look at what was written since',
  ],
  ['SCHEMA_NOT_FOUND', '"hyperloom schema ls" lists those that are there'],
  [
    'UNBOUND_PATH',
    '"hyperloom schema ls" lists what may be where; "hyperloom schema strict off" lets anything be elsewhere',
  ],
  ['BACKUP_DAMAGED', '"hyperloom verify FILE" says what is wrong with it'],
  [
    'CREDENTIALS_MISSING',
    'show a token with --token-file or HYPERLOOM_TOKEN, or a certificate with --cert-file and --key-file',
  ],
  ['CREDENTIALS_EXPIRED', 'show a newer one with --token-file, or HYPERLOOM_TOKEN'],
]);

/** Empty where there is none. */
export function adviceOn(reason: string): string {
  return adviceByReason.get(reason) ?? '';
}

/** Reasons that there is advice on. */
export function advisedReasons(): readonly string[] {
  return [...adviceByReason.keys()];
}
