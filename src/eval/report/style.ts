/** The look of reports: light and dark, from a phone's width up. */
export const reportStyle = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --raised: #f5f6f8; --ink: #1c2027; --soft: #5d6673; --line: #dfe3e8;
  --accent: #2f6fd6; --warn-ground: #fff4dc; --warn-ink: #6b4a00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171c; --raised: #1d2229; --ink: #e6e9ee; --soft: #9aa4b1; --line: #313843;
    --accent: #7fabf5; --warn-ground: #3a2f12; --warn-ink: #f3d890;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
main { max-width: 1080px; margin: 0 auto; padding: 28px 20px 64px; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 40px 0 6px; }
h3 { font-size: .95rem; margin: 18px 0 6px; }
p { margin: 4px 0 12px; }
.soft { color: var(--soft); }
.small { font-size: .85rem; }
.warnings {
  margin: 16px 0; padding: 10px 14px; list-style: none; border-radius: 8px;
  background: var(--warn-ground); color: var(--warn-ink);
}
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: 8px 14px 8px 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--soft); font-size: .85rem; }
td { overflow-wrap: anywhere; }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.value { font-weight: 650; }
.note { font-weight: 400; color: var(--soft); font-size: .82rem; overflow-wrap: anywhere; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(84px, 1fr)); gap: 10px 8px; }
figure { margin: 0; min-width: 0; }
figure img {
  display: block; width: 100%; height: auto; border-radius: 4px; background: var(--raised);
  image-rendering: pixelated;
}
figcaption {
  color: var(--soft); font-size: .74rem; line-height: 1.25; margin-top: 3px; overflow: hidden;
  display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow-wrap: anywhere;
}
.strips { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 500px), 1fr)); gap: 14px; }
.strip { display: grid; gap: 6px; padding: 10px; border-radius: 8px; background: var(--raised); align-items: start; }
.strip.near { grid-template-columns: minmax(0, 1.1fr) repeat(3, minmax(0, 1fr)) 6px repeat(3, minmax(0, 1fr)); }
.strip.pair { grid-template-columns: repeat(3, minmax(0, 1fr)); }
.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr)); gap: 14px; }
.own img { outline: 2px solid var(--accent); }
.right img { outline: 2px solid #2e9e4f; }
.wrong img { outline: 2px solid #d0413a; }
.grid.scenes figcaption { -webkit-line-clamp: 4; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 440px), 1fr)); gap: 18px; }
.chart { padding: 12px; border-radius: 8px; background: var(--raised); min-width: 0; }
.chart svg { display: block; width: 100%; height: auto; }
.chart h3 { margin-top: 0; }
dl { display: grid; grid-template-columns: minmax(120px, 220px) 1fr; gap: 4px 16px; margin: 8px 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
@media (max-width: 640px) {
  main { padding: 18px 14px 48px; }
  thead { display: none; }
  tr { display: block; padding: 8px 0; border-bottom: 1px solid var(--line); }
  td { display: flex; gap: 12px; justify-content: space-between; padding: 2px 0; border: 0; }
  td.number { text-align: right; }
  td[data-label]::before { content: attr(data-label); color: var(--soft); font-weight: 400; flex: none; }
  td.name { display: block; font-weight: 600; }
  td:empty { display: none; }
  .grid { grid-template-columns: repeat(auto-fill, minmax(64px, 1fr)); }
  .strip.near { grid-template-columns: repeat(4, minmax(0, 1fr)); }
  .strip.near .gap { display: none; }
  .strip.near .pixel:nth-of-type(5) { grid-column: 2; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: 8px; }
}
`;
