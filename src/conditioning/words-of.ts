/** English articles say nothing about a picture, and "a" alone would be read as the letter. */
const ARTICLES = new Set(["a", "an", "the"]);

/**
 * The words of a text in a form that spelling habits do not change: lower case, without accents,
 * punctuation, possessive 's or articles. "The Cat’s café!" gives `cat`, `cafe`.
 *
 * An article stays where there is nothing else: "A" is the letter.
 */
export function wordsOf(text: string): string[] {
  const plain = text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .normalize("NFC")
    .replace(/['’ʼ]s(?![\p{L}\p{M}\p{N}])/gu, "")
    .replace(/['’ʼ]/gu, "");
  const words = plain.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  const telling = words.filter((word) => !ARTICLES.has(word));
  return telling.length > 0 ? telling : [...words];
}

/** Other numbers of a word, likeliest first: `berries` gives `berrie`, `berri`, `berry`, … */
export function inflections(word: string): string[] {
  return [
    word.replace(/s$/, ""),
    word.replace(/es$/, ""),
    word.replace(/ies$/, "y"),
    `${word}s`,
    `${word}es`,
    word.replace(/y$/, "ies"),
  ].filter((form) => form !== word && form !== "");
}
