/** The one error that says: this machine cannot have that, and why. Callers skip or fail, as they were told to. */
export class LabUnavailable extends Error {
  override readonly name = 'LabUnavailable';
}
