/** Why a run cannot be exported or played as it was asked for, in words for whoever asked. */
export class RunProblem extends Error {
  override readonly name = 'RunProblem';
}
