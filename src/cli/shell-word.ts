/** A text as one word of a shell, in quotes only where they are needed. */
export function shellWord(text: string): string {
  if (/^[\p{L}\p{N}_./:@%+=,-]+$/u.test(text)) return text;
  // inside double quotes the shell still reads these four
  return `"${text.replace(/["\\$`]/g, "\\$&")}"`;
}
