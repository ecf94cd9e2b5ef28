import { describe, expect, it } from "vitest";
import { html, trusted } from "./html.ts";

describe("html", () => {
  it("escapes texts, in attributes too, and leaves markup alone", () => {
    const name = `<script>alert("1" & '2')</script>`;
    expect(html`<p title="${name}">${[html`<b>${1}</b>`, name, null]}</p>`.markup).toBe(
      `<p title="&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;"><b>1</b>` +
        `&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;</p>`,
    );
    expect(html`${trusted("<svg/>")}`.markup).toBe("<svg/>");
  });
});
