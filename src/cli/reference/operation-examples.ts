/** Examples of running a broker, and of the command line itself. */
import type { Examples } from './example.ts';

export const operationExamples: Examples = {
  serve: [
    'hyperloom serve',
    ['hyperloom serve --listen 127.0.0.1:0 --data /var/lib/hyperloom', 'on a free port, which it prints'],
    ['hyperloom serve --journal memory', 'nothing survives'],
  ],
  status: [
    'hyperloom status',
    ['hyperloom status --hash --json | jq -r .stateHash', 'equal wherever the state is'],
  ],
  meter: ['hyperloom meter', 'hyperloom meter --agent writer --tree session_1'],
  'forest list': ['hyperloom forest list'],
  'forest create': ['hyperloom forest create research'],
  'forest delete': ['hyperloom forest delete research --yes'],
  'forest move': [
    [
      'hyperloom forest move default ./hyperloom-data nats://nats-1,nats-2,nats-3',
      'from one broker, which is stopped, to several',
    ],
    ['hyperloom forest move default nats://nats-1,nats-2,nats-3 ./hyperloom-data', 'and back'],
  ],
  backup: [
    'hyperloom backup default.backup',
    ['hyperloom backup - | ssh vault "cat > default.backup"', 'to standard output'],
    ['hyperloom backup default.backup --extend', 'with all that came since, for points in time'],
    ['hyperloom backup default.backup --follow', 'and what comes, until Ctrl-C'],
  ],
  restore: [
    ['hyperloom --forest copied restore default.backup', 'a new forest of it'],
    [
      'hyperloom --forest before restore ./old-data --from default --at-revision 1200',
      'out of the folder of a broker that is stopped',
    ],
    ['hyperloom --forest before restore default.backup --at-revision 1200', 'out of a backup with a tail'],
    ['hyperloom restore ./old-data --at-time 2026-11-22T09:30:00Z', 'a point in time'],
  ],
  verify: [
    ['hyperloom verify ./hyperloom-data', 'of a broker that is stopped'],
    ['hyperloom verify default.backup --json | jq .damages', 'exit code 13 where there are any'],
    ['hyperloom verify nats://nats-1,nats-2,nats-3', 'what brokers share, while they work on'],
  ],
  compact: [['hyperloom compact', 'only the newest revision stays readable'], 'hyperloom compact 1000'],
  'profile add': [
    'hyperloom profile add team --address broker.internal:7400 --forest research --use',
    ['hyperloom profile add far --address https://broker.example:443 --ca-file ca.pem', 'over TLS'],
  ],
  'profile ls': ['hyperloom profile ls'],
  'profile use': ['hyperloom profile use team', ['hyperloom profile use --none', 'as without any']],
  'profile show': [['hyperloom --profile team profile show', 'what would be in force, and why']],
  'profile rm': ['hyperloom profile rm team'],
  'completion bash': [
    ['source <(hyperloom completion bash)', 'for this shell; for all of them: into ~/.bashrc'],
  ],
  'completion zsh': [['hyperloom completion zsh > "${fpath[1]}/_hyperloom"', 'then begin a new shell']],
  'completion fish': ['hyperloom completion fish > ~/.config/fish/completions/hyperloom.fish'],
  top: [
    ['hyperloom top', 'until Ctrl-C'],
    ['hyperloom top --every 5s --count 12 | jq .forests', 'a JSON line every five seconds, for a minute'],
  ],
  bench: [
    'hyperloom bench',
    ['hyperloom bench put get --operations 50000 --in-flight 256', 'two of the cases, longer'],
  ],
  demo: [
    ['hyperloom demo', 'then open the address that it tells in a browser'],
    ['hyperloom demo --exit', 'ends after its table'],
  ],
  mcp: [
    ['hyperloom mcp --read-only', 'as an MCP client is told to start it'],
    ['hyperloom --forest research --author claude mcp', 'in a forest of its own, under a name'],
  ],
};
