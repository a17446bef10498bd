/** The one place of this app that reads the clock. Everything that depends on time takes it as an argument. */
export function currentTime(): Date {
  return new Date();
}
