/** Why a value does not fit the schema of its path, read from the violations of a refusal. */

/** One rule that is broken, and by what. */
export interface SchemaProblem {
  /** Which operation of the diff; `undefined` where the request has none that could be named, as with a commit. */
  readonly operation: number | undefined;
  /**
   * The field in the value, such as `sources[1]`; empty: the value as a whole. Without an operation: the path, and the field behind
   * a `#`.
   */
  readonly field: string;
  /** Which rule, such as `string.min_len`. */
  readonly rule: string;
  /** What is wrong, for people. */
  readonly message: string;
}

const inOperation = /^operations\[(\d+)\]\.\w+\.(?:value|message_json)(?:\.|(?=\[)|$)(.*)$/s;

/** Reads a violation with the reason SCHEMA_VIOLATION: its description begins with the rule and a colon. */
export function readSchemaProblem(violation: {
  readonly field: string;
  readonly description: string;
}): SchemaProblem {
  const { field, description } = violation;
  const [, rule = '', message = description] = /^([^:]*): (.*)$/s.exec(description) ?? [];
  const [, operation, within = ''] = inOperation.exec(field) ?? [];
  return operation === undefined
    ? { operation, field, rule, message }
    : { operation: Number(operation), field: within, rule, message };
}
