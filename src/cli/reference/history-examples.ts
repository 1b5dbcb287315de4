/** Examples of looking back, and of runs in files. */
import type { Examples } from './example.ts';

export const historyExamples: Examples = {
  log: [
    'hyperloom log --path /session_1',
    ['hyperloom log --ghosts --limit 100', 'what happened in ghosts, too'],
    [
      'hyperloom log --json --limit 1000 | jq -r \'select(.author == "writer") | .label\'',
      'what one agent did',
    ],
  ],
  diff: [
    ['hyperloom diff 10 12', 'two revisions'],
    ['hyperloom diff 10 --path /session_1', 'one and the newest'],
    ['hyperloom diff --ghost "$ghost"', 'what a commit would bring'],
  ],
  blame: ['hyperloom blame /session_1/notes', 'hyperloom blame /session_1 --depth 3'],
  trace: [
    ['hyperloom trace /session_1/summary', 'what its author was looking at'],
    ['hyperloom trace 12 --downstream', 'who has used what revision 12 wrote'],
  ],
  revert: [
    "hyperloom revert 12 --reason 'the source is wrong'",
    ['hyperloom revert 12 --cascade report', 'what would go with it; changes nothing'],
  ],
  export: [
    'hyperloom export /session_1 session_1.jsonl.gz',
    [
      "hyperloom export /session_1 run.jsonl --mistake '12=invented a source'",
      'for "replay --revert-mistakes"',
    ],
  ],
  import: [
    'hyperloom import session_1.jsonl.gz --as /session_1_again',
    ['hyperloom --forest other import session_1.jsonl.gz', 'into another forest'],
    [
      'hyperloom import checkpoints.sqlite --dry-run',
      "LangGraph's threads, or sessions of the OpenAI Agents SDK: first a look",
    ],
    ['hyperloom import checkpoints.sqlite', 'graphs go on with them by HyperloomSaver'],
    [
      'hyperloom import postgresql://me@db.internal/agents --as /production',
      'out of PostgreSQL, below a root',
    ],
  ],
  replay: [
    'hyperloom --forest replayed replay session_1.jsonl.gz',
    ['hyperloom replay run.jsonl --speed 10', 'ten times as fast as it happened'],
  ],
};
