/** Examples of reading and writing. */
import type { Examples } from './example.ts';

export const dataExamples: Examples = {
  'token create': [
    ['hyperloom token create planner --quiet > planner.token', 'a token that ends in 90 days'],
    ['hyperloom token create ci --expires 12h --group builders', 'one for groups and a day'],
  ],
  'token list': ['hyperloom token list'],
  'token rotate': [['hyperloom token rotate 7v3k9m2xqa --grace 1h', 'both are taken for an hour']],
  'token revoke': ['hyperloom token revoke 7v3k9m2xqa'],
  get: [
    'hyperloom get /session_1/task',
    ['hyperloom get /session_1/task --at 12', 'as it was at revision 12'],
    ['hyperloom get /session_1/plan --raw > plan.json', "the value's exact bytes"],
  ],
  ls: ['hyperloom ls /session_1', ['hyperloom ls /session_1 --json | jq -r .path', 'the paths alone']],
  tree: [
    'hyperloom tree /session_1',
    ['hyperloom tree / --depth 2', 'all sessions, and what is directly in them'],
    ['hyperloom --no-json --color always tree | less -R', 'as on a terminal, in a pager'],
  ],
  search: [
    "hyperloom search 'key space' --path /session_1",
    ['hyperloom search plan --in paths', 'by their names'],
  ],
  put: [
    "hyperloom put /session_1/task 'compare three databases'",
    [`hyperloom put /session_1/plan '{"steps": [1, 2]}' --json-value`, 'JSON; its exact bytes are kept'],
    ['hyperloom put /session_1/report @report.md --label draft', 'what is in a file'],
    ['hyperloom put /session_1/lock mine --if-absent || echo taken', 'only if nobody was quicker'],
  ],
  append: [
    "hyperloom append /session_1/notes 'etcd keeps one sorted key space. '",
    [`hyperloom append /session_1/findings '[{"claim": "fast"}]' --json-value`, 'items of a JSON array'],
    ['tail -n 20 build.log | hyperloom append /session_1/log -', 'from standard input'],
  ],
  merge: [`hyperloom merge /session_1/plan '{"budget": 12, "owner": null}'`],
  increment: ['hyperloom increment /session_1/turns', 'hyperloom increment /session_1/credit -- -5'],
  delete: [
    'hyperloom delete /session_1/drafts',
    ['hyperloom delete /session_1/drafts --node', 'its own value; what is below it stays'],
  ],
  copy: [
    'hyperloom copy /session_1/plan /session_2/plan',
    ['hyperloom copy /session_1 /session_1 --at 40', 'a whole tree as it was'],
  ],
  watch: [
    "hyperloom watch '/session_1/**'",
    ["hyperloom watch '/session_1/**' --snapshot | jq .", 'what is there, and then what changes'],
    ["hyperloom watch '/*/task' --from 100", 'first what happened since revision 100'],
  ],
  render: [
    "hyperloom render '/session_1/**' --budget 2000",
    ["hyperloom render '/session_1/notes/**' --raw > prompt.txt", 'the text alone'],
  ],
  'schema ls': ['hyperloom schema ls'],
  'schema push': [
    ['hyperloom schema push research.binpb', 'written by: buf build -o research.binpb'],
    "hyperloom schema push plans.json --path '/{session}/plans/{plan}'",
    ['hyperloom schema push research.binpb --mapping rules.json --dry-run', 'only tries it'],
  ],
  'schema diff': ["hyperloom schema diff plans.json --path '/{session}/plans/{plan}'"],
  'schema pull': ['hyperloom schema pull research -o research.binpb'],
  'schema strict': [['hyperloom schema strict on', 'no value may be where no schema is about']],
};
