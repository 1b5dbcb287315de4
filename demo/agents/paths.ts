/** Where things are in the shared tree. The Python agents have the same names in `paths.py`. */

export const root = '/release_notes';

export const paths = {
  /** What the release manager wants, and who is there to do it. */
  brief: `${root}/brief`,
  plan: `${root}/plan`,
  /** One node a task: who does it, and whether it is done. */
  task: (name: string): string => `${root}/tasks/${name}`,
  tasks: `${root}/tasks/*`,
  /** A list that grows with every finding. */
  findings: `${root}/findings`,
  /** What a finding rests on. Long, and read only by who has to check it. */
  evidence: (finding: string): string => `${root}/evidence/${finding}`,
  measurements: `${root}/measurements`,
  figures: `${root}/figures`,
  figure: (name: string): string => `${root}/figures/${name}`,
  headline: `${root}/figures/headline`,
  caption: `${root}/figures/caption`,
  draft: `${root}/draft`,
  section: (name: string): string => `${root}/draft/${name}`,
  /** A ghost to look into. Its verdict comes below it. */
  review: (name: string): string => `${root}/reviews/${name}`,
  reviews: `${root}/reviews/*`,
  verdict: (name: string): string => `${root}/reviews/${name}/verdict`,
  verdicts: `${root}/reviews/*/verdict`,
  /** What each agent waits for when it has nothing to do for now. */
  agent: (name: string): string => `${root}/agents/${name}`,
  agents: `${root}/agents/*`,
  facts: `${root}/milestones/facts`,
  /** The release manager's word that the notes may be finished. */
  go: `${root}/go`,
  approval: `${root}/approval`,
  final: `${root}/final`,
} as const;
