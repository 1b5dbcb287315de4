/**
 * Who works through a connection. What an agent has read since its last publish goes along with the next, so an agent is one record for
 * as long as it is known that calls come from the same one: by its name within a session, or by a name that it gives itself.
 */
import { mcpAgentsMax, mcpGhostsPerAgentMax } from '../base/limits.ts';
import { GhostInterruptedError, type Client, type Ghost } from '../../clients/typescript/src/index.ts';
import { BoundedMap } from './bounded-map.ts';

/** An agent in a forest, with the ghosts that it works in. */
export class WorkingAgent {
  /** Its way to the trunk. */
  readonly client: Client;
  readonly #ghosts = new BoundedMap<string, Ghost>(mcpGhostsPerAgentMax);

  constructor(client: Client) {
    this.client = client;
  }

  /**
   * Does something in a ghost, which is a sign of life for it. The handle is kept: it knows which state of the ghost this agent has seen,
   * so that a crash of the broker that took some of that is noticed, once.
   */
  async inGhost<Result>(ghostId: string, work: (ghost: Ghost) => Promise<Result>): Promise<Result> {
    const ghost = await this.#handle(ghostId);
    try {
      return await work(ghost);
    } catch (error) {
      if (error instanceof GhostInterruptedError) this.#ghosts.delete(ghostId);
      throw error;
    } finally {
      if (ghost.over) this.#ghosts.delete(ghostId);
    }
  }

  async #handle(ghostId: string): Promise<Ghost> {
    const known = this.#ghosts.get(ghostId);
    const [alive] = await this.client.keepAlive([ghostId]);
    if (known !== undefined && alive === ghostId) return known;
    const ghost = await this.client.attach(ghostId);
    this.#ghosts.set(ghostId, ghost);
    return ghost;
  }
}

/** The agents of a session, or of all callers without one that name themselves. */
export class Agents {
  readonly #agents = new BoundedMap<string, WorkingAgent>(mcpAgentsMax);
  readonly #client: () => Client;

  constructor(client: () => Client) {
    this.#client = client;
  }

  /** The agent of that name in that forest: the same one as before, if it was there before. */
  named(forest: string, author: string): WorkingAgent {
    // No forest's name has a line break.
    const key = `${forest}\n${author}`;
    const known = this.#agents.get(key);
    if (known !== undefined) return known;
    const agent = new WorkingAgent(this.#client().as({ forest, author, trackBasis: true }));
    this.#agents.set(key, agent);
    return agent;
  }

  /** One of which nobody knows what it has read before this call. */
  passing(forest: string, author: string): WorkingAgent {
    return new WorkingAgent(this.#client().as({ forest, author, trackBasis: true }));
  }
}
