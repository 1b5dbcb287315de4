/**
 * Odd inputs that are taken, each with the reason: what the comments of the proto allow, or what Protobuf itself makes of it. Everything
 * that no rule here names must be refused; and a rule that nothing needs any more fails the test.
 */
import type { Input } from './inputs.ts';

export interface Legal {
  /** `Method.field`, with indexes of lists left out. */
  readonly field: RegExp;
  readonly kinds: RegExp;
  readonly why: string;
}

const oddTexts = '(a name that nobody has|a space|NUL|a line break|__proto__)';

export const legal: readonly Legal[] = [
  // The message as a whole.
  { field: /^\w+\.$/, kinds: /^a field that is not known$/, why: 'a client of a newer version may send it' },
  {
    field: /^\w+\.$/,
    kinds: /^a length of 2\^63$/,
    why: 'the Protobuf decoder takes lengths modulo 2^32, which makes it an empty field that is not known',
  },
  {
    field:
      /^(List|BeginGhost|ListGhosts|History|GrantLease|ListLeases|InspectLocks|ListReviews|SubscribeReviews|ListForests|ListSchemas|Compact|Backup|GetStatus)\.$/,
    kinds: /^empty message$/,
    why: 'every field has a default',
  },
  {
    field: /^(List|KeepAlive|BeginGhost|Subscribe|GrantLease|AcquireLock)\.$/,
    kinds: /^cut off after/,
    why: 'what is left is a whole message: the cut fell between two fields',
  },
  // What Protobuf itself says.
  {
    field: /\.(nanos|page_size|depth|hops|attempts_max)$/,
    kinds: /^more than 32 bits$/,
    why: 'Protobuf takes the low 32 bits',
  },
  { field: /./, kinds: /^neither 0 nor 1$/, why: 'Protobuf takes any varint but 0 for true' },
  { field: /\.null_value$/, kinds: /./, why: 'null has one value only, whatever number it is written with' },
  {
    field: /\.struct_value\.fields$/,
    kinds: /^(the same key twice|an entry without a key)$/,
    why: 'Protobuf takes the last one, and an absent key for the empty one',
  },
  // Fields that may be left out: their comments name the default.
  {
    field:
      /\.(operations\.delete\.scope|extent|detail|form|order|scope|state|isolation|target|direction|cascade)$/,
    kinds: /^(absent|unspecified, said)$/,
    why: 'unspecified has a default',
  },
  {
    field:
      /\.(basis|migration|pins|preconditions|more|gates|race|attempts_max|view|at_revision|linearizable|stale|at_least_revision|ttl|wait|delay|lock_wait|bookmark_interval|ghost_ids|lease_ids|from_revision|to_revision|snapshot|now|trunk|everything|revision|path|depth|hops|ghost_diff|fields|values|value|label|author)$/,
    kinds: /^absent$/,
    why: 'it has a default; of ids to keep alive one kind is enough; of starts and scopes the default is told in the proto',
  },
  {
    field: /\.merge\.(message|mask)$/,
    kinds: /^absent$/,
    why: 'a patch is in JSON or a message, and only a message may have a mask',
  },
  {
    field: /\.(seconds|nanos)$/,
    kinds: /^absent$/,
    why: 'the other half of the duration is enough, or no time at all is',
  },
  {
    field:
      /\.(view|values|linearizable|stale|snapshot|now|trunk|everything|delete|lock_wait|wait|delay|struct_value|list_value|revisions)$/,
    kinds: /^empty$/,
    why: 'it is empty by its nature, or all of it has defaults',
  },
  {
    field: /^Backup\.(resume|resume\.position|tail)$/,
    kinds: /^(absent|empty|another wire type)$/,
    why: 'a new backup, or one of position 0, where every forest was empty; or one instead of a tail',
  },
  // Words of clients may be any Unicode text within their length.
  {
    field:
      /\.(author|agent|label|reason|request_id|reviewer|race\.id|query|type_url|put\.text|append\.text|string_value)$/,
    kinds: new RegExp(`^${oddTexts}$`),
    why: 'any text',
  },
  {
    field: /\.trace_parent$/,
    kinds: new RegExp(`^(${oddTexts}|100,000 letters)$`),
    why: 'a trace context that is malformed is passed over: tracing must not get in the way of work',
  },
  { field: /^Checkpoint\.name$/, kinds: new RegExp(`^${oddTexts}$`), why: 'any text names a checkpoint' },
  {
    field: /\.(put\.text|append\.text|string_value)$/,
    kinds: /^100,000 letters$/,
    why: 'values may be 2 MiB',
  },
  {
    field: /^(CreateForest|DeleteForest)\.name$/,
    kinds: /^a name that nobody has$/,
    why: 'CreateForest makes it, DeleteForest then finds it',
  },
  {
    field: /^(InspectLocks\.lease_id|ListReviews\.reviewer|SubscribeReviews\.reviewer)$/,
    kinds: new RegExp(`^${oddTexts}$`),
    why: 'a filter that nothing passes',
  },
  {
    field: /^KeepAlive\.(ghost|lease)_ids$/,
    kinds: /^an item: /,
    why: 'those that are not live are left out of the answer',
  },
  // Values are kept as they come.
  {
    field: /\.(put\.bytes|message\.value|append\.bytes)$/,
    kinds:
      /^(empty bytes|no JSON|not a number|invalid UTF-8|nesting of 600|a number that is no double|two values|the same key twice)$/,
    why: 'bytes are bytes, and a message is not looked into',
  },
  {
    field: /\.(put\.json|append\.items\.json|merge\.json_patch)$/,
    kinds: /^(an item: )?(a number that is no double|the same key twice)$/,
    why: 'JSON allows it, and its exact bytes are kept',
  },
  { field: /\.number_value$/, kinds: /^(-0|1\.7e\+308)$/, why: 'a double like any other' },
  {
    field: /\.items\.json$/,
    kinds: /^(too many items|the same item twice)$/,
    why: 'an append may hold 100,000 items',
  },
  {
    field: /\.list_value\.values$/,
    kinds: /^(too many items|the same item twice)$/,
    why: 'a list in a value',
  },
  {
    field: /\.put\.form_problem$/,
    kinds: /^(an unknown value|a negative value|unspecified, said)$/,
    why: 'who puts back what was read sends it along: it is ignored',
  },
  // Renderings.
  {
    field: /^RenderContext\.(parts\.priority|parts\.token_budget|format|tokenizer|token_factor)$/,
    kinds: /^(absent|unspecified, said|-0)$/,
    why: 'it has a default',
  },
  {
    field: /^RenderContext\.parts\.(priority|token_budget)$/,
    kinds: /^(the largest|more than 2\^53|negative|more than 32 bits)$/,
    why: 'priorities are compared only, and a budget beyond that of the whole bounds nothing',
  },
  // Repetition.
  {
    field: /\.(operations|preconditions|basis|gates|more|fencing_tokens|paths|patterns|ghost_ids|lease_ids)$/,
    kinds: /^the same item twice$/,
    why: 'it says the same once more, or is done twice',
  },
  // Numbers that are compared with, never counted on.
  {
    field:
      /\.(after_position|until_position|edition|parent_edition|operations_max|bytes_max|basis\.revision|subtree_unchanged_since)$/,
    kinds: /^(the largest|more than 2\^53)$/,
    why: 'as good as the largest that there is: a bound that nothing reaches, or what an agent says that it had read',
  },
  { field: /^(List|Blame)\.depth$/, kinds: /^(the largest|negative)$/, why: 'deeper than any tree' },
  {
    field: /^Revert\.fencing_tokens$/,
    kinds: /^(an item: (the largest|more than 2\^53)|another wire type)$/,
    why: 'taking back a ghost writes nothing, so no lock is asked for',
  },
  // Schemas.
  {
    field: /^ValidateSchema\.(name|definition\..*)$/,
    kinds: /./,
    why: 'to say what is wrong with a schema is what it is for: the answer tells it',
  },
  {
    field: /^ValidateSchema\.mapping(\..*)?$/,
    kinds: /./,
    why: 'to say what is wrong with a mapping is what it is for: the answer tells it',
  },
  {
    field: /^RegisterSchema\.mapping(\.messages|\.messages\.rules)?$/,
    kinds: /^(absent|empty|the same item twice)$/,
    why: 'what no rule is about keeps its name; and nothing is looked at where the version is the newest already',
  },
  {
    field: /^RegisterSchema\.mapping\..*\.(message_type|from|to|field|json|drop)$/,
    kinds: /^(__proto__|the proto of objects|a number that is no double|the same key twice)$/,
    why: 'what is not of the version before or the coming one is not looked at where the version is the newest already',
  },
  { field: /^SetUnboundPaths\.forest$/, kinds: /^absent$/, why: 'the default forest' },
  // Paths.
  {
    field: /\.(path|paths|scope|source_path)$/,
    kinds: /^(an item: )?the proto of objects$/,
    why: 'segments like any others',
  },
  {
    field: /\.(preconditions\.path|basis\.path|path|paths|scope)$/,
    kinds: /^(an item: )?the root$/,
    why: 'the root can be read, watched, asked about and worked below',
  },
  {
    field: /\.patterns$/,
    kinds: /^a star inside a segment$/,
    why: 'only a segment that begins with a star is a wildcard',
  },
];

/** The rule that lets an input of a method be taken. */
export function ruleFor(method: string, { field, kind }: Pick<Input, 'field' | 'kind'>): Legal | undefined {
  const name = `${method}.${field.replaceAll('[0]', '')}`;
  return legal.find((rule) => rule.field.test(name) && rule.kinds.test(kind));
}
