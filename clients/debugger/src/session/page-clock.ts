/** Time as the page has it; a test hands in another. */
export interface PageClock {
  nowMs(): number;
  after(ms: number, callback: () => void): () => void;
}
