/** The caller has asked for something that does not go together: the message says what. */
export class WrongUse extends Error {
  override readonly name = 'WrongUse';
}

/** Runs what builds a request out of a caller's values, and tells what cannot be built as the caller's mistake. */
export function asUse<Result>(build: () => Result): Result {
  try {
    return build();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw new WrongUse(error.message);
    throw error;
  }
}
