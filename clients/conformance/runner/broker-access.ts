/**
 * What a scenario's broker goes by where it asks who calls: its file of access, and its tokens. Scenarios that follow one another on a
 * broker have nothing of this in common but root.
 */
import type { JsonObject } from '@bufbuild/protobuf';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { changeTokens } from '../../../src/access/token-file.ts';
import { hashOf, newToken, type StoredToken } from '../../../src/access/token.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { type Access, type Token, TokenState } from '../gen/hyperloom/conformance/v1/scenario_pb.ts';

/** Somebody who may do everything, in every broker that asks. */
const root = { name: 'root', grant: { principals: 'root', forests: '*', may: 'all' } };

/** The rules of a broker, or what changes of them. */
export interface AccessRules {
  readonly policy: JsonObject | undefined;
  readonly tokens: Access['tokens'];
}

interface Made {
  readonly id: string;
  /** What its holder shows. */
  readonly token: string;
  /** What the scenario says of it. */
  said: Token | undefined;
}

export class BrokerAccess {
  readonly #policy: string;
  readonly #tokens: string;
  readonly #made = new Map<string, Made>();
  #scenarios = 0;

  /** Keeps both in that folder. Nobody but root may do anything yet. */
  constructor(folder: string) {
    this.#policy = join(folder, 'access.json');
    this.#tokens = join(folder, 'tokens.json');
    this.#make(root.name);
    this.change({ policy: {}, tokens: {} });
  }

  /** How the broker is told of them. */
  get options(): readonly string[] {
    return ['--access', this.#policy, '--tokens', this.#tokens];
  }

  /** The tokens by their names. */
  get tokens(): ReadonlyMap<string, string> {
    return new Map([...this.#made].map(([name, { token }]) => [name, token]));
  }

  /** The token of somebody who may do everything. */
  get root(): string {
    return this.#make(root.name).token;
  }

  /** The token of somebody who may read everything as soon as the broker has taken over what the scenario began with. */
  get witness(): string {
    return this.#make(this.#witnessName).token;
  }

  /** For another scenario: what the last one gave is gone. */
  begin({ policy = {}, tokens }: AccessRules): void {
    for (const name of this.#made.keys()) if (name !== root.name) this.#made.delete(name);
    this.#scenarios += 1;
    this.#make(this.#witnessName);
    this.change({ policy, tokens });
  }

  /** What it does not name stays as it is. A broker that runs takes it over within a second or so. */
  change({ policy, tokens }: AccessRules): void {
    for (const [name, token] of Object.entries(tokens)) this.#make(name).said = token;
    this.#writeTokens();
    if (policy !== undefined) this.#writePolicy(policy);
  }

  /** Each scenario has its own, so that what the last one had cannot be taken for it. */
  get #witnessName(): string {
    return `witness-${this.#scenarios}`;
  }

  #make(name: string): Made {
    const made = this.#made.get(name) ?? { ...newToken(systemRandom), said: undefined };
    this.#made.set(name, made);
    return made;
  }

  #writePolicy({ grants = [], ...others }: JsonObject): void {
    const all = {
      version: 1,
      ...others,
      grants: [
        root.grant,
        { principals: this.#witnessName, forests: '*', may: 'read' },
        ...(Array.isArray(grants) ? grants : [grants]),
      ],
    };
    // By a rename: the broker must not read half of it.
    writeFileSync(`${this.#policy}.next`, JSON.stringify(all));
    renameSync(`${this.#policy}.next`, this.#policy);
  }

  #writeTokens(): void {
    changeTokens(this.#tokens, () => [...this.#made].flatMap(([name, made]) => stored(name, made)));
  }
}

/** None for a token that was taken back. Of whom the scenario does not speak is called as the token is. */
function stored(name: string, { id, token, said }: Made): StoredToken[] {
  if (said?.state === TokenState.REVOKED) return [];
  const { principal = name, groups = [] } = said ?? {};
  const expiresMs = said?.state === TokenState.EXPIRED ? 0 : null;
  return [{ id, principal, groups, hash: hashOf(token), label: '', createdMs: 0, expiresMs }];
}
