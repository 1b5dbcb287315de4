/** The positions asked for were freed by `releaseBefore`, before the reading began or while it was under way. */
export class PositionsReleased extends Error {
  override readonly name = 'PositionsReleased';
  /** The oldest position that can still be read. */
  readonly firstPosition: number;

  constructor(from: number, firstPosition: number) {
    super(`positions from ${from} on were asked for, but those before ${firstPosition} were released`);
    this.firstPosition = firstPosition;
  }
}
