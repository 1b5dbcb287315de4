/** What `speculate` and `race` throw when nothing was accepted. */

/** Every attempt of a `speculate` was refused; nothing of them reached the trunk. */
export class SpeculationFailed extends Error {
  override readonly name = 'SpeculationFailed';
  /** Why each attempt was refused, oldest first. */
  readonly reasons: readonly string[];

  constructor(reasons: readonly string[], cause?: unknown) {
    super(`all ${reasons.length} attempts were refused; the last: ${reasons.at(-1) ?? ''}`, { cause });
    this.reasons = reasons;
  }
}

/** No alternative of a `race` was accepted; nothing of them reached the trunk. */
export class RaceFailed extends Error {
  override readonly name = 'RaceFailed';
  /** What ended each alternative, in their order: what its work threw, or {@link SpeculationFailed} with the reasons of its attempts. */
  readonly errors: readonly unknown[];

  constructor(errors: readonly unknown[]) {
    const last = errors.at(-1);
    const text = last instanceof Error ? last.message : String(last);
    super(`none of ${errors.length} alternatives was accepted; the last: ${text}`, { cause: last });
    this.errors = errors;
  }
}
