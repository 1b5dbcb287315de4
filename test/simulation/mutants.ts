/**
 * Mistakes that the simulator must find: each is one change of the broker's source, made while it is loaded and nowhere else.
 * A mutant whose text is not found (the source has moved on) fails the run, so that the list stays true.
 */

export interface Mutant {
  readonly name: string;
  /** What would be wrong, in a few words. */
  readonly what: string;
  /** Which guarantee is expected to break, as `checks.ts` names it; several where the first seed decides. */
  readonly breaks: readonly string[];
  /** Source file, from the project's root. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const mutants: readonly Mutant[] = [
  {
    name: 'skipped-sync',
    what: 'a batch counts as durable once it is written, synced or not',
    breaks: ['durable', 'strictly serializable', 'exactly once', 'isolated', 'subscriptions', 'no bug'],
    file: 'src/journal/embedded/segments.ts',
    from: 'await writeFully(file, batch.bytes, start);\n    await file.datasync();',
    to: 'await writeFully(file, batch.bytes, start);',
  },
  {
    name: 'premature-reply',
    what: 'a write is answered before it is durable',
    breaks: ['durable', 'strictly serializable', 'exactly once', 'isolated', 'subscriptions', 'no bug'],
    file: 'src/sequencer/write-path.ts',
    from: 'const durable = (isAtOnce && !isFenced) || this.#journal.durablePosition >= state.position;',
    to: 'const durable = true;',
  },
  {
    name: 'early-view',
    what: 'reads see a write before it is durable',
    breaks: ['subscriptions', 'strictly serializable', 'durable', 'atomic', 'no bug'],
    file: 'src/sequencer/write-path.ts',
    from: '    this.#listener.onApplied(command, applied);\n',
    to: '    this.#view = { root: state.root, revision: state.revision, position: this.#view.position };\n    this.#listener.onApplied(command, applied);\n',
  },
  {
    name: 'resume-off-by-one',
    what: 'a subscriber that resumes misses the next event',
    breaks: ['subscriptions'],
    file: 'src/subscriptions/subscriber.ts',
    from: 'this.#cursor = found;',
    to: 'this.#cursor = found + 1;',
  },
  {
    name: 'resume-repeats',
    what: 'a subscriber that resumes gets the last event again',
    breaks: ['subscriptions'],
    file: 'src/subscriptions/subscriber.ts',
    from: 'this.#cursor = start.position;',
    to: 'this.#cursor = start.position - 1;',
  },
  {
    name: 'lost-backlog',
    what: 'a slow subscriber that falls behind skips to the newest event',
    breaks: ['subscriptions'],
    file: 'src/subscriptions/subscriber.ts',
    from: 'this.#cursor = Math.max(this.#cursor, this.#blockedAt);',
    to: 'this.#cursor = this.#source.view().position;',
  },
  {
    name: 'lost-conflict',
    what: 'a commit overwrites what others put since its base',
    breaks: ['isolated'],
    file: 'src/state/rebase.ts',
    from: "if (!sameValue(before, now)) add(operation.path, 'value', 'both put a value here');",
    to: '',
  },
  {
    name: 'forgotten-request',
    what: 'a request id is remembered for writes that are refused only',
    breaks: ['no bug', 'exactly once'],
    file: 'src/state/apply.ts',
    from: '    state.requests.remember({ ...request,',
    to: '    if (rejected) state.requests.remember({ ...request,',
  },
  {
    name: 'requests-not-in-snapshots',
    what: 'a restart from a snapshot forgets the request ids in it',
    breaks: ['no bug', 'exactly once', 'deterministic', 'strictly serializable'],
    file: 'src/codec/snapshot-decoder.ts',
    from: 'this.#state.requests.remember(request);',
    to: '',
  },
  {
    name: 'rewind-keeps-diffs',
    what: 'a return to a checkpoint changes the view, but not what will be committed',
    breaks: ['isolated', 'deterministic', 'no bug'],
    file: 'src/state/ghosts.ts',
    from: '  ghost.staged = target?.staged ?? null;\n',
    to: '',
  },
  {
    name: 'ghost-reads-trunk',
    what: 'a read in a ghost shows the trunk',
    breaks: ['no bug'],
    file: 'src/sequencer/live-forest.ts',
    from: 'return liveGhost(this.#state, ghostId);',
    to: 'const ghost = liveGhost(this.#state, ghostId);\n    return "reason" in ghost ? ghost : { ...ghost, root: this.#writes.view.root };',
  },
  {
    name: 'immortal-ghosts',
    what: 'a ghost whose owner vanished stays for ever',
    breaks: ['no bug', 'bounded'],
    file: 'src/sequencer/timekeeper.ts',
    from: 'const isOver = watched.deadlineMs <= nowMs;',
    to: 'const isOver = false;',
  },
  {
    name: 'half-a-diff',
    what: 'the first operation of a diff is shown to subscribers without the rest',
    breaks: ['strictly serializable', 'subscriptions', 'atomic'],
    file: 'src/state/describe.ts',
    from: 'return operations.map((operation) => {',
    to: 'return operations.slice(0, 1).map((operation) => {',
  },
  {
    name: 'commit-loses-a-diff',
    what: 'a commit leaves out the newest staged diff',
    breaks: ['isolated', 'no bug'],
    file: 'src/state/commit.ts',
    from: 'const diffs = stagedDiffs(ghost.staged);',
    to: 'const diffs = stagedDiffs(ghost.staged).slice(0, Math.max(1, (ghost.staged?.diffs ?? 0) - 1));',
  },
  {
    name: 'bookmark-ahead',
    what: 'a bookmark promises one revision more than was sent',
    breaks: ['subscriptions'],
    file: 'src/subscriptions/subscriber.ts',
    from: 'this.#receiver.bookmark(view.revision, position)',
    to: 'this.#receiver.bookmark(view.revision + 1, position)',
  },
  {
    name: 'stream-out-of-order',
    what: 'outcomes of a stream come in the order in which they settle',
    breaks: ['live', 'durable', 'exactly once'],
    file: 'src/rpc/services/publish-stream.ts',
    from: 'if (number !== this.#told) {',
    to: 'if (number < this.#told) {',
  },
  {
    name: 'unfenced',
    what: 'writes without a token pass through locks of others',
    breaks: ['fenced'],
    file: 'src/state/fencing.ts',
    from: 'if (state.locks.held === 0) return null;',
    to: 'return null;',
  },
  {
    name: 'stale-token-taken',
    what: 'a token that is not the latest any more counts as none',
    breaks: ['fenced', 'no bug'],
    file: 'src/state/fencing.ts',
    from: 'if (lock === undefined) return stale(state, token, operations);',
    to: 'if (lock === undefined) continue;',
  },
];
