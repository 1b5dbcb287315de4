/** Examples of ghosts, locks and leases. */
import type { Examples } from './example.ts';

export const ghostExamples: Examples = {
  'ghost begin': [
    ['ghost=$(hyperloom ghost begin --quiet --scope /session_1)', 'then: hyperloom put … --ghost "$ghost"'],
    [
      'hyperloom ghost begin --gate-reviewer editor --label chapter',
      'nothing of it counts before the editor says so',
    ],
    ['hyperloom ghost begin --race summary', 'of several, the first that is committed wins'],
  ],
  'ghost checkpoint': ['hyperloom ghost checkpoint "$ghost" planned'],
  'ghost rewind': ['hyperloom ghost rewind "$ghost" --checkpoint planned --reason \'the figures are wrong\''],
  'ghost commit': [
    'hyperloom ghost commit "$ghost"',
    ['hyperloom ghost commit "$ghost" --wait 10s', 'for its reviewers'],
  ],
  'ghost revert': ['hyperloom ghost revert "$ghost" --reason \'a dead end\''],
  'ghost list': ['hyperloom ghost list', 'hyperloom ghost list --state reverted --limit 10'],
  'ghost show': ['hyperloom ghost show "$ghost"'],
  'ghost keep': [['hyperloom ghost keep "$ghost" --every 30s', 'until Ctrl-C']],
  'ghost review ls': ['hyperloom ghost review ls --reviewer editor'],
  'ghost review approve': ['hyperloom ghost review approve "$ghost" --reason \'short and right\''],
  'ghost review reject': ['hyperloom ghost review reject "$ghost" --reason \'no sources\''],
  'lock ls': [
    ['hyperloom lock ls', 'who waits stands below whom it waits for'],
    'hyperloom lock ls --path /session_1',
  ],
  'lock acquire': [
    ['hyperloom lock acquire /session_1/plan -- ./plan.sh', 'holds it as long as the command runs'],
    ['hyperloom lock acquire /session_1/plan --no-wait || echo busy', 'until Ctrl-C, or not at all'],
    [
      'hyperloom lock acquire /session_1/notes /session_1/task --mode shared --lease "$lease"',
      'held as long as the lease',
    ],
  ],
  'lock release': [
    'hyperloom lock release "$lock" --lease "$lease"',
    ['hyperloom lock release "$lock" --force', 'from whoever holds it'],
  ],
  'lease ls': ['hyperloom lease ls'],
  'lease grant': ['lease=$(hyperloom lease grant --quiet --ttl 5m)'],
  'lease end': ['hyperloom lease end "$lease"'],
};
