/** Mistakes that only several brokers can make, each one change of the broker's source: the run must find them. */
import type { Mutant } from '../../simulation/mutant.ts';

export interface ReplicaMutant extends Pick<Mutant, 'name' | 'what' | 'file' | 'from' | 'to'> {
  /** Promises of which one must be found broken, by their names here. */
  readonly breaks: readonly string[];
}

export const replicaMutants: readonly ReplicaMutant[] = [
  {
    name: 'stale-read',
    what: 'a read that must be linearizable shows what this broker happens to have seen',
    breaks: ['linearizable', 'strictly serializable'],
    file: 'src/rpc/replicas/needs.ts',
    from: "view.consistency.case === 'atLeastRevision' ? Number(view.consistency.value) : newest",
    to: "view.consistency.case === 'atLeastRevision' ? Number(view.consistency.value) : 0",
  },
  {
    name: 'lost-write',
    what: 'brokers leave out one entry of others in forty',
    breaks: ['durable', 'linearizable', 'deterministic', 'no bug', 'live'],
    file: 'src/sequencer/agreed/agreed-writes.ts',
    from: 'if (this.#table.take(entry.replica, entry.number))',
    to: 'if (this.#table.take(entry.replica, entry.number) && (entry.replica === this.#options.replica || sequence % 40 !== 0))',
  },
];
