/** The last sentence of the engine's message, without the places in its source. */
export function plainReason(message: string): string {
  const words = message
    .split(/ was false\. /)
    .at(-1)!
    .split("\n")[0]!;
  return words.trim().replace(/\.$/, "");
}
